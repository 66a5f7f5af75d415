"""What happens to people: reported by those who may know, quietly, and taken back when it was a mistake."""

import pytest

from app.core.ids import demo_id, new_id
from tests.conftest import sign_in_resident
from tests.orders.bodies import ok, refused
from tests.people import proxies
from tests.people.homes import a_clerk_of, ask, day
from tests.people.proxies import LI, WANG, ZHENG, active, link, on_paper

EVENTS = f"/v1/residents/{WANG}/events"
AWAY = {"type": "HOSPITALISED", "on": day(0)}
BACK = {"type": "RETURNED", "on": day(0)}
DEAD = {"type": "DECEASED", "on": day(0)}
ALIVE = {"type": "NOT_DECEASED", "reason": "同名的人，误报"}


@pytest.fixture
async def clinic(sign_in):
    """A nurse of the clinic that serves QHC."""
    return await sign_in("clinic")


@pytest.fixture
async def daughter(sign_in):
    return await sign_in("13800000004")


async def stored(app) -> list[tuple]:
    return await ask(app, "SELECT away_since, deceased_on, version FROM resident WHERE id = :id", id=WANG) + await ask(
        app, "SELECT type, role, happened_on FROM life_event ORDER BY id"
    )


async def jobs(app) -> list[tuple]:
    asked = "SELECT task_name, args->>'resident_id' FROM procrastinate_jobs WHERE task_name LIKE 'orders.%' ORDER BY id"
    return await ask(app, asked)


async def test_row_13_hospitalised_and_back_by_oneself(app, resident):
    away = await ok(await resident.post(EVENTS, json=AWAY))

    assert (away["state"], away["away_since"], away["actions"]) == ("AWAY", day(0), ["RETURNED"])
    assert await jobs(app) == [("orders.person_changed", str(WANG))]
    await refused(await resident.post(EVENTS, json=AWAY), 409, "invalid-transition")

    back = await ok(await resident.post(EVENTS, json=BACK))

    assert (back["state"], back["away_since"], back["actions"]) == ("AT_HOME", None, ["HOSPITALISED"])
    await refused(await resident.post(EVENTS, json=BACK), 409, "invalid-transition")
    assert len(await jobs(app)) == 2


async def test_nobody_reports_his_own_death_and_nobody_a_strangers(app, resident, neighbour, daughter):
    before = await stored(app)

    await refused(await resident.post(EVENTS, json=DEAD), 403, "forbidden")
    await refused(await resident.post(EVENTS, json=ALIVE), 403, "forbidden")
    for stranger in (neighbour, daughter):
        for body in (AWAY, DEAD):
            await refused(await stranger.post(EVENTS, json=body), 404, "resident-not-found")

    assert (await stored(app), await jobs(app)) == (before, [])


@pytest.mark.parametrize(("scopes", "sees"), [(["ORDER", "PAY"], False), (["DOCTOR_VISIT"], True)])
async def test_whoever_arranges_her_visits_may_report(app, daughter, scopes, sees):
    await active(daughter, scopes=scopes)

    answer = await daughter.post(EVENTS, json=AWAY)

    assert answer.status_code == (200 if sees else 404), answer.text


async def test_row_13_a_death_ends_proxies_and_sign_ins_and_sends_nothing(app, daughter, resident, clerk):
    granted = (await active(daughter))["id"]
    held = (await ok(await on_paper(clerk, ZHENG, WANG), 201))["id"]
    before = await ask(app, "SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'people.%'")

    done = await ok(await daughter.post(EVENTS, json=DEAD))

    assert (done["state"], done["deceased_on"], done["actions"]) == ("DECEASED", day(0), [])
    assert {str(row[0]): row[1] for row in await proxies.stored(app)} == {granted: "REVOKED", held: "REVOKED"}
    assert sorted(await proxies.ended(app)) == sorted([granted, held])
    await refused(await resident.get("/v1/me"), 401, "unauthenticated")
    assert await ask(app, "SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'people.%'") == before
    assert ("orders.person_changed", str(WANG)) in await jobs(app)
    await refused(await daughter.post(EVENTS, json=DEAD), 404, "resident-not-found")


async def test_a_clinic_reports_of_its_own_patients_only(app, clinic):
    other = demo_id("resident", "+8613800000001")
    before = await stored(app)

    await refused(await clinic.post(f"/v1/residents/{other}/events", json=DEAD), 404, "resident-not-found")
    await refused(await clinic.post(f"/v1/residents/{LI}/events", json=AWAY), 404, "resident-not-found")
    assert await stored(app) == before

    assert (await ok(await clinic.post(EVENTS, json=DEAD)))["state"] == "DECEASED"
    await refused(await clinic.post(EVENTS, json=ALIVE), 403, "forbidden")


async def test_an_agent_reports_what_a_caller_says_but_no_death(app, agent):
    before = await stored(app)
    await refused(await agent.post(EVENTS, json=AWAY), 404, "resident-not-found")
    await link(agent, WANG)
    await refused(await agent.post(EVENTS, json=DEAD), 403, "forbidden")
    assert await stored(app) == before

    await ok(await agent.post(EVENTS, json=AWAY))

    ((channel, call),) = await ask(app, "SELECT channel, call_id IS NOT NULL FROM life_event")
    assert (channel, call) == ("PHONE", True)


async def test_a_clerk_takes_a_mistaken_death_back_with_a_reason(app, clerk, sign_in, visitor):
    await ok(await clerk.post(EVENTS, json=DEAD))
    far = await a_clerk_of(app, "A001", sign_in)
    await refused(await far.post(EVENTS, json=ALIVE), 404, "resident-not-found")
    assert (await clerk.post(EVENTS, json={"type": "NOT_DECEASED"})).status_code == 422

    done = await ok(await clerk.post(EVENTS, json=ALIVE))

    assert (done["state"], done["deceased_on"]) == ("AT_HOME", None)
    assert [row[0] for row in (await stored(app))[1:]] == ["DECEASED", "NOT_DECEASED"]
    (raw,) = await ask(app, "SELECT reason FROM life_event WHERE reason IS NOT NULL")
    assert "同名".encode() not in bytes(raw[0])
    assert (await sign_in_resident(visitor, "13800000003"))["resident_id"] == str(WANG)


@pytest.mark.parametrize("body", [{**AWAY, "on": day(1)}, {**DEAD, "on": day(1)}])
async def test_nothing_is_reported_of_tomorrow(app, clerk, body):
    before = await stored(app)

    await refused(await clerk.post(EVENTS, json=body), 422, "event-day")

    assert (await stored(app), await jobs(app)) == (before, [])


async def test_nobody_is_back_before_he_went(app, clerk):
    await ok(await clerk.post(EVENTS, json=AWAY))

    await refused(await clerk.post(EVENTS, json={**BACK, "on": day(-1)}), 422, "event-day")

    assert (await stored(app))[0][0].isoformat() == day(0)
    await refused(await clerk.post(f"/v1/residents/{new_id()}/events", json=AWAY), 404, "resident-not-found")


async def test_row_17_the_number_of_a_dead_person_belongs_to_whoever_has_it_now(app, clerk, visitor, somebody):
    await ok(await clerk.post(EVENTS, json=DEAD))
    signed = await ask(app, "SELECT count(*) FROM token_family")
    body = {"phone": "13800000003", "code": "000000"}

    await refused(await visitor.post("/v1/auth/otp/verify", json=body), 409, "account-resting")
    named = {**body, "name": "王秀英"}
    await refused(await visitor.post("/v1/auth/otp/verify", json=named), 409, "account-resting")
    assert await ask(app, "SELECT count(*) FROM token_family") == signed

    fresh = await ok(await visitor.post("/v1/auth/otp/verify", json={**body, "new_person": True}))

    assert fresh["new_resident"]
    me = await ok(await somebody(fresh["access_token"]).get("/v1/me"))
    assert (me["name"], me["rooms"], me["birth_year"]) == ("", [], None)


async def test_nobody_acts_for_a_dead_person(app, clerk, daughter):
    await ok(await clerk.post(EVENTS, json=DEAD))

    asked = await proxies.asked(daughter)
    told = await proxies.step(daughter, asked["id"], "confirm", code="000000")
    await refused(told, 409, "account-resting")
    await refused(await on_paper(clerk, WANG, LI), 409, "account-resting")
    consent = {"code": "HEALTH_DATA", "version": "2026-01", "given": True}
    await refused(await clerk.post(f"/v1/residents/{WANG}/consents", json=consent), 409, "account-resting")

    assert [row[1] for row in await proxies.stored(app)] == ["PENDING"]


async def test_row_17_two_elders_share_one_phone_and_neither_becomes_the_other(app, clerk, agent, visitor):
    body = {"name": "王建国", "birth_year": 1942}
    await refused(await agent.post("/v1/residents", json=body), 422, "phone-required")
    known = await refused(
        await clerk.post("/v1/residents", json={**body, "phone": "13800000003"}), 409, "resident-known"
    )
    assert known["resident_id"] == str(WANG)

    husband = await ok(await clerk.post("/v1/residents", json=body), 201)

    assert (husband["phone_masked"], husband["version"]) == ("****", 1)
    assert (await sign_in_resident(visitor, "13800000003"))["resident_id"] == str(WANG)
    await ok(await on_paper(clerk, husband["id"], WANG, relation="妻子"), 201)


async def test_a_clerk_sets_name_and_year_of_birth_right(app, clerk, sign_in):
    path, body = f"/v1/residents/{WANG}", {"name": "王秀兰", "birth_year": 1943}
    found = (await ok(await clerk.post("/v1/residents/search", json={"phone": "13800000003"})))["items"][0]
    far = await a_clerk_of(app, "A001", sign_in)
    stale = {"If-Match": f'"{found["version"]}"'}
    await refused(await clerk.put(path, json=body), 428, "version-required")
    await refused(await far.put(path, json=body, headers=stale), 404, "resident-not-found")
    too_late = {**body, "birth_year": 2099}
    await refused(await clerk.put(path, json=too_late, headers=stale), 422, "birth-year-wrong")

    done = await ok(await clerk.put(path, json=body, headers=stale))

    assert (done["name_masked"], done["version"]) == ("王*兰", found["version"] + 1)
    await refused(await clerk.put(path, json=body, headers=stale), 412, "version-mismatch")
    (raw,) = await ask(app, "SELECT birth_year FROM resident WHERE id = :id", id=WANG)
    assert b"1943" not in bytes(raw[0])


async def test_row_19_a_minor_does_not_make_himself_an_adult(app, neighbour, clerk):
    path, star = "/v1/me", {"If-Match": "*"}
    first = await ok(await neighbour.put(path, json={"name": "郑远航", "birth_year": 2012}, headers=star))
    assert first["birth_year"] == 2012

    await refused(
        await neighbour.put(path, json={"name": "郑远航", "birth_year": 1990}, headers=star), 409, "birth-year-fixed"
    )

    same = await ok(await neighbour.put(path, json={"name": "郑航"}, headers=star))
    assert (same["birth_year"], same["name"]) == (2012, "郑航")
    await ok(await clerk.put(f"/v1/residents/{ZHENG}", json={"name": "郑航", "birth_year": 1990}, headers=star))
    assert (await ok(await neighbour.get(path)))["birth_year"] == 1990
