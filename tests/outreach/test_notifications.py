"""Residents are told once, in the app at once and by the way that reaches them, and nobody is woken for a quote."""

import ast
import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from structlog.testing import capture_logs

import app as program
from app import worker
from app.core import clock
from app.core.actors import SYSTEM
from app.core.ids import demo_id
from app.core.text import language
from app.outreach import quiet, sms
from app.outreach.notices import queries, service, templates
from app.web.run import Run
from tests.db.test_jobs import until, working
from tests.orders.bodies import a_finished_order, an_order, ok, refused, repair, schedule, step, waste
from tests.orders.visits import a_daughter, visit
from tests.outreach.working import Gateway, a_clock, do, rows, work_off

OWNER, NEIGHBOUR = (str(demo_id("resident", f"+861380000000{n}")) for n in (3, 5))
TOMORROW = date.today() + timedelta(days=1)
DELIVERIES = "SELECT channel, state, tries FROM notification_delivery ORDER BY notification_id"


@pytest.fixture
async def moved(app, database_url):
    """The worker's clock; it is ten in the morning of tomorrow until somebody says otherwise."""
    async with a_clock(app, database_url) as made:
        await made.be(clock.at(TOMORROW, 10))
        yield made


@pytest.fixture
def gateway():
    return Gateway()


@pytest.fixture
def run(app, moved, gateway):
    return Run(app.state.settings, moved.sessions, gateway.send)


async def told(person) -> list[dict]:
    return (await ok(await person.get("/v1/me/notifications")))["items"]


async def tell(run, key="key", *, urgent=False, template="order-quoted", resident=OWNER):
    params = {"number": "DD20261124-0001", "title": "装修垃圾清运", "title_en": "Waste removal"}
    await service.tell(
        run,
        resident_id=UUID(resident),
        template=template,
        params=params,
        order_id=None,
        dedup_key=key,
        urgent=urgent,
    )


@pytest.mark.parametrize("twice", [False, True], ids=["once", "run again after a crash"])
async def test_an_order_that_is_placed_is_told_once_in_the_app_and_by_message(
    app, moved, run, gateway, resident, twice
):
    order = await ok(await resident.post("/v1/orders", json=waste()), 201)

    assert await work_off(run, twice=twice) == ["orders.tell", "outreach.deliver"]

    (row,) = await told(resident)
    said = f"您的订单 {order['number']}（装修垃圾清运）已收到。"
    assert (row["title"], row["text"], row["order_number"]) == ("订单已收到", said, order["number"])
    assert (row["order_id"], row["urgent"], row["read_at"]) == (order["id"], False, None)
    params = {"number": order["number"], "title": "装修垃圾清运"}
    assert gateway.sent == [("+8613800000003", "order-placed", params)]
    assert await rows(app, DELIVERIES) == [("SMS", "SENT", 1)]


async def test_a_second_quote_is_news_again(app, moved, run, gateway, resident, manager):
    order = await an_order(resident, repair())
    line = {"label": "合页", "quantity": "3", "unit": "副", "unit_price": "35.00"}
    for _ in range(2):
        await step(manager, order, "quote", lines=[line], valid_days=15)

    await work_off(run, twice=True)

    assert [row["template"] for row in await told(resident)] == ["order-quoted", "order-quoted", "order-placed"]
    assert [template for _, template, _ in gateway.sent] == ["order-placed", "order-quoted", "order-quoted"]


async def test_an_appointment_names_its_day_in_both_languages(app, moved, run, gateway, resident, manager, crew):
    order = await an_order(resident)
    await step(manager, order, "accept")
    await schedule(manager, crew, order, ahead=3)

    await work_off(run)

    when = f"{date.today() + timedelta(days=3)} 09:00"
    chinese = (await told(resident))[0]
    english = (await ok(await resident.get("/v1/me/notifications", headers={"Accept-Language": "en"})))["items"][0]
    assert (chinese["title"], chinese["text"].partition("）")[2]) == ("已排期", f"已排期。时间：{when}。")
    assert (english["title"], english["text"].partition(") ")[2]) == ("Scheduled", f"has been scheduled. On {when}.")
    assert "{date} {time}".format(**gateway.sent[-1][2]) == when


async def test_the_one_who_orders_and_the_one_whom_it_is_for_are_both_told(app, moved, run, gateway, resident, sign_in):
    order = await an_order(resident)
    await do(app, "UPDATE service_order SET beneficiary_id = :who", who=UUID(NEIGHBOUR))

    await work_off(run, twice=True)

    assert sorted(phone for phone, _, _ in gateway.sent) == ["+8613800000003", "+8613800000005"]
    (row,) = await told(await sign_in("13800000005"))
    assert row["order_id"] == order.rpartition("/")[2]


@pytest.mark.parametrize(
    ("hour", "minute", "woken"),
    [(20, 59, None), (21, 0, 1), (23, 59, 1), (0, 0, 0), (7, 59, 0), (8, 0, None)],
)
async def test_at_night_a_message_waits_for_the_morning(app, moved, run, gateway, resident, hour, minute, woken):
    await moved.be(clock.at(TOMORROW, hour, minute))

    await tell(run)
    await work_off(run)

    assert len(await told(resident)) == 1
    if woken is None:
        assert len(gateway.sent) == 1
        return
    assert gateway.sent == []
    morning = clock.at(TOMORROW + timedelta(days=woken), 8)
    waiting = "SELECT scheduled_at FROM procrastinate_jobs WHERE status = 'todo'"
    assert await rows(app, waiting) == [(morning,)]
    await moved.be(morning - timedelta(seconds=30))
    assert await work_off(run) == []
    await moved.be(morning)
    assert await work_off(run) == ["outreach.deliver"]
    assert len(gateway.sent) == 1


async def test_what_is_urgent_goes_at_three_at_night(app, moved, run, gateway, resident):
    await moved.be(clock.at(TOMORROW, 3))

    await tell(run, urgent=True)
    await work_off(run, twice=True)

    assert [template for _, template, _ in gateway.sent] == ["order-quoted"]
    assert [row["urgent"] for row in await told(resident)] == [True]


async def test_a_message_that_comes_late_out_of_the_queue_does_not_wake_anybody(app, moved, run, gateway):
    await tell(run)
    await moved.be(clock.at(TOMORROW, 22))

    assert await work_off(run) == ["outreach.deliver"]
    assert gateway.sent == []

    await moved.be(clock.at(TOMORROW + timedelta(days=1), 8))
    await work_off(run)
    assert len(gateway.sent) == 1


@pytest.mark.parametrize(
    ("instant", "then"),
    [
        ("2026-02-28T20:59:59+08:00", "2026-02-28T20:59:59+08:00"),
        ("2026-02-28T21:00:00+08:00", "2026-03-01T08:00:00+08:00"),
        ("2026-12-31T15:30:00+00:00", "2027-01-01T08:00:00+08:00"),
        ("2027-01-01T07:59:59+08:00", "2027-01-01T08:00:00+08:00"),
        ("2027-01-01T08:00:00+08:00", "2027-01-01T08:00:00+08:00"),
    ],
)
def test_quiet_hours_end_at_eight_of_the_local_morning(instant, then):
    assert quiet.after(datetime.fromisoformat(instant)) == datetime.fromisoformat(then)


async def test_a_message_that_fails_is_tried_again_and_sent_once(app, moved, run, gateway):
    gateway.failures = 2
    await tell(run)

    for _ in range(2):
        with pytest.raises(OSError, match="out of order"):
            await work_off(run)
    assert await rows(app, DELIVERIES) == [("SMS", "FAILED", 2)]
    await work_off(run, twice=True)

    assert len(gateway.sent) == 1
    assert await rows(app, DELIVERIES) == [("SMS", "SENT", 3)]


async def test_a_message_that_is_being_sent_is_left_to_its_job_until_that_is_dead(app, moved, run, gateway):
    await tell(run)
    ((notice,),) = await rows(app, "SELECT id FROM notification")
    async with run.work() as work:
        assert await service.begin(work, notice) is not None

    with pytest.raises(service.InHand):
        await work_off(run)
    assert gateway.sent == []

    await moved.be(clock.at(TOMORROW, 10, 2))
    await work_off(run)
    assert len(gateway.sent) == 1


async def test_two_workers_with_the_same_message_send_it_once(app, moved, run, gateway):
    await tell(run)
    ((args,),) = await rows(app, "SELECT args FROM procrastinate_jobs")

    results = await asyncio.gather(
        *(worker.HANDLERS["outreach.deliver"](run, **args) for _ in range(6)), return_exceptions=True
    )

    assert len(gateway.sent) == 1
    assert {type(result) for result in results} <= {type(None), service.InHand}


async def test_without_the_mark_they_would_send_it_more_often(app, run, gateway, monkeypatch):
    async def dies(*_):
        """What becomes of a job that sends and writes nothing down."""
        raise ConnectionError

    await tell(run)
    ((args,),) = await rows(app, "SELECT args FROM procrastinate_jobs")
    monkeypatch.setattr(service, "_mark", lambda *_: None)
    monkeypatch.setattr(service, "ended", dies)

    jobs = (worker.HANDLERS["outreach.deliver"](run, **args) for _ in range(6))
    await asyncio.gather(*jobs, return_exceptions=True)

    assert len(gateway.sent) == 6


async def test_whoever_has_a_landline_only_is_called_by_somebody(app, moved, run, gateway, agent, manager):
    person = {"name": "赵守义", "phone": "0359-0000-012", "landline_only": True}
    old = await ok(await agent.post("/v1/residents", json=person), 201)
    await do(app, "UPDATE resident SET landline_only = true WHERE id = :id", id=UUID(OWNER))
    for resident in (old["id"], OWNER):
        await tell(run, resident, resident=resident)

    await work_off(run, twice=True)

    assert gateway.sent == []
    assert await rows(app, DELIVERIES) == [("CALL", "SENT", 1)] * 2
    everywhere = (await ok(await agent.get("/v1/call-tasks")))["items"]
    assert [row["phone_masked"] for row in everywhere] == ["359****0012", "138****0003"]
    assert {row["type"] for row in everywhere} == {"LANDLINE"}
    assert everywhere[0]["message"] == "您的订单 DD20261124-0001（装修垃圾清运）已报价，请确认。"
    assert everywhere[0]["due_at"].startswith(f"{TOMORROW}T14:00:")
    (at_home,) = (await ok(await manager.get("/v1/call-tasks")))["items"]
    assert at_home["phone_masked"] == "138****0003"


async def test_nobody_writes_to_the_dead_and_no_reminder_goes_to_a_hospital(
    app, moved, run, gateway, resident, neighbour
):
    await do(app, "UPDATE resident SET deceased_on = current_date WHERE id = :id", id=UUID(NEIGHBOUR))
    await do(app, "UPDATE resident SET away_since = current_date WHERE id = :id", id=UUID(OWNER))
    for template in ("order-remind", "order-rate", "order-cancelled"):
        for who in (OWNER, NEIGHBOUR):
            await tell(run, f"{template}{who}", template=template, resident=who)

    await work_off(run)

    assert [row["template"] for row in await told(resident)] == ["order-cancelled"]
    assert await told(neighbour) == []
    assert [(phone, template) for phone, template, _ in gateway.sent] == [("+8613800000003", "order-cancelled")]


async def test_whoever_dies_before_the_message_leaves_is_not_written_to(app, moved, run, gateway):
    await tell(run)
    await do(app, "UPDATE resident SET deceased_on = current_date WHERE id = :id", id=UUID(OWNER))

    await work_off(run)

    assert gateway.sent == []
    assert await rows(app, DELIVERIES) == []


async def test_a_rating_is_asked_for_once_and_only_when_the_work_is_done(run, resident, manager, crew):
    order = await a_finished_order(resident, manager, crew)
    ask, order_id = worker.HANDLERS["orders.ask_rating"], order.rpartition("/")[2]
    await ask(run, order_id=order_id)
    assert await told(resident) == []
    await step(resident, order, "confirm")

    for _ in range(2):
        await ask(run, order_id=order_id)

    assert [row["text"].partition("）")[2] for row in await told(resident)] == ["已办完，请您评价。"]


async def test_whoever_has_rated_is_not_asked(run, resident, manager, crew):
    order = await a_finished_order(resident, manager, crew)
    await step(resident, order, "confirm")
    await ok(await resident.post(f"{order}/rating", json={"score": 5}), 201)

    await worker.HANDLERS["orders.ask_rating"](run, order_id=order.rpartition("/")[2])

    assert await told(resident) == []


@pytest.mark.parametrize("what", ["away_since", "deceased_on"])
async def test_a_family_is_not_asked_to_rate_what_was_for_one_who_is_ill_or_gone(
    app, moved, run, gateway, resident, manager, crew, what
):
    order = await a_finished_order(resident, manager, crew)
    await step(resident, order, "confirm")
    await do(app, "UPDATE service_order SET beneficiary_id = :who", who=UUID(NEIGHBOUR))
    await do(app, f"UPDATE resident SET {what} = current_date WHERE id = :id", id=UUID(NEIGHBOUR))

    await worker.HANDLERS["orders.ask_rating"](run, order_id=order.rpartition("/")[2])

    assert await told(resident) == []


async def test_marks_of_what_has_been_read_are_the_readers_own(app, moved, run, resident, neighbour):
    for n in range(4):
        await tell(run, f"mine-{n}")
    await tell(run, "theirs", resident=NEIGHBOUR)
    newest_first = [row["id"] for row in await told(resident)]
    (theirs,) = await told(neighbour)
    assert (await ok(await resident.get("/v1/me/home")))["unread"] == 4

    body = {"ids": [newest_first[0], theirs["id"]]}
    assert await ok(await resident.post("/v1/me/notifications/read", json=body)) == {"unread": 3}
    first_read = (await told(resident))[0]["read_at"]
    body = {"up_to": newest_first[1]}
    assert await ok(await resident.post("/v1/me/notifications/read", json=body)) == {"unread": 0}

    assert (await told(resident))[0]["read_at"] == first_read
    assert (await ok(await neighbour.get("/v1/me/home")))["unread"] == 1


@pytest.mark.parametrize("body", [{}, {"ids": [], "up_to": None}, {"ids": [OWNER], "up_to": OWNER}])
async def test_one_says_which_ones_in_one_way(app, moved, run, resident, body):
    await tell(run)

    await refused(await resident.post("/v1/me/notifications/read", json=body), 422, "invalid")

    assert (await ok(await resident.get("/v1/me/home")))["unread"] == 1


async def test_the_list_is_paged_the_newest_first_and_goes_along_in_an_export(app, moved, run, resident):
    for n in range(3):
        await tell(run, f"mine-{n}")
    seen, cursor = [], ""
    while cursor is not None:
        page = await ok(await resident.get(f"/v1/me/notifications?limit=2{cursor}"))
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert seen == [str(row[0]) for row in await rows(app, "SELECT id FROM notification ORDER BY id DESC")]
    exported = (await ok(await resident.get("/v1/me/export")))["notifications"]
    assert [row["id"] for row in exported] == seen


async def test_nothing_personal_stands_in_a_notification_or_in_a_job(app, run, resident, manager, crew):
    await a_finished_order(resident, manager, crew)
    await work_off(run)

    kept = await rows(app, "SELECT n::text FROM notification n")
    kept += await rows(app, "SELECT args::text FROM procrastinate_jobs")
    async with run.work() as work:
        said = [row.params for row in await queries.page(work.session, SYSTEM, after=None, limit=100)]

    assert (len(said), len(kept)) == (4, 4 + 8)
    for (row,) in kept:
        assert not any(word in row for word in ("王秀英", "13800000003", "QHC-1-1-102", "已清运", "装修垃圾清运"))
    assert {name for params in said for name in params} == {"number", "title", "title_en", "date", "time"}


@pytest.mark.parametrize(("urgent", "calls"), [(True, ["LANDLINE"]), (False, [])])
async def test_what_the_gateway_refuses_for_good_is_not_tried_again_and_if_urgent_called(
    app, run, gateway, resident, agent, urgent, calls
):
    gateway.refusals = 1
    await tell(run, urgent=urgent)

    await work_off(run, twice=True)

    assert gateway.sent == []
    assert len(await told(resident)) == 1
    assert [row["type"] for row in (await ok(await agent.get("/v1/call-tasks")))["items"]] == calls
    sms = "SELECT state, tries FROM notification_delivery WHERE channel = 'SMS'"
    assert await rows(app, sms) == [("REFUSED", 1)]


def told_by_the_program() -> set[str]:
    """Every event that the source says orders tell of."""
    found = {"placed", "rate"}
    for path in Path(program.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "tell":
                found |= {
                    n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant) and isinstance(n.value, str)
                }
    return found


def test_whatever_an_order_tells_has_words_for_it():
    assert {f"order-{event}" for event in told_by_the_program()} <= templates.TEMPLATES.keys()


@pytest.mark.parametrize("code", templates.TEMPLATES)
def test_every_message_says_something_in_both_languages(code):
    params = {"number": "DD20261124-0001", "title": "装修垃圾清运", "title_en": "Waste removal", "date": "2026-11-30"}
    params |= {"time": "09:00", "visitor": "Dr", "code": "4711"}
    said = {}
    for chosen in ("zh-CN", "en"):
        token = language.set(chosen)
        said[chosen] = templates.told(code, params)
        language.reset(token)

    assert all("DD20261124-0001" in told.body and "{" not in told.body for told in said.values())
    assert all(len(told.title) <= 100 for told in said.values())
    assert said["en"].body.isascii()
    assert not said["zh-CN"].title.isascii()


async def test_the_log_of_a_delivery_names_nobody_and_says_nothing(app, run, gateway, moved, resident):
    spoken = Run(app.state.settings, moved.sessions, sms.send)
    with capture_logs() as lines:
        await tell(spoken)
        await work_off(spoken)
        gateway.refusals = 1
        await tell(run, "other")
        await work_off(run)

    assert [line["event"] for line in lines] == ["sms", "message_refused"]
    assert lines[0]["to"] == "138****0003"
    assert not any(word in str(lines) for word in ("13800000003", "王秀英", "装修垃圾清运", "DD20261124"))


async def test_the_worker_itself_tells_and_sends_or_waits_for_the_morning(app, database_url, resident):
    order = await ok(await resident.post("/v1/orders", json=waste()), 201)

    async with working(app, database_url):
        await until(app, "orders.tell", "succeeded")
        night = quiet.is_quiet(clock.utc_now())
        await until(app, "outreach.deliver", "todo" if night else "succeeded")

    assert [row["order_number"] for row in await told(resident)] == [order["number"]]
    assert await rows(app, DELIVERIES) == ([] if night else [("SMS", "SENT", 1)])


async def test_a_message_about_a_doctor_speaks_of_a_visit_and_of_nothing_else(app, run, gateway, resident, sign_in):
    daughter = await a_daughter(sign_in)
    body = visit(beneficiary_id=OWNER)
    order = await ok(await daughter.post("/v1/orders", json=body), 201)
    await work_off(run, twice=True)

    said = [template for _, template, params in gateway.sent if params.get("number") == order["number"]]
    assert said.count("order-placed") == 2
    for person in (daughter, resident):
        texts = [row["text"] for row in await told(person)]
        assert f"您的订单 {order['number']}（上门服务）已收到。" in texts
        assert not any(word in text for text in texts for word in ("医", "血压", "随访", "王秀英"))


async def test_whoever_no_longer_acts_for_another_is_neither_told_nor_asked(app, run, gateway, resident, sign_in):
    daughter = await a_daughter(sign_in)
    order = await an_order(daughter, waste(beneficiary_id=OWNER))
    await work_off(run)
    before = [row["template"] for row in await told(daughter)]
    (grant,) = (await ok(await resident.get("/v1/me/proxies")))["items"]
    await ok(await resident.post(f"/v1/proxies/{grant['id']}/steps", json={"action": "revoke"}))

    await step(resident, order, "cancel", reason="不用了")
    await work_off(run)

    assert [row["template"] for row in await told(daughter)] == before
    assert (await told(resident))[0]["template"] == "order-cancelled"
