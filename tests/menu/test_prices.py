"""A price is prepared by a manager and approved by somebody else; what was ordered before keeps its own."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.ids import demo_id
from tests.orders.bodies import an_order, ok, refused, waste

OFFER = "/v1/compounds/QHC/menu/waste-removal"
ANY = {"If-Match": "*"}


def today() -> date:
    return clock.local_date(clock.utc_now())


def offer(yuan: str = "160.00", ahead: int = 0, **changes):
    """The offer of waste removal, with a new price."""
    line = {"code": "VISIT", "label": "装修垃圾清运", "unit": "户·次", "unit_price": yuan}
    price = {"lines": [line], "effective_from": (today() + timedelta(days=ahead)).isoformat()}
    return {"enabled": True, "offered_from": "2026-01-05", "price": price, **changes}


async def prepared(manager, **what):
    """A price version that waits for its approval."""
    return (await ok(await manager.put(OFFER, json=offer(**what), headers=ANY)))["prepared_price"]


async def step(person, price, action, headers=None, **body):
    path = f"/v1/menu-prices/{price['id']}/steps"
    return await person.post(path, json={"action": action, **body}, headers=headers or {})


async def do(app, statement: str, **values) -> None:
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text(statement), values)


async def stored(app) -> list[tuple[int, str]]:
    """Number and state of every price version of waste removal in QHC."""
    rows = (
        "SELECT number, state FROM menu_price JOIN compound ON compound.id = compound_id "
        "WHERE compound.code = 'QHC' AND item_code = 'waste-removal' ORDER BY number"
    )
    async with app.state.sessions.read() as session:
        return [tuple(row) for row in await session.execute(text(rows))]


async def offer_version(app) -> int:
    found = (
        "SELECT menu_offer.version FROM menu_offer JOIN compound ON compound.id = compound_id "
        "WHERE compound.code = 'QHC' AND item_code = 'waste-removal'"
    )
    async with app.state.sessions.read() as session:
        return (await session.execute(text(found))).scalar_one()


async def shown(visitor, version: int) -> dict:
    """The public page once it shows this price version; it may be a second old."""
    for _ in range(40):
        page = await ok(await visitor.get(OFFER))
        if page["price_version"] == version:
            return page
        await asyncio.sleep(0.05)
    pytest.fail(f"two seconds later the menu still shows version {page['price_version']}")


async def test_an_approved_price_is_on_the_menu_and_old_orders_keep_theirs(visitor, resident, manager, committee):
    before = await an_order(resident)
    assert (await shown(visitor, 1))["price_text"] == "装修垃圾清运 150 元/户·次"
    price = await prepared(manager)
    assert (price["number"], price["status"], price["actions"]) == (2, "PREPARED", ["withdraw"])
    waiting = (await ok(await committee.get("/v1/menu-prices", params={"status": "PREPARED"})))["items"]
    assert [(row["id"], row["actions"]) for row in waiting] == [(price["id"], ["approve", "reject"])]
    assert (await ok(await visitor.get(OFFER)))["price_version"] == 1

    approved = await ok(await step(committee, price, "approve"))

    assert (approved["status"], approved["actions"], approved["version"]) == ("APPROVED", [], 2)
    assert (await shown(visitor, 2))["price"]["lines"][0]["unit_price"] == "160.00"
    late = await refused(await resident.post("/v1/orders", json=waste()), 409, "price-changed")
    assert late["price_version"] == 2
    assert [error["pointer"] for error in late["errors"]] == ["/price_version"]
    old = await ok(await resident.get(before))
    assert (old["price_version"], old["money"]["quoted_fen"], len(old["history"])) == (1, 15000, 1)
    assert [row["number"] for row in (await ok(await resident.get("/v1/orders")))["items"]] == [old["number"]]
    new = await ok(await resident.post("/v1/orders", json=waste(price_version=2)), 201)
    assert (new["price_version"], new["money"]["quoted_fen"]) == (2, 16000)


async def test_a_price_of_a_later_day_is_not_the_price_of_today(app, visitor, resident, manager, committee):
    price = await prepared(manager, ahead=1)

    assert (await ok(await step(committee, price, "approve")))["effective_from"] == f"{today() + timedelta(days=1)}"

    await refused(await resident.post("/v1/orders", json=waste(price_version=2)), 409, "price-changed")
    await an_order(resident, waste(price_version=1))
    await do(app, "UPDATE menu_price SET effective_from = :today WHERE number = 2", today=today())
    await an_order(resident, waste(price_version=2))


async def test_a_manager_approves_nothing_and_a_committee_withdraws_nothing(app, manager, committee):
    price = await prepared(manager)

    await refused(await step(manager, price, "approve"), 403, "forbidden")
    await refused(await step(manager, price, "reject", reason="x"), 403, "forbidden")
    await refused(await step(committee, price, "withdraw"), 403, "forbidden")

    assert await stored(app) == [(1, "APPROVED"), (2, "PREPARED")]


@pytest.mark.parametrize("body", [{"action": "approve"}, {"action": "reject", "reason": "太贵"}])
async def test_nobody_decides_about_what_he_prepared_himself(app, manager, committee, body):
    price = await prepared(manager)
    changed_sides = "UPDATE menu_price SET prepared_by = :committee WHERE number = 2"
    await do(app, changed_sides, committee=demo_id("staff", "committee"))

    await refused(await step(committee, price, **body), 403, "forbidden")

    assert await stored(app) == [(1, "APPROVED"), (2, "PREPARED")]


async def test_the_database_itself_wants_two_persons(app, manager):
    await prepared(manager)

    with pytest.raises(Exception, match="ck_menu_price_two_persons"):
        await do(app, "UPDATE menu_price SET state = 'APPROVED', decided_by = prepared_by WHERE number = 2")

    assert await stored(app) == [(1, "APPROVED"), (2, "PREPARED")]


async def test_a_decision_is_made_once(app, resident, manager, committee):
    rejected, withdrawn = await prepared(manager), await prepared(manager, yuan="170.00")

    done = await ok(await step(committee, rejected, "reject", reason="涨幅过大"))
    assert (done["status"], done["reason"]) == ("REJECTED", "涨幅过大")
    assert (await ok(await step(manager, withdrawn, "withdraw")))["status"] == "REJECTED"
    await refused(await step(committee, rejected, "approve"), 409, "invalid-transition")
    await refused(await step(committee, withdrawn, "approve"), 409, "invalid-transition")

    assert await stored(app) == [(1, "APPROVED"), (2, "REJECTED"), (3, "REJECTED")]
    await an_order(resident, waste(price_version=1))


async def test_of_five_approvals_at_once_one_counts(app, manager, committee):
    price = await prepared(manager)

    answers = await asyncio.gather(*(step(committee, price, "approve") for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert await stored(app) == [(1, "APPROVED"), (2, "APPROVED")]


async def test_a_manager_of_another_area_can_neither_offer_nor_see(app, manager, committee):
    price = await prepared(manager)
    await do(
        app,
        "DELETE FROM staff_area USING compound WHERE compound.code = 'QHC' AND staff_area.area_id = compound.area_id",
    )

    await refused(await manager.put(OFFER, json=offer("170.00"), headers=ANY), 403, "forbidden")
    await refused(await step(manager, price, "withdraw"), 404, "price-not-found")
    await refused(await step(committee, price, "approve"), 404, "price-not-found")
    for person in (manager, committee):
        seen = (await ok(await person.get("/v1/menu-prices", params={"compound": "QHC"})))["items"]
        assert seen == []

    assert await stored(app) == [(1, "APPROVED"), (2, "PREPARED")]
    assert await offer_version(app) == 2


async def test_an_offer_is_changed_only_by_one_who_has_seen_it(app, manager):
    await refused(await manager.put(OFFER, json=offer()), 428, "version-required")
    first = await manager.put(OFFER, json=offer(), headers=ANY)
    seen = {"If-Match": first.headers["etag"]}
    await ok(await manager.put(OFFER, json=offer("170.00"), headers=seen))

    for stale in (seen, {"If-Match": '"1.abc"'}, {"If-Match": '"foreign"'}):
        await refused(await manager.put(OFFER, json=offer("180.00"), headers=stale), 412, "version-mismatch")

    assert await stored(app) == [(1, "APPROVED"), (2, "PREPARED"), (3, "PREPARED")]
    assert await offer_version(app) == 3


async def test_a_step_with_an_old_version_is_refused(app, manager, committee):
    price = await prepared(manager)

    await refused(await step(committee, price, "approve", {"If-Match": '"9.abc"'}), 412, "version-mismatch")

    assert await stored(app) == [(1, "APPROVED"), (2, "PREPARED")]
    await ok(await step(committee, price, "approve", {"If-Match": '"1.abc"'}))


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"price": {"lines": [], "effective_from": "2199-01-01"}}, "price-lines-wrong", "/price/lines"),
        ({"price": offer()["price"] | {"effective_from": "2026-01-05"}}, "period-wrong", "/price/effective_from"),
        ({"price": offer()["price"] | {"lines": offer()["price"]["lines"] * 2}}, "price-lines-wrong", "/price/lines"),
        ({"offered_until": "2026-01-05"}, "period-wrong", "/offered_until"),
        ({"price": offer("1e3")["price"]}, "invalid", "/price/lines/0/unit_price"),
        ({"price": offer("-1.00")["price"]}, "invalid", "/price/lines/0/unit_price"),
    ],
)
async def test_a_price_that_cannot_be_is_refused_and_nothing_is_prepared(app, manager, change, code, pointer):
    answer = await manager.put(OFFER, json={**offer(), **change}, headers=ANY)

    problem = await refused(answer, 422, code)

    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert await stored(app) == [(1, "APPROVED")]
    assert await offer_version(app) == 1
