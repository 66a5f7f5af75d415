"""Proxies: asked for in both directions, confirmed by the principal's code, on paper by a clerk, and ended by anybody."""

import asyncio
from datetime import timedelta

import pytest

from app.core import clock
from app.core.ages import age_band, is_under
from app.core.ids import demo_id, new_id
from app.people.proxies import jobs
from app.people.proxies import queries as proxies
from app.people.proxies.models import ProxyScope
from app.web.run import Run
from tests.orders.bodies import ok, refused
from tests.people import homes
from tests.people.homes import a_clerk_of, ask, bind, day, do, today
from tests.people.proxies import (
    DAUGHTER,
    LI,
    MOTHER,
    PROXIES,
    WANG,
    ZHENG,
    active,
    asked,
    codes,
    ended,
    link,
    on_paper,
    step,
    stored,
    wish,
)


@pytest.fixture
async def daughter(sign_in):
    """李晓兰, who lives nowhere here."""
    return await sign_in(DAUGHTER)


async def principals(app, holder, scope: ProxyScope) -> list:
    async with app.state.sessions.read() as session:
        return list((await session.execute(proxies.principals_of(holder, scope, today()))).scalars())


async def mine(person) -> list[dict]:
    return list((await ok(await person.get(PROXIES)))["items"])


async def test_a_daughter_acts_for_her_mother_once_the_code_of_the_mothers_phone_is_brought(app, daughter, resident):
    proxy = await asked(daughter)

    assert (proxy["status"], proxy["valid_from"], proxy["actions"]) == (
        "PENDING",
        day(0),
        ["confirm", "resend", "revoke"],
    )
    assert proxy["valid_until"] == clock.add_months(today(), 12).isoformat()
    (code,) = await codes(app)
    assert (code.phone, str(code.proxy_id)) == ("+8613800000003", proxy["id"])
    assert await principals(app, LI, ProxyScope.ORDER) == []

    done = await ok(await step(daughter, proxy["id"], "confirm", code="000000"))

    assert (done["status"], done["version"], done["actions"]) == ("ACTIVE", 2, ["revoke"])
    assert done["principal"] == {
        "resident_id": str(WANG),
        "name_masked": "王*英",
        "phone_masked": "138****0003",
        "room": None,
    }
    assert await principals(app, LI, ProxyScope.ORDER) == [WANG]
    assert await principals(app, LI, ProxyScope.PAY) == []
    async with app.state.sessions.read() as session:
        held = await proxies.active(session, LI, WANG, today())
        nothing = await proxies.active(session, WANG, LI, today())
    assert held is not None
    assert (held.scopes, nothing) == (["ORDER", "DOCTOR_VISIT"], None)
    assert [(row["id"], row["status"]) for row in await mine(resident)] == [(proxy["id"], "ACTIVE")]


async def test_a_mother_names_her_daughter_and_confirms_herself(app, resident, daughter):
    proxy = await asked(resident, role="PROXY", phone=DAUGHTER, scopes=["OWNER_DECISION", "ORDER"], months=6)

    (code,) = await codes(app)
    assert code.phone == "+8613800000003"
    (seen,) = await mine(daughter)
    assert (seen["principal"]["name_masked"], seen["scopes"]) == ("王*英", ["ORDER", "OWNER_DECISION"])
    assert seen["valid_until"] == clock.add_months(today(), 6).isoformat()

    done = await ok(await step(resident, proxy["id"], "confirm", code="000000"))

    assert (done["status"], done["holder"]["resident_id"]) == ("ACTIVE", str(LI))
    assert await principals(app, LI, ProxyScope.OWNER_DECISION) == [WANG]


def shape(answer: dict) -> dict:
    """What an answer says beside its own id and what the asker typed himself."""
    named = {"principal": {**answer["principal"], "phone_masked": None, "room": None}}
    return {**answer, "id": None, **named}


async def test_row_18_the_answer_is_the_same_whether_or_not_the_one_who_is_named_is_known(app, daughter):
    known = await asked(daughter)
    unknown = await asked(daughter, phone="13800000099")
    room = await asked(daughter, phone=None, room="QHC-1-1-102")
    no_room = await asked(daughter, phone=None, room="QHC-9-9-999")

    assert shape(known) == shape(unknown) == shape(room) == shape(no_room)
    assert known["principal"] == {
        "resident_id": None,
        "name_masked": None,
        "phone_masked": "138****0003",
        "room": None,
    }
    assert room["principal"]["room"] == "QHC-1-1-102"
    assert [code.phone for code in await codes(app)] == ["+8613800000003", "+8613800000099"]
    for dead in (room, no_room):
        await refused(await step(daughter, dead["id"], "confirm", code="000000"), 401, "code-wrong")
        assert (await ok(await step(daughter, dead["id"], "resend")))["status"] == "PENDING"
    assert len(await codes(app)) == 2


async def test_somebody_nobody_knew_confirms_by_the_code_and_has_nothing_that_was_somebody_elses(app, daughter):
    done = await active(daughter, phone="13800000099")

    (row,) = await ask(
        app, "SELECT name IS NULL, phone_verified_at FROM resident WHERE id = :id", id=done["principal"]["resident_id"]
    )
    assert row == (True, None)
    assert done["principal"]["name_masked"] is None


async def test_whoever_lives_in_a_room_names_its_owner_by_the_room(app, sign_in, neighbour):
    await do(
        app,
        "UPDATE residency SET room_id = :room WHERE resident_id = :id",
        room=demo_id("room", "QHC-1-1-102"),
        id=ZHENG,
    )

    proxy = await asked(neighbour, phone=None, room="QHC-1-1-102", relation="租户")

    assert proxy["principal"]["resident_id"] is None
    assert [code.phone for code in await codes(app)] == ["+8613800000003"]
    done = await ok(await step(neighbour, proxy["id"], "confirm", code="000000"))
    assert done["principal"]["resident_id"] == str(WANG)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": DAUGHTER}, "proxy-self"),
        ({"phone": "0359-0000-012"}, "mobile-required"),
        ({"room": "QHC-1-1-102"}, "validation-failed"),
        ({"phone": None}, "validation-failed"),
        ({"scopes": []}, "validation-failed"),
        ({"scopes": ["EVERYTHING"]}, "validation-failed"),
        ({"months": 13}, "validation-failed"),
        ({"months": 0}, "validation-failed"),
    ],
)
async def test_what_cannot_be_is_refused(app, daughter, changes, code):
    before = await stored(app)

    told = (await daughter.post(PROXIES, json=wish(**changes))).json()

    assert told["status"] == 422
    assert code == "validation-failed" or told["code"] == code
    assert (await stored(app), await codes(app)) == (before, [])


async def test_ten_may_be_asked_for_a_day(app, daughter):
    for n in range(10):
        await asked(daughter, phone=f"138000001{n:02d}")
    before = await stored(app)

    told = await daughter.post(PROXIES, json=wish(phone="13800000111"))

    assert int(told.headers["retry-after"]) > 0
    await refused(told, 429, "rate-limited")
    assert await stored(app) == before


async def test_a_code_for_a_proxy_signs_nobody_in_and_a_code_to_sign_in_confirms_nothing(app, daughter, visitor):
    app.state.settings.__dict__["demo_otp"] = "999999"
    proxy = await asked(daughter)
    await ok(await visitor.post("/v1/auth/otp", json={"phone": MOTHER}), 202)
    for_proxy, for_sign_in = (code.code for code in await codes(app))

    body = {"phone": MOTHER, "code": for_proxy}
    wrong = for_proxy != for_sign_in
    assert wrong
    await refused(await visitor.post("/v1/auth/otp/verify", json=body), 401, "code-wrong")
    await refused(await step(daughter, proxy["id"], "confirm", code=for_sign_in), 401, "code-wrong")

    assert (await stored(app))[0][1] == "PENDING"
    assert (await ok(await step(daughter, proxy["id"], "confirm", code=for_proxy)))["status"] == "ACTIVE"


async def test_five_codes_may_be_tried_and_another_one_sent(app, daughter):
    app.state.settings.__dict__["demo_otp"] = "999999"
    proxy = await asked(daughter)
    (code,) = await codes(app)
    guesses = [f"{n:06d}" for n in range(6) if f"{n:06d}" != code.code][:5]
    for guess in guesses:
        await refused(await step(daughter, proxy["id"], "confirm", code=guess), 401, "code-wrong")

    await refused(await step(daughter, proxy["id"], "confirm", code=str(code.code)), 401, "code-wrong")
    assert (await stored(app))[0][1] == "PENDING"

    await ok(await step(daughter, proxy["id"], "resend"))
    second = (await codes(app))[-1]
    assert (await ok(await step(daughter, proxy["id"], "confirm", code=str(second.code))))["status"] == "ACTIVE"


async def test_the_message_is_another_than_that_of_a_sign_in(app, daughter):
    from app.people.jobs import send_code  # noqa: PLC0415

    sent = []

    async def send(phone, template, params):
        sent.append((phone, template, sorted(params)))

    await asked(daughter)
    (code,) = await codes(app)
    run = Run(app.state.settings, app.state.sessions, send)
    await send_code(run, str(code.id))
    await send_code(run, str(code.id))

    assert sent == [("+8613800000003", "proxy-code", ["code"])]
    assert (await codes(app))[0].code is None


async def test_a_stranger_finds_no_proxy(app, daughter, neighbour):
    proxy = await active(daughter)
    before = await stored(app)

    assert await mine(neighbour) == []
    for action in ("confirm", "revoke", "decline", "resend"):
        body = {"code": "000000"} if action == "confirm" else {}
        await refused(await step(neighbour, proxy["id"], action, **body), 404, "proxy-not-found")
    await refused(await step(neighbour, str(new_id()), "revoke"), 404, "proxy-not-found")

    assert await stored(app) == before


async def test_the_principal_declines_and_the_holder_cannot_decline_for_her(app, daughter, resident):
    proxy = (await asked(daughter))["id"]
    before = await stored(app)

    await refused(await step(daughter, proxy, "decline"), 403, "forbidden")
    assert await stored(app) == before

    assert (await ok(await step(resident, proxy, "decline")))["status"] == "DECLINED"
    await refused(await step(daughter, proxy, "confirm", code="000000"), 409, "invalid-transition")
    assert await ended(app) == []


@pytest.mark.parametrize("who", ["daughter", "resident", "clerk"])
async def test_either_side_and_the_clerk_revoke(app, request, daughter, resident, clerk, who):
    proxy = (await active(daughter))["id"]
    person = {"daughter": daughter, "resident": resident, "clerk": clerk}[who]

    done = await ok(await step(person, proxy, "revoke"))

    assert (done["status"], done["actions"]) == ("REVOKED", [])
    assert await ended(app) == [proxy]
    assert await principals(app, LI, ProxyScope.ORDER) == []
    await refused(await step(person, proxy, "revoke"), 409, "invalid-transition")


async def test_an_agent_confirms_with_the_code_that_is_read_out_under_a_call_about_one_of_the_two(app, daughter, agent):
    proxy = (await asked(daughter))["id"]
    before = await stored(app)
    await refused(await step(agent, proxy, "confirm", code="000000"), 404, "proxy-not-found")
    await link(agent, ZHENG)
    await refused(await step(agent, proxy, "confirm", code="000000"), 404, "proxy-not-found")
    assert await stored(app) == before
    await link(agent, WANG)
    await refused(await step(agent, proxy, "confirm", code="123456"), 401, "code-wrong")

    done = await ok(await step(agent, proxy, "confirm", code="000000"))

    assert done["status"] == "ACTIVE"
    (row,) = await ask(app, "SELECT recorded_by, call_id IS NOT NULL FROM proxy_grant")
    assert row == (demo_id("staff", "agent"), True)


async def test_row_19_an_agent_alone_makes_no_proxy(app, agent):
    before = await stored(app)
    await link(agent, LI)

    await refused(await agent.post(PROXIES, json=wish()), 403, "forbidden")
    await refused(await on_paper(agent, WANG, LI), 403, "forbidden")
    del agent.headers["Call-Id"]
    await refused(await step(agent, str(new_id()), "confirm", code="000000"), 409, "call-required")

    assert await stored(app) == before


async def test_a_clerk_records_a_signed_paper_that_holds_at_once(app, clerk, resident):
    done = await ok(await on_paper(clerk, WANG, LI, scopes=["DOCTOR_VISIT"], paper_number="WT-2026-31", months=3), 201)

    assert (done["status"], done["evidence"], done["paper_number"]) == ("ACTIVE", "SIGNED_PAPER", "WT-2026-31")
    assert done["valid_until"] == clock.add_months(today(), 3).isoformat()
    assert await principals(app, LI, ProxyScope.DOCTOR_VISIT) == [WANG]
    assert [(row["id"], row["actions"]) for row in await mine(resident)] == [(done["id"], ["revoke"])]
    (raw,) = await ask(app, "SELECT paper_number, relation FROM proxy_grant")
    assert b"WT-2026" not in bytes(raw[0])
    assert "儿子".encode() not in bytes(raw[1])


@pytest.mark.parametrize(
    ("principal", "holder", "status", "code"),
    [
        (WANG, WANG, 422, "proxy-self"),
        (WANG, new_id(), 422, "resident-unknown"),
        (new_id(), LI, 404, "resident-not-found"),
    ],
)
async def test_a_paper_names_two_who_are_known(app, clerk, principal, holder, status, code):
    await refused(await on_paper(clerk, principal, holder), status, code)

    assert await stored(app) == []


async def test_a_clerk_of_another_area_neither_records_nor_revokes(app, sign_in, daughter):
    proxy = (await active(daughter))["id"]
    far = await a_clerk_of(app, "A001", sign_in)
    before = await stored(app)

    await refused(await on_paper(far, WANG, ZHENG), 404, "resident-not-found")
    await refused(await step(far, proxy, "revoke"), 404, "proxy-not-found")

    assert await stored(app) == before
    near = await a_clerk_of(app, "A003", sign_in, "near-clerk")
    assert (await ok(await step(near, proxy, "revoke")))["status"] == "REVOKED"


async def test_a_new_proxy_takes_the_place_of_the_old_one(app, daughter, clerk):
    first = (await active(daughter, scopes=["ORDER"]))["id"]
    waiting = (await asked(daughter))["id"]

    second = (await active(daughter, scopes=["PAY"]))["id"]

    assert {str(row[0]): row[1] for row in await stored(app)} == {
        first: "REVOKED",
        waiting: "REVOKED",
        second: "ACTIVE",
    }
    assert await ended(app) == [first]
    await ok(await on_paper(clerk, WANG, LI), 201)
    assert await ended(app) == [first, second]
    assert await principals(app, LI, ProxyScope.ORDER) == [WANG]
    assert await principals(app, LI, ProxyScope.PAY) == []


async def test_a_renewed_proxy_gives_nobody_a_reason_to_ask(app, daughter):
    first = (await active(daughter, scopes=["ORDER"]))["id"]

    second = (await active(daughter, scopes=["ORDER", "PAY"]))["id"]

    assert {str(row[0]): row[1] for row in await stored(app)} == {first: "REVOKED", second: "ACTIVE"}
    assert await ended(app) == []


async def test_several_that_are_confirmed_at_once_leave_one(app, daughter):
    asked_for = [(await asked(daughter, scopes=[scope]))["id"] for scope in ("ORDER", "PAY", "VIEW_FEES")]

    answers = await asyncio.gather(*(step(daughter, proxy, "confirm", code="000000") for proxy in asked_for))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert sorted(row[1] for row in await stored(app)) == ["ACTIVE", "REVOKED", "REVOKED"]


async def over(app) -> None:
    await jobs.expire(Run(app.state.settings, app.state.sessions, None))  # type: ignore[arg-type]


async def test_a_proxy_ends_on_its_day_and_lets_nobody_act_before_a_job_has_ended_it(app, daughter):
    proxy = (await active(daughter, months=1))["id"]
    await do(
        app,
        "UPDATE proxy_grant SET valid_from = :old, valid_until = :today",
        old=today() - timedelta(days=30),
        today=today(),
    )

    assert await principals(app, LI, ProxyScope.ORDER) == []
    await over(app)
    await over(app)

    assert [(row["status"], row["actions"]) for row in await mine(daughter)] == [("EXPIRED", [])]
    assert await ended(app) == [proxy]


async def test_what_nobody_confirmed_lapses_after_a_week(app, daughter):
    await asked(daughter)
    kept = (await asked(daughter, phone="13800000099"))["id"]
    await do(app, "UPDATE proxy_grant SET created_at = now() - interval '8 days' WHERE id <> :id", id=kept)

    await over(app)

    assert sorted(row[1] for row in await stored(app)) == ["EXPIRED", "PENDING"]
    assert await ended(app) == []


async def test_row_6_whoever_moves_out_has_nobody_acting_for_him(app, daughter, resident, clerk):
    granted = (await active(daughter))["id"]
    held = (await ok(await on_paper(clerk, ZHENG, WANG), 201))["id"]
    home = (await homes.mine(resident))[0]["id"]

    await ok(await homes.step(resident, home, "end"))

    assert {str(row[0]): row[1] for row in await stored(app)} == {granted: "REVOKED", held: "ACTIVE"}
    assert await ended(app) == [granted]


async def test_one_of_two_homes_is_not_the_last(app, daughter, resident):
    await bind(resident, "QHC-1-1-202", "OWNER")
    await active(daughter)
    home = (await homes.mine(resident))[-1]["id"]

    await ok(await homes.step(resident, home, "end"))

    assert (await stored(app))[0][1] == "ACTIVE"


async def test_row_6_a_move_on_a_later_day_ends_them_on_that_day_and_a_guardianship_stays(
    app, daughter, resident, clerk
):
    proxy = (await active(daughter))["id"]
    await ok(await on_paper(clerk, WANG, ZHENG, evidence="GUARDIANSHIP"), 201)
    home = (await homes.mine(resident))[0]["id"]
    await ok(await homes.step(resident, home, "end", on=day(3)))
    await over(app)
    assert {row[1] for row in await stored(app)} == {"ACTIVE"}

    await do(app, "UPDATE residency SET end_on = :today WHERE id = :id", today=today(), id=home)
    await over(app)

    assert sorted(row[1] for row in await stored(app)) == ["ACTIVE", "EXPIRED"]
    assert await ended(app) == [proxy]


async def test_row_17_a_recycled_number_confirms_nothing_for_the_one_who_had_it(app, daughter):
    await do(app, "UPDATE resident SET phone_verified_at = now() - interval '181 days' WHERE id = :id", id=WANG)
    proxy = (await asked(daughter))["id"]
    before = await stored(app)

    await refused(await step(daughter, proxy, "confirm", code="000000"), 409, "phone-holder-unsure")
    await refused(await step(daughter, proxy, "confirm", code="000000", name="王五"), 409, "phone-holder-unsure")
    assert await stored(app) == before

    assert (await ok(await step(daughter, proxy, "confirm", code="000000", name="王秀英")))["status"] == "ACTIVE"


async def test_ages_are_told_from_a_year():
    on = today().replace(year=2026)

    assert [age_band(year, on) for year in (1944, 1946, 1947, 2008, 2009, 2012, 2013, None)] == [
        "80+",
        "80+",
        "60-79",
        "18-59",
        "14-17",
        "14-17",
        "0-13",
        None,
    ]
    assert [is_under(18, year, on) for year in (2007, 2008, 2009, None)] == [False, True, True, False]
