"""Closing an account: refused while something is open or owed; then nothing personal is left, and money rows stay."""

import asyncio

import pytest
from sqlalchemy import select, text

from app.orders import echoes
from app.orders.models import Order
from app.web.run import Run
from tests.conftest import sign_in_resident
from tests.orders.bodies import an_order, ok, refused, waste
from tests.people import proxies
from tests.people.homes import ask, bind, do, invite
from tests.people.proxies import LI, WANG, active, link

ANY = {"If-Match": "*"}
HEALTH = {"code": "HEALTH_DATA", "version": "2026-01", "given": True}
PERSONAL = (
    "SELECT phone, phone_index, phone_last4_index, name, name_index, birth_year, privacy_version, away_since, deceased_on "
    "FROM resident WHERE id = :id"
)


@pytest.fixture
async def daughter(sign_in):
    return await sign_in("13800000004")


async def person(app) -> tuple:
    (row,) = await ask(
        app, "SELECT closed_at, version, phone_index IS NULL, name_index IS NULL FROM resident WHERE id = :id", id=WANG
    )
    return row


async def settle(app, settlement: str) -> None:
    """Every order is at its end, and so is its money."""
    await do(app, "UPDATE service_order SET closed_at = now(), settlement = :settlement", settlement=settlement)


async def test_whoever_leaves_names_the_version_that_he_saw(app, resident):
    before = await person(app)

    await refused(await resident.delete("/v1/me"), 428, "version-required")
    await refused(await resident.delete("/v1/me", headers={"If-Match": '"99.x"'}), 412, "version-mismatch")

    assert await person(app) == before


async def test_an_open_order_keeps_the_account(app, resident):
    order = await ok(await resident.get(await an_order(resident)))
    before = await person(app)

    told = await refused(await resident.delete("/v1/me", headers=ANY), 409, "orders-open")

    assert order["number"] in told["detail"]
    assert await person(app) == before


@pytest.mark.parametrize("settlement", ["DUE", "REFUND_DUE"])
async def test_money_that_is_owed_by_either_keeps_the_account(app, resident, settlement):
    order = await ok(await resident.get(await an_order(resident)))
    await settle(app, settlement)
    before = await person(app)

    told = await refused(await resident.delete("/v1/me", headers=ANY), 409, "money-owed")

    assert order["number"] in told["detail"]
    assert await person(app) == before


async def test_nothing_personal_is_left_and_every_sign_in_ends(app, resident, daughter, agent, clerk, visitor):
    granted = (await active(daughter))["id"]
    await ok(await resident.post("/v1/me/consents", json=HEALTH))
    await ok(await clerk.post(f"/v1/residents/{WANG}/events", json={"type": "HOSPITALISED", "on": "2026-11-01"}))
    code = await invite(resident)
    wechat = (
        "INSERT INTO wechat_account (id, openid, openid_index, resident_id, phone_index, linked_at) "
        "SELECT id, phone, phone_index, id, phone_index, now() FROM resident WHERE id = :id"
    )
    await do(app, wechat, id=WANG)
    await bind(resident, "QHC-1-1-301", "FAMILY")
    await link(agent, WANG)
    await ok(await agent.post(f"/v1/residents/{WANG}/reveal", json={"reason": "OTHER", "note": "快递放在物业"}))
    await an_order(resident)
    await settle(app, "PAID")
    money = await ask(app, "SELECT id, amount_fen, paid_fen FROM order_charge ORDER BY id")

    answer = await resident.delete("/v1/me", headers=ANY)

    assert (answer.status_code, answer.content) == (204, b"")
    assert await ask(app, PERSONAL, id=WANG) == [(None,) * 9]
    assert (await person(app))[0] is not None
    assert await ask(app, "SELECT DISTINCT status FROM residency WHERE resident_id = :id", id=WANG) == [("ENDED",)]
    grants = await ask(app, "SELECT id, status, relation, named FROM proxy_grant")
    assert [(str(row[0]), *row[1:]) for row in grants] == [(granted, "REVOKED", None, None)]
    assert await ask(app, "SELECT withdrawn_at IS NULL FROM consent") == [(False,)]
    assert await ask(app, "SELECT count(*) FROM life_event") == [(0,)]
    assert await ask(app, "SELECT note, outcome FROM disclosure") == [(None, "SHOWN")]
    assert await ask(app, "SELECT id, amount_fen, paid_fen FROM order_charge ORDER BY id") == money
    linked = "SELECT count(*) FROM wechat_account WHERE resident_id = :id"
    assert await ask(app, linked, id=WANG) == [(0,)]
    jobs = "SELECT args->>'resident_id' FROM procrastinate_jobs WHERE task_name = 'orders.scrub_person'"
    assert await ask(app, jobs) == [(str(WANG),)]
    await refused(await resident.get("/v1/me"), 401, "unauthenticated")
    assert (await ok(await clerk.post("/v1/residents/search", json={"name": "王秀英"})))["items"] == []
    by_code = {"room": "QHC-1-1-102", "role": "TENANT", "invitation_code": code}
    await refused(await daughter.post("/v1/me/residencies", json=by_code), 422, "invitation-wrong")
    fresh = await sign_in_resident(visitor, "13800000003")
    assert (fresh["new_resident"], fresh["resident_id"] == str(WANG)) == (True, False)


@pytest.mark.parametrize(
    ("lock", "status", "placed"),
    [("FOR UPDATE", 422, 0), ("FOR NO KEY UPDATE", 201, 1)],
    ids=["held as the program does", "control: held less firmly"],
)
async def test_no_order_slips_in_while_an_account_closes(app, resident, lock, status, placed):
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text(f"SELECT 1 FROM resident WHERE id = :id {lock}"), {"id": WANG})
        await session.execute(text("UPDATE resident SET closed_at = now() WHERE id = :id"), {"id": WANG})
        placing = asyncio.create_task(resident.post("/v1/orders", json=waste()))
        await asyncio.wait({placing}, timeout=10 if placed else 0.4)

    answer = await placing

    assert answer.status_code == status, answer.text
    assert await ask(app, "SELECT count(*) FROM service_order") == [(placed,)]


async def test_calls_and_orders_forget_who_it_was_and_keep_what_was_paid(app, resident, somebody, agent):
    call = {"channel": "PHONE", "direction": "INBOUND", "identity_check": [], "caller_phone": "13800000003"}
    number = (await ok(await agent.post("/v1/calls", json=call), 201))["number"]
    await ok(await agent.post(f"/v1/calls/{number}/steps", json={"action": "link", "resident_id": str(WANG)}))
    close = {"action": "close", "outcome": "DONE", "note": "问取暖改造"}
    await ok(await agent.post(f"/v1/calls/{number}/steps", json=close))
    await an_order(resident)
    await settle(app, "PAID")
    assert (await resident.delete("/v1/me", headers=ANY)).status_code == 204
    run = Run(app.state.settings, app.state.sessions, None)  # type: ignore[arg-type]

    await echoes.scrub_person(run, str(WANG))
    await echoes.scrub_person(run, str(WANG))

    kept = "SELECT caller_phone, note, outcome FROM call WHERE number = :number"
    assert await ask(app, kept, number=number) == [(None, None, "DONE")]
    async with app.state.sessions.read() as session:
        (contact,) = (await session.execute(select(Order.contact))).scalars()
    assert "13800000003" not in str(contact)
    assert "王秀英" not in str(contact)


async def test_nobody_acts_for_who_has_left(app, resident, clerk):
    assert (await resident.delete("/v1/me", headers=ANY)).status_code == 204

    await refused(await proxies.on_paper(clerk, WANG, LI), 409, "account-resting")
    body = {"type": "HOSPITALISED", "on": "2026-11-01"}
    await refused(await clerk.post(f"/v1/residents/{WANG}/events", json=body), 404, "resident-not-found")
    put = await clerk.put(f"/v1/residents/{WANG}", json={"name": "王秀英"}, headers=ANY)
    await refused(put, 404, "resident-not-found")

    assert await ask(app, PERSONAL, id=WANG) == [(None,) * 9]


async def test_the_export_tells_proxies_consents_and_what_was_reported(app, resident, daughter, clerk):
    granted = (await active(daughter))["id"]
    await ok(await resident.post("/v1/me/consents", json=HEALTH))
    await ok(await clerk.post(f"/v1/residents/{WANG}/events", json={"type": "HOSPITALISED", "on": "2026-11-01"}))

    told = await ok(await resident.get("/v1/me/export"))

    assert told["me"]["birth_year"] == 1944
    assert [(row["id"], row["status"]) for row in told["proxies"]] == [(granted, "ACTIVE")]
    assert [(row["code"], row["current"]) for row in told["consents"]] == [("HEALTH_DATA", True)]
    assert [(row["type"], row["on"], row["role"]) for row in told["life_events"]] == [
        ("HOSPITALISED", "2026-11-01", "CLERK")
    ]


async def test_an_agent_sees_who_acts_for_the_caller(daughter, agent):
    granted = (await active(daughter))["id"]

    seen = await ok(await agent.get(f"/v1/residents/{WANG}"))

    (row,) = seen["proxies"]
    assert (row["id"], row["holder"]["name_masked"], row["principal"]["phone_masked"]) == (
        granted,
        "李*兰",
        "138****0003",
    )
