"""Whom somebody has to call: seen by those whose it is, claimed by one, ended by the call."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app import worker
from app.core import clock
from app.core.ids import demo_id, new_id
from app.outreach import sms
from app.outreach.tasks import queries, service
from app.outreach.tasks.models import CallTask, NewTask, TaskType
from app.web.run import Run
from tests.orders.bodies import an_order, ok, refused
from tests.outreach.working import do, rows

OWNER = demo_id("resident", "+8613800000003")
CALLERS = ("agent", "clerk", "manager", "electrician", "crew", "clinic")
PATIENTS = {"UNREACHED_PATIENT", "CONSENT", "CALL_FIRST", "HELP_SIGN"}
STATE = "SELECT status, tries, outcome, version FROM call_task"
GONE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def run(app):
    return Run(app.state.settings, app.state.sessions, sms.send)


async def wanted(run, type_=TaskType.LANDLINE, compound="QHC", key=None, **changes):
    """A task of a compound; its id."""
    async with run.work() as work:
        area = "SELECT area_id FROM compound WHERE code = :code"
        area_id = (await work.session.execute(text(area), {"code": compound})).scalar_one()
        draft = {
            "type": type_,
            "compound_id": demo_id("compound", compound),
            "area_id": area_id,
            "order_id": None,
            "order_number": None,
            "resident_id": OWNER,
            "phone": "+8613800000003",
            "post": None,
            "due_at": work.now + timedelta(hours=1),
            "urgent": False,
            "dedup_key": key or str(new_id()),
        }
        return (await service.add(work, NewTask(**draft | changes))).id


async def tasks(person, **query):
    return (await ok(await person.get("/v1/call-tasks", params=query)))["items"]


def step(person, task_id, action, **body):
    return person.post(f"/v1/call-tasks/{task_id}/steps", json={"action": action, **body})


async def test_the_same_wish_makes_one_task_whatever_became_of_the_first(app, run, agent):
    first = await wanted(run, key="one")
    await ok(await step(agent, first, "claim"))
    await ok(await step(agent, first, "done", outcome="TOLD"))

    assert await wanted(run, key="one") == first
    assert await asyncio.gather(*(wanted(run, key="two") for _ in range(4))) == [await wanted(run, key="two")] * 4
    assert await rows(app, "SELECT count(*) FROM call_task") == [(2,)]


async def test_everybody_sees_his_own_and_property_staff_no_patients(run, sign_in):
    made = {}
    for compound in ("QHC", "TYY"):
        for type_ in TaskType:
            made[str(await wanted(run, type_, compound))] = (compound, type_.value)
    nowhere = str(await wanted(run, compound_id=None, area_id=None))
    seen = {}
    for who in CALLERS:
        seen[who] = {row["id"] for row in await tasks(await sign_in(who), limit=100)}

    everything, plain = set(made), {id_ for id_, (_, type_) in made.items() if type_ not in PATIENTS}
    assert seen["agent"] == seen["clerk"] == everything | {nowhere}
    assert seen["manager"] == seen["electrician"] == plain
    assert seen["crew"] == set()
    assert {made[id_] for id_ in seen["clinic"]} == {(CLINIC_AT, type_) for type_ in PATIENTS}


CLINIC_AT = "QHC"
"""The demonstration's nurse belongs to the clinic that serves it, and to no other."""


@pytest.mark.parametrize("action", ["claim", "unreached"])
async def test_what_one_does_not_see_one_cannot_touch(app, run, sign_in, crew, action):
    task = await wanted(run, TaskType.CONSENT)

    for person in (crew, await sign_in("manager"), await sign_in("electrician")):
        await refused(await step(person, task, action), 404, "call-task-not-found")
        reveal = await person.post(f"/v1/call-tasks/{task}/reveal", json={"reason": "CALL_BACK"})
        await refused(reveal, 404, "call-task-not-found")

    assert await rows(app, STATE) == [("OPEN", 0, None, 1)]
    assert await rows(app, "SELECT count(*) FROM disclosure") == [(0,)]


async def test_a_task_says_whom_to_call_why_and_what_to_say(run, agent):
    params = {"number": "DD20261124-0001", "title": "装修垃圾清运", "title_en": "Waste removal"}
    await wanted(run, message="order-quoted", params=params, order_number="DD20261124-0001")
    await wanted(
        run, TaskType.UNCONFIRMED_FUNERAL, phone="+863590000511", post="值班电工", resident_id=None, urgent=True
    )

    landline, funeral = await tasks(agent)
    english = (await ok(await agent.get("/v1/call-tasks", headers={"Accept-Language": "en"})))["items"][0]

    assert (landline["phone_masked"], landline["post"], landline["post_phone"]) == ("138****0003", None, None)
    assert landline["message"] == "您的订单 DD20261124-0001（装修垃圾清运）已报价，请确认。"
    assert english["message"] == "Your order DD20261124-0001 (Waste removal) has a quote; please decide."
    assert (landline["actions"], landline["status_label"], landline["overdue"]) == (["claim"], "待拨打", False)
    assert (funeral["phone_masked"], funeral["post"], funeral["post_phone"]) == (None, "值班电工", "+863590000511")
    assert (funeral["urgent"], funeral["text"]) == (True, "白事还没有人确认，请马上打给值班人员。")


async def test_a_task_is_claimed_called_and_done(app, run, agent, clerk):
    task = await wanted(run)

    claimed = await ok(await step(agent, task, "claim"))
    assert (claimed["status"], claimed["claimed_by"], claimed["mine"], claimed["version"]) == (
        "CLAIMED",
        "话务员",
        True,
        2,
    )
    assert claimed["actions"] == ["done", "unreached"]
    (elsewhere,) = await tasks(clerk)
    assert (elsewhere["claimed_by"], elsewhere["mine"], elsewhere["actions"]) == ("话务员", False, [])
    for action, body in (("done", {"outcome": "TOLD"}), ("unreached", {})):
        await refused(await step(clerk, task, action, **body), 403, "forbidden")
    await refused(await step(clerk, task, "claim"), 409, "invalid-transition")

    done = await ok(await step(agent, task, "done", outcome="AGREED", note="下午三点可以"))

    assert (done["status"], done["outcome"], done["actions"], done["version"]) == ("DONE", "AGREED", [], 3)
    assert await tasks(agent) == []
    await refused(await step(agent, task, "done", outcome="TOLD"), 409, "invalid-transition")
    assert await rows(app, STATE) == [("DONE", 0, "AGREED", 3)]
    ((kept,),) = await rows(app, "SELECT t::text FROM call_task t")
    assert "下午三点" not in kept
    assert "13800000003" not in kept


async def test_an_agent_ends_a_call_under_a_call_record(app, run, agent):
    task = await wanted(run)
    number = agent.headers.pop("Call-Id")
    await ok(await step(agent, task, "claim"))

    await refused(await step(agent, task, "done", outcome="TOLD"), 409, "call-required")
    await refused(await step(agent, task, "unreached"), 409, "call-required")
    reveal = await agent.post(f"/v1/call-tasks/{task}/reveal", json={"reason": "CALL_BACK"})
    await refused(reveal, 409, "call-required")
    assert await rows(app, STATE) == [("CLAIMED", 0, None, 2)]

    agent.headers["Call-Id"] = number
    await ok(await step(agent, task, "done", outcome="TOLD"))
    under = "SELECT c.number FROM call_task t JOIN call c ON c.id = t.call_id"
    assert await rows(app, under) == [(number,)]


async def test_a_claim_that_has_grown_old_keeps_nobody_out(app, run, agent, clerk):
    task = await wanted(run)
    await ok(await step(agent, task, "claim"))
    await do(app, "UPDATE call_task SET claimed_at = now() - interval '29 minutes'")
    await refused(await step(clerk, task, "claim"), 409, "invalid-transition")
    await do(app, "UPDATE call_task SET claimed_at = now() - interval '30 minutes'")

    taken = await ok(await step(clerk, task, "claim"))

    assert (taken["claimed_by"], taken["mine"]) == ("服务中心", True)
    await refused(await step(agent, task, "done", outcome="TOLD"), 403, "forbidden")


@pytest.mark.parametrize(("urgent", "minutes"), [(True, 10), (False, 120)])
async def test_whoever_is_not_reached_is_called_again_later_and_after_three_times_the_order_hears_of_it(
    app, run, resident, agent, urgent, minutes
):
    order = await an_order(resident)
    task = await wanted(run, urgent=urgent, order_id=UUID(order.rpartition("/")[2]))
    for tries in (1, 2):
        await ok(await step(agent, task, "claim"))
        again = await ok(await step(agent, task, "unreached"))
        assert (again["status"], again["tries"], again["claimed_by"], again["outcome"]) == ("OPEN", tries, None, None)
        ((due, now),) = await rows(app, "SELECT due_at, now() FROM call_task")
        soonest = now + timedelta(minutes=minutes - 1)
        assert soonest < due
        assert urgent is False or due < soonest + timedelta(minutes=2)
        assert urgent or 8 <= clock.local(due).hour < 21
    await ok(await step(agent, task, "claim"))

    last = await ok(await step(agent, task, "unreached", note="一直没人接"))

    assert (last["status"], last["tries"], last["outcome"]) == ("DONE", 3, "NOT_REACHED")
    assert await tasks(agent) == []
    ((args,),) = await rows(app, "SELECT args FROM procrastinate_jobs WHERE task_name = 'orders.task_unreached'")
    for _ in range(2):
        await worker.HANDLERS["orders.task_unreached"](run, **args)
    history = (await ok(await resident.get(f"{order}/history")))["items"]
    assert [row["action"] for row in history] == ["place", "call-unreached"]


async def test_one_may_say_when_to_try_again_within_three_days(app, run, agent):
    task = await wanted(run)
    await ok(await step(agent, task, "claim"))
    now = datetime.now(clock.SHANGHAI)
    for wrong in (now - timedelta(minutes=1), now + timedelta(days=4)):
        refusal = await refused(
            await step(agent, task, "unreached", again_at=wrong.isoformat()), 422, "again-at-outside"
        )
        assert [error["pointer"] for error in refusal["errors"]] == ["/again_at"]
    assert await rows(app, STATE) == [("CLAIMED", 0, None, 2)]

    evening = clock.at(date.today() + timedelta(days=1), 20, 30)
    again = await ok(await step(agent, task, "unreached", again_at=evening.isoformat()))

    assert again["due_at"] == evening.isoformat()


async def test_a_call_that_was_made_stands_in_the_history_of_the_order_once(app, run, resident, agent):
    order = await an_order(resident)
    task = await wanted(run, order_id=UUID(order.rpartition("/")[2]))
    await ok(await step(agent, task, "claim"))
    await ok(await step(agent, task, "done", outcome="TOLD"))

    ((args,),) = await rows(app, "SELECT args FROM procrastinate_jobs WHERE task_name = 'orders.task_done'")
    for _ in range(2):
        await worker.HANDLERS["orders.task_done"](run, **args)

    history = (await ok(await resident.get(f"{order}/history")))["items"]
    assert [row["action"] for row in history] == ["place", "call-made"]


async def test_what_is_needless_now_is_taken_off_the_list(app, run, agent):
    order_id, other = new_id(), new_id()
    for order, type_ in ((order_id, TaskType.CONSENT), (order_id, TaskType.LANDLINE), (other, TaskType.CONSENT)):
        await wanted(run, type_, order_id=order)
    claimed = (await tasks(agent))[0]["id"]
    await ok(await step(agent, claimed, "claim"))

    for _ in range(2):
        async with run.work() as work:
            await service.end(work, order_id, TaskType.CONSENT)

    assert [(row["type"], row["order_id"]) for row in await tasks(agent)] == [
        ("LANDLINE", str(order_id)),
        ("CONSENT", str(other)),
    ]
    await refused(await step(agent, claimed, "done", outcome="TOLD"), 409, "invalid-transition")
    async with run.work() as work:
        await service.end(work, order_id)
    assert [row["order_id"] for row in await tasks(agent)] == [str(other)]


async def test_a_number_is_shown_for_a_reason_and_its_owner_reads_that(run, resident, agent, sign_in):
    task = await wanted(run)
    electrician = await sign_in("electrician")
    for person in (agent, electrician):
        shown = await ok(await person.post(f"/v1/call-tasks/{task}/reveal", json={"reason": "CALL_BACK"}))
        assert shown == {"post": None, "name": "王秀英", "phone": "+8613800000003"}

    read = (await ok(await resident.get("/v1/me/disclosures")))["items"]

    assert [(row["role"], row["reason"]) for row in read] == [("WORKER", "CALL_BACK"), ("AGENT", "CALL_BACK")]


async def test_the_number_of_a_post_is_nobodys_secret_and_a_task_without_one_says_so(app, run, agent):
    post = await wanted(run, TaskType.UNCONFIRMED_FUNERAL, phone="+863590000511", post="值班电工", resident_id=None)
    none = await wanted(run, phone=None)

    shown = await ok(await agent.post(f"/v1/call-tasks/{post}/reveal", json={"reason": "EMERGENCY"}))
    assert shown == {"post": "值班电工", "name": None, "phone": "+863590000511"}
    await refused(await agent.post(f"/v1/call-tasks/{none}/reveal", json={"reason": "OTHER"}), 409, "no-phone")

    assert await rows(app, "SELECT count(*) FROM disclosure") == [(0,)]


async def test_a_number_is_shown_no_longer_than_somebody_has_to_call_it(app, run, agent):
    task = await wanted(run)
    await ok(await step(agent, task, "claim"))
    await ok(await step(agent, task, "done", outcome="TOLD"))

    for ref in (task, GONE):
        reveal = await agent.post(f"/v1/call-tasks/{ref}/reveal", json={"reason": "CALL_BACK"})
        await refused(reveal, 404, "call-task-not-found")

    assert await rows(app, "SELECT count(*) FROM disclosure") == [(0,)]


async def test_the_list_is_sorted_by_due_date_paged_by_key_and_cut_at_a_day(run, agent):
    today = date.today()
    due = [clock.at(today + timedelta(days=days), 9) for days in (3, 1, 1, 2)]
    made = [str(await wanted(run, due_at=at)) for at in due]
    seen, cursor = [], {}
    while True:
        page = await ok(await agent.get("/v1/call-tasks", params={"limit": 1, **cursor}))
        seen += [row["id"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert seen == [made[n] for n in (1, 2, 3, 0)]
    assert [row["id"] for row in await tasks(agent, due=str(today + timedelta(days=2)))] == seen[:3]
    assert await tasks(agent, due=str(today)) == []


async def test_a_desk_shows_what_is_free_and_what_is_mine(run, resident, sign_in, clerk, agent):
    for n in range(2):
        await wanted(run, due_at=clock.at(date.today() + timedelta(days=n + 1), 9))
    first, second = [row["id"] for row in await tasks(agent)]
    await ok(await step(agent, first, "claim"))

    at_the_agent, at_the_clerk = [(await ok(await who.get("/v1/me/work")))["items"] for who in (agent, clerk)]

    assert [row["id"] for row in at_the_agent] == [first, second]
    (row,) = at_the_clerk
    assert (row["type"], row["title"], row["text"]) == ("CALL_TASK", "这位市民收不到短信，请打电话告知。", "待拨打")
    assert (row["id"], row["path"]) == (second, f"/v1/call-tasks/{second}/steps")
    on_duty = (await ok(await (await sign_in("electrician")).get("/v1/me/work")))["items"]
    assert [row["id"] for row in on_duty] == [second]


async def race(people, task):
    """Everybody claims at once; the statuses of the answers."""
    answers = await asyncio.gather(*(step(person, task, "claim") for person in people))
    return sorted(answer.status_code for answer in answers)


async def test_of_many_who_claim_at_once_one_wins(app, run, sign_in):
    people = [await sign_in(who) for who in ("agent", "clerk", "manager", "electrician")]
    for _ in range(3):
        assert await race(people, await wanted(run)) == [200, 409, 409, 409]

    assert await rows(app, "SELECT status, version FROM call_task") == [("CLAIMED", 2)] * 3


async def test_without_the_lock_several_believe_that_they_have_it(run, sign_in, monkeypatch):
    async def unlocked(session, actor, task_id):
        """What a plain read before a write does."""
        found = (await session.execute(select(CallTask).where(CallTask.id == task_id))).scalar_one()
        await asyncio.sleep(0.1)
        return found

    monkeypatch.setattr(queries, "locked", unlocked)
    people = [await sign_in(who) for who in ("agent", "clerk", "manager", "electrician")]

    assert (await race(people, await wanted(run))).count(200) > 1
