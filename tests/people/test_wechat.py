"""Signing in by WeChat: an account enters by its link, a link takes openid and phone, and it ends with the phone."""

import asyncio
import time

import pytest
from sqlalchemy import text
from starlette.responses import PlainTextResponse

from app.config import Settings
from app.core.ids import demo_id
from app.main import create_app
from app.people import jobs
from app.people.wechat.client import Nobody, StandIn, client
from app.web.run import Run
from tests.conftest import sign_in_resident
from tests.loopback import slowly
from tests.orders.bodies import ok, refused
from tests.people.homes import ask, do
from tests.people.tencent import SECRET, error, tencent, wechat_settings
from tests.people.test_sign_in import from_address, processes

WANG, ZHENG = str(demo_id("resident", "+8613800000003")), str(demo_id("resident", "+8613800000005"))
WECHAT, VERIFY, ME = "/v1/auth/wechat", "/v1/auth/otp/verify", "/v1/me"
ANY = {"If-Match": "*"}


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
    return wechat_settings(server)


async def enter(visitor, wx, openid, **more):
    """Open the mini-program: a fresh code of this account."""
    code = wx.login(f"code-{time.monotonic_ns()}", openid)
    return await visitor.post(WECHAT, json={"code": code, **more})


async def link(visitor, wx, openid, phone="13800000003"):
    """Link the account by a code to the phone."""
    offered = await ok(await enter(visitor, wx, openid))
    body = {"phone": phone, "code": "000000", "link_token": offered["link_token"]}
    return await ok(await visitor.post(VERIFY, json=body))


async def links(app):
    return await ask(app, "SELECT resident_id::text FROM wechat_account ORDER BY linked_at")


async def test_an_unknown_account_is_offered_a_link_and_a_code_takes_it_up(app, visitor, somebody, wx):
    offered = await ok(await enter(visitor, wx, "oWang"))
    assert (offered["result"], offered["expires_in"], set(offered)) == (
        "PHONE_NEEDED",
        600,
        {"result", "link_token", "expires_in"},
    )
    assert await links(app) == []

    body = {"phone": "13800000003", "code": "000000", "link_token": offered["link_token"]}
    first = await ok(await visitor.post(VERIFY, json=body))
    second = await ok(await enter(visitor, wx, "oWang"))

    assert (first["resident_id"], second["resident_id"], second["result"]) == (WANG, WANG, "SIGNED_IN")
    assert second["new_resident"] is False
    me = await ok(await somebody(second["access_token"]).get(ME))
    assert me["phone"] == "+8613800000003"
    assert await links(app) == [(WANG,)]


async def test_what_is_asked_of_wechat_is_what_its_manual_says(visitor, server, wx):
    code = wx.login("0a1b2c", "oWang")
    await ok(await visitor.post(WECHAT, json={"code": code, "phone_code": wx.shows("p1", "13800000003")}))

    session, token, phone = server.asked
    assert (session.method, session.path, session.params["js_code"]) == ("GET", "/sns/jscode2session", "0a1b2c")
    assert (token.method, token.path, token.json["force_refresh"]) == ("POST", "/cgi-bin/stable_token", False)
    assert (phone.path, phone.params, phone.json) == (
        "/wxa/business/getuserphonenumber",
        {"access_token": "token-1"},
        {"code": "p1"},
    )


async def test_a_phone_that_wechat_shows_signs_in_at_once(app, visitor, wx):
    body = await ok(await enter(visitor, wx, "oNew", phone_code=wx.shows("p1", "13800000777")))

    assert (body["result"], body["new_resident"]) == ("SIGNED_IN", True)
    assert await links(app) == [(body["resident_id"],)]
    assert (await ok(await enter(visitor, wx, "oNew")))["resident_id"] == body["resident_id"]


async def test_a_shown_phone_moves_the_account_to_whoever_has_it(app, visitor, wx):
    await link(visitor, wx, "oFamily")

    moved = await ok(await enter(visitor, wx, "oFamily", phone_code=wx.shows("p1", "13800000005")))

    assert moved["resident_id"] == ZHENG
    assert await links(app) == [(ZHENG,)]


async def test_a_number_not_used_for_long_needs_its_name_by_wechat_too(app, visitor, wx):
    await do(app, "UPDATE resident SET phone_verified_at = now() - interval '181 days' WHERE id = :id", id=WANG)

    for number, more in enumerate(({}, {"name": "李四"})):
        answer = await enter(visitor, wx, "oOther", phone_code=wx.shows(f"p{number}", "13800000003"), **more)
        await refused(answer, 409, "phone-holder-unsure")
    assert await links(app) == []

    other = await ok(await enter(visitor, wx, "oOther", phone_code=wx.shows("p9", "13800000003"), new_person=True))
    assert (other["resident_id"] != WANG, other["new_resident"]) == (True, True)


async def test_whoever_gets_the_number_does_not_get_the_account_nor_the_account_the_number(app, visitor, wx):
    await link(visitor, wx, "oWang")
    await do(app, "UPDATE resident SET phone_verified_at = now() - interval '181 days' WHERE id = :id", id=WANG)
    newcomer = await ok(await visitor.post(VERIFY, json={"phone": "13800000003", "code": "000000", "new_person": True}))

    assert newcomer["resident_id"] != WANG
    assert await links(app) == []
    assert (await ok(await enter(visitor, wx, "oWang")))["result"] == "PHONE_NEEDED"


async def test_a_phone_changed_by_any_hand_ends_the_link(app, visitor, wx):
    await link(visitor, wx, "oWang")

    await do(app, "UPDATE resident SET phone_index = '\\x01' WHERE id = :id", id=WANG)

    assert (await ok(await enter(visitor, wx, "oWang")))["result"] == "PHONE_NEEDED"


async def test_a_new_phone_ends_the_link_like_every_other_sign_in(app, visitor, wx, resident):
    await link(visitor, wx, "oWang")
    body = {"name": "王秀英", "phone": "13800000031", "code": "000000"}
    await ok(await resident.put(ME, json=body, headers=ANY))

    assert await links(app) == []
    assert (await ok(await enter(visitor, wx, "oWang")))["result"] == "PHONE_NEEDED"


async def test_a_closed_account_leaves_no_link(app, visitor, somebody, wx):
    entered = await link(visitor, wx, "oLeaves", "13800000778")
    mine = somebody(entered["access_token"])

    assert (await mine.delete(ME, headers=ANY)).status_code == 204

    assert await links(app) == []
    assert (await ok(await enter(visitor, wx, "oLeaves")))["result"] == "PHONE_NEEDED"


async def test_the_dead_do_not_sign_in(app, visitor, wx):
    await link(visitor, wx, "oWang")
    await do(app, "UPDATE resident SET deceased_on = current_date WHERE id = :id", id=WANG)

    offered = await ok(await enter(visitor, wx, "oWang"))

    assert offered["result"] == "PHONE_NEEDED"
    body = {"phone": "13800000003", "code": "000000", "link_token": offered["link_token"]}
    await refused(await visitor.post(VERIFY, json=body), 409, "account-resting")


async def test_a_resident_ends_the_link_himself_and_nobody_elses(app, visitor, wx, neighbour):
    mine = await link(visitor, wx, "oWang")
    await link(visitor, wx, "oZheng", "13800000005")

    assert (await neighbour.delete("/v1/me/wechat")).status_code == 204
    assert (await neighbour.delete("/v1/me/wechat")).status_code == 204

    assert await links(app) == [(mine["resident_id"],)]


async def test_a_link_token_serves_once_in_ten_minutes_and_only_as_it_was_given(app, visitor, wx):
    offered = (await ok(await enter(visitor, wx, "oWang")))["link_token"]
    body = {"phone": "13800000003", "code": "000000"}
    for wrong in ("ddl_nothing", offered[:-1], "x"):
        await refused(await visitor.post(VERIFY, json={**body, "link_token": wrong}), 401, "link-token-wrong")
    await ok(await visitor.post(VERIFY, json={**body, "link_token": offered}))
    await refused(await visitor.post(VERIFY, json={**body, "link_token": offered}), 401, "link-token-wrong")

    late = (await ok(await enter(visitor, wx, "oLate")))["link_token"]
    await do(app, "UPDATE wechat_link SET expires_at = now() - interval '1 second' WHERE used_at IS NULL")
    await refused(await visitor.post(VERIFY, json={**body, "link_token": late}), 401, "link-token-wrong")

    assert await links(app) == [(WANG,)]


async def test_a_wrong_code_leaves_the_offer_and_a_wrong_offer_leaves_the_code(app, visitor, wx):
    offered = (await ok(await enter(visitor, wx, "oWang")))["link_token"]
    await ok(await visitor.post("/v1/auth/otp", json={"phone": "13800000003"}), 202)
    wrong = {"phone": "13800000003", "code": "999999", "link_token": offered}

    await refused(await visitor.post(VERIFY, json=wrong), 401, "code-wrong")
    await refused(await visitor.post(VERIFY, json={**wrong, "link_token": "x"}), 401, "link-token-wrong")

    assert await ask(app, "SELECT tries FROM phone_code") == [(1,)]
    assert (await ok(await visitor.post(VERIFY, json={**wrong, "code": "000000"})))["resident_id"] == WANG


async def test_of_two_that_take_up_one_offer_at_once_one_is_linked(app, visitor, wx):
    offered = (await ok(await enter(visitor, wx, "oWang")))["link_token"]
    bodies = [{"phone": p, "code": "000000", "link_token": offered} for p in ("13800000003", "13800000005")]

    answers = await asyncio.gather(*(visitor.post(VERIFY, json=body) for body in bodies))

    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert len(await links(app)) == 1


@pytest.mark.parametrize("wechat_says", [40029, 40163, 40226])
async def test_a_code_that_wechat_does_not_take_is_refused(app, visitor, server, wx, wechat_says):
    server.instead = error(wechat_says)

    await refused(await enter(visitor, wx, "oWang"), 401, "wechat-code-wrong")

    assert await ask(app, "SELECT 1 FROM wechat_link") == []


async def test_codes_serve_once(visitor, wx):
    code = wx.login("once", "oWang")
    await ok(await visitor.post(WECHAT, json={"code": code}))
    await refused(await visitor.post(WECHAT, json={"code": code}), 401, "wechat-code-wrong")
    await refused(await enter(visitor, wx, "oWang", phone_code="never"), 401, "wechat-code-wrong")


@pytest.mark.parametrize(
    "instead",
    [error(-1), error(45011), error(40013), {}, PlainTextResponse("<html>"), PlainTextResponse("{}", 502), slowly],
    ids=["busy", "too often", "not ours", "nothing", "a page", "bad gateway", "silence"],
)
async def test_when_wechat_cannot_be_asked_the_caller_is_told_to_come_back(app, visitor, server, wx, instead):
    server.instead = instead
    started = time.monotonic()

    answer = await enter(visitor, wx, "oWang")

    await refused(answer, 503, "wechat-unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert time.monotonic() - started < 5
    assert await ask(app, "SELECT 1 FROM wechat_link") == []
    server.instead = None
    assert (await ok(await enter(visitor, wx, "oWang")))["result"] == "PHONE_NEEDED"


async def test_no_connection_of_the_pool_is_held_while_wechat_is_waited_for(database_url, server, wx, visitor):
    server.instead = slowly
    narrow = create_app(wechat_settings(server, pool_size=1), database_url)
    async with narrow.router.lifespan_context(narrow):
        waiting = asyncio.create_task(enter(from_address(narrow, 1), wx, "oWang"))
        await asyncio.sleep(0.5)
        answer = await from_address(narrow, 2).get("/v1/areas")
        waiting_still = not waiting.done()
        await waiting

    assert (len(server.asked), answer.status_code, waiting_still) == (1, 200, True)


async def test_the_token_is_asked_for_once_for_all_processes_and_lies_sealed(app, database_url, visitor, server, wx):
    other = create_app(app.state.settings, database_url)
    for number in range(3):
        await app.state.wechat.phone(wx.shows(f"a{number}", "13800000003"))
        await other.state.wechat.phone(wx.shows(f"b{number}", "13800000003"))
    await other.state.wechat.http.close()
    await other.state.sessions.close()

    assert len(server.calls("/cgi-bin/stable_token")) == 1
    ((stored, left),) = await ask(app, "SELECT token, expires_at - now() FROM wechat_access_token")
    assert b"token-1" not in bytes(stored)
    assert 7100 < left.total_seconds() <= 7200


async def test_a_token_that_has_run_out_is_renewed(app, server, wx):
    await app.state.wechat.phone(wx.shows("a", "13800000003"))
    await do(app, "UPDATE wechat_access_token SET expires_at = now() + interval '30 seconds'")
    wx.minted = 2

    assert await app.state.wechat.phone(wx.shows("b", "13800000003")) == "+8613800000003"

    assert [asked.json["force_refresh"] for asked in server.calls("/cgi-bin/stable_token")] == [False, False]


async def test_a_token_that_wechat_no_longer_takes_is_renewed_and_the_call_repeated(app, server, wx):
    await app.state.wechat.phone(wx.shows("a", "13800000003"))
    wx.minted = 2
    assert await app.state.wechat.phone(wx.shows("b", "13800000003")) == "+8613800000003"
    wx.expired.add("token-2")

    assert await app.state.wechat.phone(wx.shows("c", "13800000003")) == "+8613800000003"

    forced = [asked.json["force_refresh"] for asked in server.calls("/cgi-bin/stable_token")]
    assert forced == [False, False, False, True]


async def test_one_address_signs_in_so_often_an_hour(database_url, server, wx):
    limited = wechat_settings(server, otp_per_address_hour=3)
    async with processes(database_url, limited, 1) as (apps, _):
        caller = from_address(apps[0], 1)
        answers = [await enter(caller, wx, "oWang") for _ in range(4)]

        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert len(server.asked) == 3
        assert (await enter(from_address(apps[0], 2), wx, "oWang")).status_code == 200


async def test_openids_lie_sealed_and_offers_are_forgotten(app, visitor, wx):
    await link(visitor, wx, "oWang")
    await enter(visitor, wx, "oOther")
    ((openid, index),) = await ask(app, "SELECT openid, openid_index FROM wechat_account")
    assert b"oWang" not in bytes(openid) + bytes(index)
    await do(app, "UPDATE wechat_link SET expires_at = now() - interval '25 hours'")

    await jobs.purge(Run(app.state.settings, app.state.sessions, None))

    assert await ask(app, "SELECT 1 FROM wechat_link") == []


async def test_neither_secret_nor_openid_nor_code_is_in_an_answer_or_the_log(visitor, server, wx, capfd):
    offered = await enter(visitor, wx, "oWang")
    server.instead = error(40125, f"invalid appsecret {SECRET}")
    failed = await enter(visitor, wx, "oWang")

    told = offered.text + failed.text + "".join(capfd.readouterr())
    assert [word for word in (SECRET, "oWang", "code-") if word in told.replace("wechat-code-", "")] == []


async def test_without_a_mini_program_development_lets_every_code_be_an_account(database_url):
    async with processes(database_url, Settings(), 1) as (apps, _):
        caller = from_address(apps[0], 1)
        first = await ok(await caller.post(WECHAT, json={"code": "c1", "phone_code": "13800000003"}))
        again = await ok(await caller.post(WECHAT, json={"code": "c1"}))
        await refused(await caller.post(WECHAT, json={"code": "c1", "phone_code": "nobody"}), 401, "wechat-code-wrong")

    assert (first["resident_id"], again["resident_id"]) == (WANG, WANG)


def test_production_without_a_mini_program_has_no_stand_in():
    assert isinstance(client(Settings(), None, None), StandIn)
    assert isinstance(client(Settings(env="production"), None, None), Nobody)


async def test_a_sign_in_by_phone_alone_links_nothing(app, visitor):
    await sign_in_resident(visitor, "13800000003")

    assert await links(app) == []
    async with app.state.sessions.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM wechat_link"))).scalar_one() == 0
