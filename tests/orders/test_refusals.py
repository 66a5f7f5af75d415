"""What bad input gets: a clear refusal that names the field, and nothing half-done."""

import asyncio

import pytest
from sqlalchemy import text

from app.core import clock
from tests.orders.bodies import actions, an_order, ok, refused, step, waste


async def rows(app) -> int:
    async with app.state.sessions.read() as session:
        return (
            await session.execute(
                text("SELECT (SELECT count(*) FROM service_order) + (SELECT count(*) FROM order_event)")
            )
        ).scalar_one()


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"item": "house-cleaning"}, 422, "not-on-menu", "/item"),
        ({"compound": "YJ001"}, 422, "not-on-menu", "/item"),
        ({"price_version": 2}, 409, "price-changed", "/price_version"),
        ({"room": "QHC-1-1-101"}, 422, "room-not-yours", "/room"),
        ({"compound": "TYY", "room": None}, 409, "binding-required", None),
        ({"details": {"kind": "GENERAL", "volume": "SMALL"}}, 422, "form-invalid", "/details/preferred_date"),
        (
            {"details": {"kind": "GENERAL", "volume": "SMALL", "preferred_date": "2026-13-01"}},
            422,
            "form-invalid",
            "/details/preferred_date",
        ),
        ({"details": {"kind": "NONSENSE"}}, 422, "invalid", "/details/kind"),
        ({"status": "DONE"}, 422, "invalid", "/status"),
        ({"contact": {"name": "王\x00", "phone": "13800000003"}}, 422, "invalid", "/contact/name"),
        ({"contact": {"name": "王", "phone": "12"}}, 422, "invalid", "/contact/phone"),
        ({"price_version": 10**30}, 422, "invalid", "/price_version"),
        ({"price_version": "1"}, 422, "invalid", "/price_version"),
    ],
)
async def test_a_bad_order_is_refused_by_name_and_leaves_nothing(app, resident, change, status, code, pointer):
    body = waste(**change)

    problem = await refused(await resident.post("/v1/orders", json=body), status, code)

    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]]
    assert await rows(app) == 0


async def test_a_lone_surrogate_is_refused_by_the_name_of_its_field(app, resident):
    raw = '{"compound":"QHC","item":"waste-removal","price_version":1,"details":{"kind":"GENERAL"},'
    raw += '"contact":{"name":"\\ud800","phone":"13800000003"}}'
    headers = {"content-type": "application/json"}

    problem = await refused(await resident.post("/v1/orders", content=raw, headers=headers), 422, "invalid")

    assert "/contact/name" in [error["pointer"] for error in problem["errors"]]
    assert await rows(app) == 0


async def test_refusals_speak_english_when_asked(resident):
    answer = await resident.post(
        "/v1/orders", json=waste(item="nothing"), headers={"Accept-Language": "en-GB,en;q=0.9"}
    )

    assert answer.headers["content-language"] == "en"
    assert (await refused(answer, 422, "not-on-menu"))["title"] == "The compound does not offer this"


async def test_a_neighbour_does_not_learn_that_it_exists(resident, neighbour):
    order = await an_order(resident)
    number = (await ok(await resident.get(order)))["number"]

    for ref in (order, f"/v1/orders/{number}"):
        await refused(await neighbour.get(ref), 404, "order-not-found")
        cancel = await neighbour.post(f"{ref}/steps", json={"action": "cancel", "reason": "x"})
        await refused(cancel, 404, "order-not-found")
        await refused(await neighbour.get(f"{ref}/history"), 404, "order-not-found")
        await refused(await neighbour.post(f"{ref}/rating", json={"score": 1}), 404, "order-not-found")
    assert "cancel" in await actions(resident, order)


async def test_refusals_come_in_one_order(resident, manager):
    order = await an_order(resident)
    stale = {"If-Match": '"9.abc"'}

    not_yours = await resident.post(f"{order}/steps", json={"action": "schedule", **_schedule()}, headers=stale)
    await refused(not_yours, 403, "forbidden")
    await refused(
        await manager.post(f"{order}/steps", json={"action": "start"}, headers=stale), 412, "version-mismatch"
    )
    await refused(await manager.post(f"{order}/steps", json={"action": "start"}), 409, "invalid-transition")
    assert (await ok(await resident.get(order)))["version"] == 1


def _schedule():
    return {
        "start": "2030-01-01T09:00:00+08:00",
        "end": "2030-01-01T10:00:00+08:00",
        "worker_ids": ["00000000-0000-0000-0000-000000000000"],
    }


async def test_a_manager_of_another_area_sees_nothing(app, resident, manager):
    order = await an_order(resident)
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text("DELETE FROM staff_area"))

    await refused(await manager.get(order), 404, "order-not-found")
    assert (await ok(await manager.get("/v1/orders")))["items"] == []


async def test_only_workers_of_the_area_are_assigned(resident, manager):
    order = await an_order(resident)
    await step(manager, order, "accept")

    answer = await manager.post(f"{order}/steps", json={"action": "schedule", **_schedule()})

    await refused(answer, 422, "worker-unknown")
    assert (await ok(await manager.get(order)))["status"] == "ACCEPTED"


async def test_of_two_who_step_at_once_one_is_told_that_the_moment_has_passed(resident, manager):
    order = await an_order(resident)

    answers = await asyncio.gather(*(manager.post(f"{order}/steps", json={"action": "accept"}) for _ in range(5)))

    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409, 409]
    assert (await ok(await resident.get(order)))["version"] == 2


async def test_a_price_that_a_committee_approves_meanwhile_refuses_the_old_form(resident, manager, committee):
    offer = {
        "enabled": True,
        "offered_from": "2026-01-05",
        "price": {
            "lines": [{"code": "VISIT", "label": "装修垃圾清运", "unit": "户·次", "unit_price": "160.00"}],
            "effective_from": clock.local_date(clock.utc_now()).isoformat(),
        },
    }
    path = "/v1/compounds/QHC/menu/waste-removal"
    prepared = (await ok(await manager.put(path, json=offer, headers={"If-Match": "*"})))["prepared_price"]
    before = await an_order(resident)
    await ok(await committee.post(f"/v1/menu-prices/{prepared['id']}/steps", json={"action": "approve"}))

    problem = await refused(await resident.post("/v1/orders", json=waste()), 409, "price-changed")

    assert problem["price_version"] == 2
    assert (await ok(await resident.get(before)))["money"]["quoted_fen"] == 15000
    after = await ok(await resident.post("/v1/orders", json=waste(price_version=2)), 201)
    assert after["money"]["quoted_fen"] == 16000
