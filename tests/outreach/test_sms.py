"""Text messages: signed as the gateway wants it, never dearer than the day's cap, and never said to be sent when not."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from sqlalchemy import text
from starlette.responses import PlainTextResponse
from structlog.testing import capture_logs

from app import worker
from app.db.engine import Sessions, create_engine
from app.http import BadAnswer, Http, NeverAsked, Unreachable
from app.outreach import sms, spending
from app.outreach.aliyun import Refused, signed_headers
from app.people import jobs as people_jobs
from app.web.run import Run, Undeliverable
from tests.loopback import slowly
from tests.outreach.gateways import SIGN_NAME, aliyun, sms_settings
from tests.people.homes import ask
from tests.test_serving import free_port

PHONE = "+8613800000003"
CODE = ("sign-in-code", {"code": "123456"})
NOTICE = ("order-placed", {"number": "DD20261124-0001"})


@pytest.fixture
async def gateway():
    async with aliyun() as server:
        yield server


@pytest.fixture
async def http():
    made = Http(0.5)
    yield made
    await made.close()


@pytest.fixture
def sends(app, http, gateway):
    """The way out over the loopback, with settings of the test's own."""

    def make(**more):
        return sms.sender(sms_settings(gateway, **more), app.state.sessions, http)

    return make


async def spent(app):
    return await ask(app, "SELECT spent_fen FROM sms_spending")


def test_the_signature_is_that_of_the_manual():
    """The worked example of the manual of the V3 signature."""
    headers = signed_headers(
        "YourAccessKeyId",
        "YourAccessKeySecret",
        "ecs.cn-shanghai.aliyuncs.com",
        {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"},
        action="RunInstances",
        version="2014-05-26",
        at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        nonce="3156853299f313e23d1673dc12e1703d",
    )

    signature = headers["Authorization"].rpartition("Signature=")[2]
    assert signature == "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


async def test_a_message_goes_out_signed_and_is_paid_for(app, gateway, sends):
    await sends()(PHONE, *CODE)

    (asked,) = gateway.asked
    assert parse_qs(asked.query) == {
        "PhoneNumbers": ["13800000003"],
        "SignName": [SIGN_NAME],
        "TemplateCode": ["SMS_1"],
        "TemplateParam": ['{"code":"123456"}'],
    }
    assert await spent(app) == [(5,)]


async def test_words_of_every_kind_are_signed_as_they_are_sent(app, gateway, sends):
    await sends()(PHONE, "order-placed", {"item": "家政 +1 ~*'()/?&=%", "number": "DD-1"})

    assert len(gateway.asked) == 1
    assert await spent(app) == [(5,)]


async def test_a_wrong_secret_is_refused_told_and_not_paid_for(app, sends):
    with capture_logs() as told, pytest.raises(Refused, match="SignatureDoesNotMatch"):
        await sends(sms_key_secret="another")(PHONE, *CODE)

    assert [(line["event"], line["log_level"], line["why"]) for line in told] == [
        ("sms_not_sent", "error", "SignatureDoesNotMatch")
    ]
    assert await spent(app) == [(0,)]


@pytest.mark.parametrize(
    ("code", "raised", "level"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", Refused, "warning"),
        ("isp.SYSTEM_ERROR", Refused, "warning"),
        ("isv.AMOUNT_NOT_ENOUGH", Refused, "error"),
        ("isv.SMS_TEMPLATE_ILLEGAL", Refused, "error"),
        ("isv.MOBILE_NUMBER_ILLEGAL", Undeliverable, "error"),
        ("isv.DAY_LIMIT_CONTROL", Undeliverable, "error"),
    ],
)
async def test_what_a_refusal_means(app, gateway, sends, code, raised, level):
    gateway.instead = {"Code": code, "Message": "m", "RequestId": "R"}

    with capture_logs() as told, pytest.raises(raised, match=code):
        await sends()(PHONE, *NOTICE)

    assert [(line["log_level"], line["why"]) for line in told] == [(level, code)]
    assert await spent(app) == [(0,)]


async def test_after_a_silence_the_money_stays_spent_and_before_a_connection_it_does_not(app, gateway, http, sends):
    gateway.instead = slowly
    with pytest.raises(Unreachable):
        await sends()(PHONE, *CODE)
    assert await spent(app) == [(5,)]

    gateway.instead = {"no": "code"}
    with pytest.raises(BadAnswer, match="no Code"):
        await sends()(PHONE, *CODE)
    gateway.instead = PlainTextResponse("oops", 502)
    with pytest.raises(BadAnswer):
        await sends()(PHONE, *CODE)
    assert await spent(app) == [(15,)]

    nobody = sms.sender(sms_settings(sms_base_url=f"http://127.0.0.1:{free_port()}"), app.state.sessions, http)
    with pytest.raises(NeverAsked):
        await nobody(PHONE, *CODE)
    assert await spent(app) == [(15,)]


async def test_a_landline_and_an_unknown_template_are_not_asked_for(app, gateway, sends):
    for phone, template in (("+863590000012", "sign-in-code"), (PHONE, "no-such-template")):
        with pytest.raises(Undeliverable):
            await sends()(phone, template, {})

    assert gateway.asked == []
    assert await spent(app) == []


async def test_the_cap_is_exact_however_many_send_at_once(app, database_url, gateway, http, sends):
    other = Sessions(create_engine(database_url, 5))
    settings = sms_settings(gateway, sms_daily_cap_fen=52)
    ways = [sms.sender(settings, sessions, http) for sessions in (app.state.sessions, other)]

    sent = await asyncio.gather(*(ways[n % 2](PHONE, *CODE) for n in range(14)), return_exceptions=True)

    await other.close()
    assert [type(result).__name__ for result in sent if result].count("OverDailyCap") == 4
    assert len(gateway.asked) == 10
    assert await spent(app) == [(50,)]


async def test_without_the_condition_more_would_be_spent(app, gateway, sends, monkeypatch):
    async def reads_then_writes(work, fen, most_fen):
        found = await work.session.execute(text("SELECT spent_fen FROM sms_spending"))
        if (found.scalar_one_or_none() or 0) + fen > most_fen:
            return False
        await asyncio.sleep(0.05)
        await work.session.execute(
            text(
                "INSERT INTO sms_spending VALUES (:day, :fen) ON CONFLICT (day) "
                "DO UPDATE SET spent_fen = sms_spending.spent_fen + :fen"
            ),
            {"day": work.today, "fen": fen},
        )
        return True

    monkeypatch.setattr(spending, "take", reads_then_writes)
    way = sends(sms_daily_cap_fen=10)
    await asyncio.gather(*(way(PHONE, *CODE) for _ in range(6)), return_exceptions=True)

    assert len(gateway.asked) > 2


async def test_codes_keep_their_share_when_notices_have_used_up_theirs(app, gateway, sends):
    way = sends(sms_daily_cap_fen=50)
    for _ in range(6):
        await way(PHONE, *NOTICE)

    with capture_logs() as told, pytest.raises(sms.OverDailyCap):
        await way(PHONE, *NOTICE)
    assert [(line["event"], line["log_level"]) for line in told] == [("sms_over_daily_cap", "error")]
    for _ in range(4):
        await way(PHONE, *CODE)
    with pytest.raises(sms.OverDailyCap):
        await way(PHONE, *CODE)

    assert (len(gateway.asked), await spent(app)) == (10, [(50,)])


async def test_a_new_day_begins_at_nothing(app, gateway, sends):
    way = sends(sms_daily_cap_fen=5)
    await way(PHONE, *CODE)
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text("UPDATE sms_spending SET day = day - 1"))

    await way(PHONE, *CODE)

    assert await ask(app, "SELECT spent_fen FROM sms_spending ORDER BY day") == [(5,), (5,)]


async def test_the_log_says_neither_the_phone_nor_the_code(gateway, sends):
    with capture_logs() as told:
        await sends()(PHONE, *CODE)
        gateway.instead = {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": PHONE}
        with pytest.raises(Undeliverable) as refused:
            await sends()(PHONE, *CODE)

    assert "13800000003" not in str(told) + str(refused.value)
    assert "123456" not in str(told) + str(refused.value)
    assert told[0]["to"] == "138****0003"


async def requested(app, visitor, phone="13800000003"):
    """A code that has been asked for: its id."""
    assert (await visitor.post("/v1/auth/otp", json={"phone": phone})).status_code == 202
    ((code_id,),) = await ask(app, "SELECT id::text FROM phone_code ORDER BY created_at DESC LIMIT 1")
    return code_id


async def test_a_code_that_is_asked_for_arrives_and_signs_in(app, visitor, gateway, sends):
    run = Run(app.state.settings, app.state.sessions, sends())
    code_id = await requested(app, visitor)

    await people_jobs.send_code(run, code_id)
    await people_jobs.send_code(run, code_id)

    (asked,) = gateway.asked
    code = asked.params["TemplateParam"][9:15]
    answer = await visitor.post("/v1/auth/otp/verify", json={"phone": "13800000003", "code": code})
    assert answer.status_code == 200, answer.text


async def test_the_worker_sends_by_the_gateway_of_its_settings(app, database_url, visitor, gateway):
    await requested(app, visitor)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(sms_settings(gateway), database_url, stop))
    try:
        async with asyncio.timeout(20):
            while await ask(app, "SELECT 1 FROM phone_code WHERE sent_at IS NULL"):  # noqa: ASYNC110 another program
                await asyncio.sleep(0.1)
    finally:
        stop.set()
        await working

    assert [asked.params["TemplateCode"] for asked in gateway.asked] == ["SMS_1"]


async def test_a_code_that_cannot_go_is_forgotten_and_its_job_ends(app, visitor, gateway, sends):
    run = Run(app.state.settings, app.state.sessions, sends(sms_daily_cap_fen=1))

    await people_jobs.send_code(run, await requested(app, visitor))

    assert gateway.asked == []
    assert await ask(app, "SELECT phone, code, sent_at FROM phone_code") == [(None, None, None)]


async def test_a_code_is_sent_by_the_next_try_when_the_gateway_was_away(app, visitor, gateway, sends):
    run = Run(app.state.settings, app.state.sessions, sends())
    code_id = await requested(app, visitor)
    gateway.instead = {"Code": "isp.SYSTEM_ERROR", "Message": "m"}
    with pytest.raises(Refused):
        await people_jobs.send_code(run, code_id)

    gateway.instead = None
    await people_jobs.send_code(run, code_id)

    assert await ask(app, "SELECT sent_at IS NOT NULL, code FROM phone_code") == [(True, None)]


def test_without_a_gateway_development_writes_a_line_and_production_refuses(app):
    sessions, http = app.state.sessions, Http()

    assert sms.sender(sms_settings(sms_key_id=None), sessions, http) is sms.send
    assert sms.sender(sms_settings(sms_key_id=None, env="production"), sessions, http) is sms.refuse


async def test_production_without_a_gateway_says_of_nothing_that_it_was_sent():
    with capture_logs() as told, pytest.raises(sms.NoGateway):
        await sms.refuse(PHONE, *CODE)

    assert [(line["event"], line["log_level"]) for line in told] == [("sms_not_sent", "error")]
