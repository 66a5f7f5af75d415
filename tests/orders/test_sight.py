"""Sight is by person: owner, co-owner, tenant, former tenant, family and neighbour, each with what each has ordered."""

import pytest

from tests.orders.bodies import a_slot, an_order, heating, ok, step, waste
from tests.people.homes import bind, mine
from tests.people.homes import step as residency_step

ROOM = "QHC-1-1-102"
FLAT = {"CO_OWNER": "13800000004", "TENANT": "13800000001", "FAMILY": "13800000002", "FORMER": "13800000006"}


@pytest.fixture
async def flat(sign_in, clerk):
    """Everybody who has to do with the flat of QHC-1-1-102, and the tenant next door."""
    people = {"OWNER": await sign_in("13800000003"), "NEIGHBOUR": await sign_in("13800000005")}
    for who, phone in FLAT.items():
        people[who] = await sign_in(phone)
        asked = await bind(people[who], ROOM, "TENANT" if who == "FORMER" else who)
        await ok(await residency_step(clerk, asked["id"], "verify"))
    return people


async def moved_out(person):
    (home,) = [row for row in await mine(person) if row["room"] == ROOM]
    await ok(await residency_step(person, home["id"], "end"))


async def seen_by(people, orders):
    """Who sees which order, in the list and by itself; the two never differ."""
    found = {}
    for who, person in people.items():
        listed = {row["id"] for row in (await ok(await person.get("/v1/orders")))["items"]}
        for name, order in orders.items():
            alone = (await person.get(order)).status_code
            assert alone == (200 if order.rpartition("/")[2] in listed else 404), (who, name)
        found[who] = {name for name, order in orders.items() if order.rpartition("/")[2] in listed}
    return found


async def test_who_sees_what_was_ordered_in_a_flat(flat, visitor):
    orders = {}
    for who in ("OWNER", "CO_OWNER", "TENANT", "FAMILY", "FORMER"):
        orders[f"waste of {who}"] = await an_order(flat[who], waste())
        orders[f"works of {who}"] = await an_order(flat[who], heating([await a_slot(visitor)]))
    await moved_out(flat["FORMER"])

    works = {name for name in orders if name.startswith("works")}
    assert await seen_by(flat, orders) == {
        "OWNER": works | {"waste of OWNER"},
        "CO_OWNER": works | {"waste of CO_OWNER"},
        "TENANT": {"waste of TENANT", "works of TENANT"},
        "FAMILY": {"waste of FAMILY", "works of FAMILY"},
        "FORMER": {"waste of FORMER", "works of FORMER"},
        "NEIGHBOUR": set(),
    }


async def test_row_6_a_former_owner_keeps_his_own_orders_and_loses_those_of_the_flat(flat, visitor):
    orders = {
        "own": await an_order(flat["CO_OWNER"], waste()),
        "tenant's works": await an_order(flat["TENANT"], heating([await a_slot(visitor)])),
    }
    assert (await seen_by(flat, orders))["CO_OWNER"] == {"own", "tenant's works"}

    await moved_out(flat["CO_OWNER"])

    after = await seen_by(flat, orders)
    assert after["CO_OWNER"] == {"own"}
    assert after["OWNER"] == {"tenant's works"}
    answer = await flat["CO_OWNER"].post("/v1/orders", json=waste())
    assert (answer.status_code, answer.json()["code"]) == (409, "binding-required")


async def test_row_5_the_owners_decide_on_a_quote_and_the_tenant_who_ordered_does_not(flat, visitor, manager):
    line = {"label": "钢制暖气片", "quantity": "42", "unit": "片", "unit_price": "42.00"}
    order = await an_order(flat["TENANT"], heating([await a_slot(visitor)]))
    await step(manager, order, "survey", groups=7, pipe_metres=64, shares_riser=False, findings="七组")
    await step(manager, order, "quote", lines=[line])

    body = {"action": "accept", "quote_version": 1}
    refusals = {
        who: (await flat[who].post(f"{order}/steps", json=body)).status_code for who in flat if "OWNER" not in who
    }

    assert refusals == {"TENANT": 403, "FAMILY": 404, "FORMER": 404, "NEIGHBOUR": 404}
    assert (await ok(await flat["TENANT"].get(order)))["status"] == "QUOTED"
    assert (await step(flat["CO_OWNER"], order, "accept", quote_version=1))["status"] == "ACCEPTED"
    late = await flat["OWNER"].post(f"{order}/steps", json=body)
    assert (late.status_code, late.json()["code"]) == (409, "invalid-transition")
