"""Subscription messages: one for each tap, spent exactly, refused in good order, and a text message in their place."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.config import Settings
from app.core import clock
from app.core.ids import demo_id
from app.outreach import wechat
from app.outreach.notices import jobs
from app.people.wechat import queries, subscriptions
from app.people.wechat.problems import WechatUnavailable
from app.web.run import Run, Undeliverable, no_wechat
from tests.loopback import slowly
from tests.orders.bodies import ok, refused
from tests.outreach.test_notifications import DELIVERIES, tell
from tests.outreach.working import Gateway, a_clock, do, rows, work_off
from tests.people.tencent import error, tencent, wechat_settings
from tests.people.test_wechat import link

WANG = UUID(str(demo_id("resident", "+8613800000003")))
TOMORROW = date.today() + timedelta(days=1)
MINE = "/v1/me/subscriptions"
TEMPLATES = {
    "order-quoted": {
        "id": "tmpl-quoted",
        "data": {"character_string1": "{number}", "thing2": "{title}", "phrase3": "待您确认"},
        "page": "pages/order/index?number={number}",
        "ask_at": "PLACE_ORDER",
    },
    "order-scheduled": {
        "id": "tmpl-scheduled",
        "data": {"date1": "{date}"},
        "page": "pages/index",
        "ask_at": "PLACE_ORDER",
    },
}
PARAMS = {"number": "DD20261124-0001", "title": "装修垃圾清运"}


@pytest.fixture
async def there():
    async with tencent() as found:
        yield found


@pytest.fixture
def server(there):
    return there[0]


@pytest.fixture
def wx(there):
    return there[1]


@pytest.fixture
def settings(server) -> Settings:
    return wechat_settings(server, wechat_templates=TEMPLATES)


@pytest.fixture
def way(app):
    return wechat.sender(app.state.settings, app.state.sessions, app.state.wechat.http)


@pytest.fixture
async def moved(app, database_url):
    async with a_clock(app, database_url) as made:
        await made.be(clock.at(TOMORROW, 10))
        yield made


@pytest.fixture
def gateway():
    return Gateway()


@pytest.fixture
def run(app, moved, gateway, way):
    return Run(app.state.settings, moved.sessions, gateway.send, way)


async def agree(resident, visitor, wx, *, times=1):
    """Link the account of the owner, and let her tap “allow”, here and at WeChat."""
    await link(visitor, wx, "oWang")
    for _ in range(times):
        await ok(await resident.post(MINE, json={"accepted": ["order-quoted"], "rejected": []}))
    wx.agreed["oWang", "tmpl-quoted"] = times


async def remaining(app):
    return await rows(app, "SELECT template, remaining FROM wechat_subscription ORDER BY template")


async def test_the_front_end_reads_what_to_ask_for_at_which_tap(resident, visitor, wx):
    before = await ok(await resident.get(MINE))
    await link(visitor, wx, "oWang")

    after = await ok(await resident.post(MINE, json={"accepted": ["order-quoted"], "rejected": ["order-scheduled"]}))

    assert before["linked"] is False
    assert [item["remaining"] for item in before["items"]] == [0, 0]
    assert after["linked"] is True
    quoted, scheduled = after["items"]
    assert quoted == {
        "template": "order-quoted",
        "template_id": "tmpl-quoted",
        "ask_at": "PLACE_ORDER",
        "remaining": 1,
        "rejected_at": None,
    }
    assert (scheduled["remaining"], scheduled["rejected_at"] is not None) == (0, True)
    assert await ok(await resident.get(MINE)) == after
    assert (await ok(await resident.get("/v1/me/export")))["wechat"] == after


async def test_each_tap_is_one_message_and_a_repeat_with_its_key_is_none(app, resident):
    body = {"accepted": ["order-quoted", "order-quoted"], "rejected": []}
    for key in ("a", "a", "b"):
        await ok(await resident.post(MINE, json=body, headers={"Idempotency-Key": key}))
    await ok(await resident.post(MINE, json={"accepted": [], "rejected": ["order-quoted"]}))

    assert await remaining(app) == [("order-quoted", 2)]


async def test_an_unknown_message_is_refused_and_nothing_is_counted(app, resident):
    body = {"accepted": ["order-quoted", "no-such"], "rejected": []}

    told = await refused(await resident.post(MINE, json=body), 422, "template-unknown")

    assert [entry["pointer"] for entry in told["errors"]] == ["/accepted/1"]
    assert await remaining(app) == []


async def test_a_notification_goes_by_wechat_when_it_was_agreed_to_and_the_next_by_message(
    app, resident, visitor, wx, run, gateway
):
    await agree(resident, visitor, wx)
    await tell(run, "one")
    await tell(run, "two")

    await work_off(run)

    assert wx.sent == [
        {
            "touser": "oWang",
            "template_id": "tmpl-quoted",
            "page": "pages/order/index?number=DD20261124-0001",
            "data": {
                "character_string1": {"value": "DD20261124-0001"},
                "thing2": {"value": "装修垃圾清运"},
                "phrase3": {"value": "待您确认"},
            },
            "miniprogram_state": "formal",
            "lang": "zh_CN",
        }
    ]
    assert len(gateway.sent) == 1
    assert await rows(app, DELIVERIES) == [("WECHAT", "SENT", 1), ("SMS", "SENT", 1)]
    assert await remaining(app) == [("order-quoted", 0)]


async def test_what_wechat_refuses_goes_by_message_at_once_and_is_not_tried_again(
    app, resident, visitor, wx, run, gateway
):
    await agree(resident, visitor, wx, times=3)
    wx.agreed.clear()
    await tell(run, "one")
    await work_off(run)
    await tell(run, "two")
    await work_off(run)

    assert (wx.sent, len(gateway.sent)) == ([], 2)
    assert await remaining(app) == [("order-quoted", 0)]
    found = await rows(app, "SELECT channel, state FROM notification_delivery ORDER BY notification_id, channel")
    assert found == [("SMS", "SENT"), ("WECHAT", "REFUSED"), ("SMS", "SENT")]


async def deliver(run, app):
    ((notification_id,),) = await rows(app, "SELECT id::text FROM notification")
    await jobs.deliver(run, notification_id)


async def test_when_wechat_is_away_the_consent_is_kept_and_after_three_tries_it_goes_by_message(
    app, resident, visitor, server, wx, run, gateway
):
    await agree(resident, visitor, wx)
    await tell(run, "one")
    server.instead = lambda asked: error(-1) if asked.path.endswith("/subscribe/send") else None
    for _ in range(3):
        with pytest.raises(WechatUnavailable):
            await deliver(run, app)
        assert await remaining(app) == [("order-quoted", 1)]

    await deliver(run, app)

    assert (wx.sent, len(gateway.sent)) == ([], 1)
    assert await remaining(app) == [("order-quoted", 1)]


async def test_two_jobs_at_once_send_one_message_by_one_way(app, resident, visitor, server, wx, run, gateway):
    await agree(resident, visitor, wx)
    await tell(run, "one")

    async def late(asked):
        await asyncio.sleep(0.5)
        return {"errcode": 0, "errmsg": "ok"}

    server.instead = lambda asked: late(asked) if asked.path.endswith("/subscribe/send") else None
    await asyncio.gather(deliver(run, app), deliver(run, app), return_exceptions=True)

    assert (len(server.calls("/cgi-bin/message/subscribe/send")), gateway.sent) == (1, [])


async def test_consents_are_spent_exactly_however_many_go_out_at_once(app, resident, visitor, wx, run):
    await agree(resident, visitor, wx, times=3)

    async def spend():
        async with run.work() as work:
            return await subscriptions.spend(work, WANG, "order-quoted")

    found = await asyncio.gather(*(spend() for _ in range(4)), *(spend() for _ in range(4)))

    assert found.count("oWang") == 3
    assert await remaining(app) == [("order-quoted", 0)]


async def test_without_the_condition_more_would_be_spent(app, resident, visitor, wx, run):
    await agree(resident, visitor, wx)

    async def reads_then_writes():
        async with run.work() as work:
            (mine,) = await queries.subscriptions(work.session, WANG)
            await asyncio.sleep(0.05)
            left = max(mine.remaining - 1, 0)
            await work.session.execute(text("UPDATE wechat_subscription SET remaining = :left"), {"left": left})
            return mine.remaining > 0

    assert (await asyncio.gather(*(reads_then_writes() for _ in range(3)))).count(True) > 1


async def test_an_unlinked_account_is_not_written_to_and_its_consents_are_gone(
    app, resident, visitor, wx, run, gateway
):
    await agree(resident, visitor, wx, times=2)
    assert (await resident.delete("/v1/me/wechat")).status_code == 204
    await tell(run, "one")

    await work_off(run)

    assert (wx.sent, len(gateway.sent), await remaining(app)) == ([], 1, [])


async def test_a_number_that_changed_hands_is_not_written_to_by_wechat(app, resident, visitor, wx, run):
    await agree(resident, visitor, wx)
    await do(app, "UPDATE resident SET phone_index = '\\x01' WHERE id = :id", id=WANG)

    async with run.work() as work:
        assert await subscriptions.spend(work, WANG, "order-quoted") is None


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        (43101, wechat.NotAgreed),
        (47003, wechat.NotByWechat),
        (40003, wechat.NotByWechat),
        (40037, wechat.NotByWechat),
        (-1, WechatUnavailable),
        (45009, WechatUnavailable),
        (43108, WechatUnavailable),
    ],
)
async def test_what_an_error_of_wechat_means(server, wx, way, code, raised):
    wx.login("c", "oWang")
    server.instead = lambda asked: error(code) if asked.path.endswith("/subscribe/send") else None

    with pytest.raises(raised):
        await way("oWang", "order-quoted", PARAMS)


async def test_a_silence_is_tried_again(server, way):
    server.instead = slowly
    with pytest.raises(WechatUnavailable):
        await way("oWang", "order-quoted", PARAMS)


async def test_values_are_cut_to_what_a_field_takes(wx, way):
    wx.login("c", "oWang")
    wx.agreed["oWang", "tmpl-quoted"] = 1

    await way("oWang", "order-quoted", {"number": "DD-1", "title": "很长的\n服务名称" * 5})

    assert wx.sent[0]["data"]["thing2"]["value"] == "很长的 服务名称很长的 服务名称很长的…"
    assert len(wx.sent[0]["data"]["thing2"]["value"]) == 20


async def test_a_message_without_its_parameter_or_template_is_not_sent(server, way):
    with capture_logs() as told:
        for template in ("order-scheduled", "order-placed"):
            with pytest.raises(Undeliverable):
                await way("oWang", template, PARAMS)

    assert server.asked == []
    assert [line["field"] for line in told] == ["'date'"]


def test_without_a_mini_program_development_writes_a_line_and_production_sends_nothing():
    assert wechat.sender(Settings(), None, None) is wechat.send
    assert wechat.sender(Settings(env="production"), None, None) is no_wechat


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": {"thing1": "{number.__class__}"}},
        {"data": {"thing1": "{0}"}},
        {"data": {"thing1": "{number!r}"}},
        {"data": {"thing": "{number}"}},
        {"page": "{number:>9999}"},
        {"ask_at": "EVER"},
    ],
)
def test_a_template_that_names_more_than_names_is_refused_at_the_start(wrong):
    with pytest.raises(ValueError, match="wechat_templates"):
        Settings(wechat_templates={"order-quoted": {**TEMPLATES["order-quoted"], **wrong}})


async def test_the_log_says_neither_to_whom_nor_what(wx, way):
    wx.login("c", "oWang")
    wx.agreed["oWang", "tmpl-quoted"] = 1
    with capture_logs() as told:
        await way("oWang", "order-quoted", PARAMS)

    assert [word for word in ("oWang", "DD20261124-0001", "装修垃圾") if word in str(told)] == []
    assert told[-1]["event"] == "wechat"
