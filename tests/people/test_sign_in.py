"""Signing in: codes that cannot be guessed or counted out, passwords that lock, tokens that end."""

import asyncio
import time
from contextlib import asynccontextmanager

import httpx2
import pytest
from sqlalchemy import select, text

from app.config import Settings
from app.main import create_app
from app.people import codes
from app.people.models import PhoneCode
from app.people.passwords import hash_password
from tests.orders.bodies import ok, refused
from tests.people.homes import do

KNOWN, UNKNOWN = "13800000003", "13800000777"
GUESSES = 100


@pytest.fixture
def settings() -> Settings:
    """The limits of production, and a fixed code that nobody here uses."""
    return Settings(demo_otp="999999", otp_per_phone_day=5, otp_per_address_hour=1000)


@asynccontextmanager
async def processes(url, settings, count=2):
    """Several programs over one database, and a caller for each."""
    apps = [create_app(settings, url) for _ in range(count)]
    callers = []
    try:
        for app in apps:
            app.state.entered = app.router.lifespan_context(app)
            await app.state.entered.__aenter__()
            transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 40000))
            callers.append(httpx2.AsyncClient(transport=transport, base_url="http://diandan.test"))
        yield apps, callers
    finally:
        for app in apps:
            await app.state.entered.__aexit__(None, None, None)


def from_address(app, number):
    """A caller of his own address: the count of addresses must not hide the count of phones."""
    transport = httpx2.ASGITransport(app=app, client=(f"127.0.1.{number}", 40000))
    return httpx2.AsyncClient(transport=transport, base_url="http://diandan.test")


async def ask(app, statement, **values):
    async with app.state.sessions.read() as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


async def the_code(app) -> str:
    """The newest code, as its message would carry it."""
    async with app.state.sessions.read() as session:
        rows = await session.execute(select(PhoneCode.code).order_by(PhoneCode.created_at.desc()).limit(1))
        return rows.scalar_one()


async def guesses(callers, right):
    """A hundred guesses at once over all processes, the right one the last that is sent."""
    wrong = (f"{n:06d}" for n in range(GUESSES * 2) if f"{n:06d}" != right)
    wanted = [next(wrong) for _ in range(GUESSES - 1)] + [right]

    async def guess(place, code):
        return await callers[place % len(callers)].post(
            "/v1/auth/otp/verify", json={"phone": KNOWN, "code": code}, timeout=60
        )

    answers = []
    for start in range(0, GUESSES, 20):  # as many at once as two small pools serve without turning anybody away
        batch = wanted[start : start + 20]
        answers += await asyncio.gather(*(guess(n, code) for n, code in enumerate(batch)))
    return [answer.status_code for answer in answers]


async def test_of_a_hundred_guesses_five_count_and_none_of_the_rest_fits(database_url, settings):
    async with processes(database_url, settings) as (apps, callers):
        await ok(await callers[0].post("/v1/auth/otp", json={"phone": KNOWN}), 202)
        statuses = await guesses(callers, await the_code(apps[0]))

        assert set(statuses) == {401}
        assert await ask(apps[0], "SELECT tries, used_at FROM phone_code") == [(5, None)]


async def test_without_the_count_the_last_guess_would_have_fitted(database_url, settings):
    unguarded = settings.model_copy(update={"otp_tries": 10_000})
    async with processes(database_url, unguarded) as (apps, callers):
        await ok(await callers[0].post("/v1/auth/otp", json={"phone": KNOWN}), 202)
        statuses = await guesses(callers, await the_code(apps[0]))

        assert statuses.count(200) == 1


async def test_five_codes_a_phone_and_day_however_many_ask_at_once(database_url, settings):
    async with processes(database_url, settings) as (apps, _):
        asked = (from_address(apps[n % 2], n).post("/v1/auth/otp", json={"phone": KNOWN}) for n in range(12))
        answers = await asyncio.gather(*asked)

        assert sorted(a.status_code for a in answers) == [202] * 5 + [429] * 7
        assert all(int(a.headers["retry-after"]) > 0 for a in answers if a.status_code == 429)
        assert await ask(apps[0], "SELECT count(*) FROM phone_code") == [(5,)]


async def test_without_the_exact_count_more_codes_would_go_out(database_url, settings, monkeypatch):
    async def counts_then_writes(work, subject, period_start, most):
        found = await work.session.execute(
            text("SELECT count FROM attempts WHERE subject = :s AND period_start = :p"),
            {"s": subject, "p": period_start},
        )
        before = found.scalar_one_or_none() or 0
        await asyncio.sleep(0.05)
        await work.session.execute(
            text(
                "INSERT INTO attempts VALUES (:s, :p, 1) ON CONFLICT (subject, period_start)"
                " DO UPDATE SET count = attempts.count + 1"
            ),
            {"s": subject, "p": period_start},
        )
        return before < most

    monkeypatch.setattr(codes, "count_try", counts_then_writes)
    async with processes(database_url, settings) as (apps, _):
        asked = (from_address(apps[n % 2], n).post("/v1/auth/otp", json={"phone": KNOWN}) for n in range(12))
        statuses = [a.status_code for a in await asyncio.gather(*asked)]

        assert statuses.count(202) > 5


async def test_a_code_is_six_digits_and_kept_as_a_digest_only_once_it_is_used(app, visitor):
    await visitor.post("/v1/auth/otp", json={"phone": KNOWN})
    code = await the_code(app)
    assert len(code) == 6
    assert code.isdigit()
    await ok(await visitor.post("/v1/auth/otp/verify", json={"phone": KNOWN, "code": code}))

    assert await ask(app, "SELECT code, phone, used_at IS NOT NULL FROM phone_code") == [(None, None, True)]
    await refused(await visitor.post("/v1/auth/otp/verify", json={"phone": KNOWN, "code": code}), 401, "code-wrong")


async def test_a_known_phone_and_an_unknown_one_look_the_same(visitor):
    asked = [await visitor.post("/v1/auth/otp", json={"phone": phone}) for phone in (KNOWN, UNKNOWN)]
    assert {a.status_code for a in asked} == {202}
    assert asked[0].content == asked[1].content

    tried = [await visitor.post("/v1/auth/otp/verify", json={"phone": p, "code": "123456"}) for p in (KNOWN, UNKNOWN)]
    assert {a.status_code for a in tried} == {401}
    first, second = ({k: v for k, v in a.json().items() if k != "trace_id"} for a in tried)
    assert first == second


async def token(visitor, username, password):
    form = {"grant_type": "password", "username": username, "password": password}
    return await visitor.post("/v1/auth/token", data=form)


async def test_an_unknown_name_is_refused_like_a_wrong_password_and_as_slowly(app, visitor):
    await do(app, "UPDATE staff SET password_hash = :hash", hash=await hash_password("demo-2026"))
    took = {}
    for name in ("manager", "nobody-here"):
        started = time.perf_counter()
        answers = [await token(visitor, name, "wrong") for _ in range(3)]
        took[name] = time.perf_counter() - started
        assert {(a.status_code, a.json()["error"]) for a in answers} == {(400, "invalid_grant")}
        assert answers[0].headers["cache-control"] == "no-store"

    assert 0.3 < took["manager"] / took["nobody-here"] < 3


async def test_five_wrong_passwords_lock_a_name_exactly(database_url, settings):
    async with processes(database_url, settings) as (apps, callers):
        wrong = await asyncio.gather(*(token(callers[n % 2], "manager", "wrong") for n in range(8)))
        assert {a.status_code for a in wrong} == {400}
        assert await ask(apps[0], "SELECT count FROM attempts") == [(5,)]

        assert (await token(callers[0], "manager", "demo-2026")).json()["error"] == "invalid_grant"
        assert (await token(callers[0], "clerk", "demo-2026")).status_code == 200


async def test_a_staff_session_slides_idles_out_and_ends_after_its_hours(app, sign_in):
    clerk = await sign_in("clerk")
    for column, ago in (("last_seen_at", "31 minutes"), ("expires_at", "1 second")):
        async with app.state.sessions.write() as session, session.begin():
            moved = f"UPDATE access_session SET {column} = now() - interval '{ago}'"
            await session.execute(text(moved))
        await refused(await clerk.get("/v1/me"), 401, "unauthenticated")
        clerk = await sign_in("clerk")

    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text("UPDATE access_session SET last_seen_at = now() - interval '29 minutes'"))
    await ok(await clerk.get("/v1/me"))
    assert await ask(app, "SELECT bool_or(last_seen_at > now() - interval '1 minute') FROM access_session") == [(True,)]


async def test_a_revoked_session_ends_at_once_and_an_unknown_token_is_no_error(visitor, sign_in):
    clerk = await sign_in("clerk")
    held = clerk.headers["Authorization"].removeprefix("Bearer ")
    assert (await visitor.post("/v1/auth/revoke", data={"token": held})).status_code == 200
    await refused(await clerk.get("/v1/me"), 401, "unauthenticated")

    assert (await visitor.post("/v1/auth/revoke", data={"token": "dds_unknown"})).status_code == 200


async def test_a_changed_password_ends_the_other_sessions(visitor, sign_in):
    here, there = await sign_in("clerk"), await sign_in("clerk")
    wrong = {"old_password": "not-it", "new_password": "another-long-one"}
    await refused(await here.put("/v1/me/password", json=wrong), 403, "password-wrong")
    await ok(await there.get("/v1/me"))

    done = await here.put("/v1/me/password", json={**wrong, "old_password": "demo-2026"})

    assert done.status_code == 204
    await ok(await here.get("/v1/me"))
    await refused(await there.get("/v1/me"), 401, "unauthenticated")
    assert (await token(visitor, "clerk", "demo-2026")).status_code == 400
    assert (await token(visitor, "clerk", "another-long-one")).status_code == 200


async def test_a_machine_signs_in_by_its_secret_and_an_empty_basic_header_is_none(visitor):
    form = {"grant_type": "client_credentials", "client_id": "demo-integrator", "client_secret": "wrong"}
    refusal = await visitor.post("/v1/auth/token", data=form)
    assert (refusal.status_code, refusal.json()["error"]) == (401, "invalid_client")

    form["client_secret"] = "demo-integrator-secret"
    answer = await visitor.post("/v1/auth/token", data=form, headers={"Authorization": "Basic Og=="})

    assert answer.status_code == 200
    missing = await visitor.post("/v1/auth/token", data={"grant_type": "client_credentials"})
    assert missing.json()["error"] == "invalid_request"
    odd = await visitor.post("/v1/auth/token", data={"grant_type": "device_code"})
    assert odd.json()["error"] == "unsupported_grant_type"


async def renewed(visitor, refresh):
    return await visitor.post("/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": refresh})


async def test_a_refresh_token_serves_once_and_its_reuse_ends_the_family(app, visitor, somebody):
    first = (await visitor.post("/v1/auth/otp/verify", json={"phone": KNOWN, "code": "999999"})).json()
    second = (await renewed(visitor, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    await ok(await somebody(second["access_token"]).get("/v1/me"))

    stolen = await renewed(visitor, first["refresh_token"])

    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert (await renewed(visitor, second["refresh_token"])).status_code == 400
    await refused(await somebody(second["access_token"]).get("/v1/me"), 401, "unauthenticated")
    assert await ask(app, "SELECT revoked_why FROM token_family") == [("reuse",)]


async def test_of_two_renewals_at_once_one_wins(visitor, app):
    first = (await visitor.post("/v1/auth/otp/verify", json={"phone": KNOWN, "code": "999999"})).json()

    answers = await asyncio.gather(*(renewed(visitor, first["refresh_token"]) for _ in range(2)))

    assert sorted(a.status_code for a in answers) == [200, 400]


async def test_a_resident_signs_out_on_one_device_only(visitor, somebody):
    here = (await visitor.post("/v1/auth/otp/verify", json={"phone": KNOWN, "code": "999999"})).json()
    there = (await visitor.post("/v1/auth/otp/verify", json={"phone": KNOWN, "code": "999999"})).json()

    await visitor.post("/v1/auth/revoke", data={"token": here["refresh_token"]})

    await refused(await somebody(here["access_token"]).get("/v1/me"), 401, "unauthenticated")
    await ok(await somebody(there["access_token"]).get("/v1/me"))
