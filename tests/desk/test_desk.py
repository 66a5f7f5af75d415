"""Home pages, desks, callers and exports: one person's things, and nobody else's."""

from sqlalchemy import text

from app.core.ids import demo_id
from tests.orders.bodies import a_slot, an_order, heating, offered, ok, refused, step, waste

OWNER, ROOM = str(demo_id("resident", "+8613800000003")), "QHC-1-1-102"


async def test_the_home_page_says_what_is_open_and_what_is_next(resident, manager, visitor):
    order = await an_order(resident, heating([await a_slot(visitor)]))
    await step(manager, order, "survey", groups=7, pipe_metres=64, shares_riser=False, findings="七组")

    home = await ok(await resident.get("/v1/me/home"))

    assert (home["state"], [room["room"] for room in home["rooms"]]) == ("READY", [ROOM])
    (only,) = home["open_orders"]
    assert (only["order"]["status"], only["next"]["text"]) == ("SURVEYED", "已勘察，等物业报价。")
    assert home["unpaid_fen"] == 5000
    assert (home["call_now"][0]["post"], home["call_now"][0]["phone"]) == ("值班电工", "0359-0000-531")
    assert [item["code"] for item in home["menu"]] == offered("QHC")


async def test_somebody_without_a_room_is_told_how_to_get_one(sign_in, app):
    daughter = await sign_in("13800000004")
    home = await ok(await daughter.get("/v1/me/home?compound=TYY"))
    assert (home["state"], home["rooms"], home["unpaid_fen"]) == ("NO_ROOM", [], 0)
    assert [item["code"] for item in home["menu"]] == offered("TYY")
    assert (home["call_now"][0]["phone"], home["call_now"][-1]["phone"]) == ("0359-0000-511", "12345")
    unbound = await ok(await daughter.get("/v1/me/home"))
    assert (unbound["menu"], unbound["call_now"]) == ([], [])

    await ok(await daughter.post("/v1/me/residencies", json={"room": "QHC-2-1-101", "role": "FAMILY"}), 201)

    assert (await ok(await daughter.get("/v1/me/home")))["state"] == "PENDING"


async def test_a_desk_shows_what_waits_for_it_the_most_urgent_first(sign_in, resident, neighbour, manager, crew, clerk):
    first = await an_order(resident)
    second = await an_order(neighbour, waste(room="QHC-1-1-101"))
    waiting = (await ok(await manager.get("/v1/me/work")))["items"]
    assert {row["path"].rpartition("/")[2] for row in waiting} == {
        (await ok(await person.get(order)))["number"] for person, order in ((resident, first), (neighbour, second))
    }
    assert {row["text"] for row in waiting} == {"等物业接单或报价。"}
    assert (await ok(await crew.get("/v1/me/work")))["items"] == []
    await step(manager, first, "accept")
    await ok(await neighbour.post("/v1/me/residencies", json={"room": "QHC-2-1-101", "role": "FAMILY"}), 201)

    (bound,) = (await ok(await clerk.get("/v1/me/work")))["items"]

    assert (bound["type"], bound["number"], bound["overdue"]) == ("RESIDENCY", None, False)
    assert bound["title"] == "郑*航申请绑定 QHC-2-1-101（FAMILY）"
    assert (await ok(await (await sign_in("regulator")).get("/v1/me/work")))["items"] == []


async def test_a_desk_is_paged_by_key_and_sorted_by_due_date(app, resident, neighbour, manager):
    orders = [await an_order(resident) for _ in range(3)]
    async with app.state.sessions.write() as session, session.begin():
        for days, order in zip((5, -1, 3), orders, strict=True):
            await session.execute(
                text("UPDATE service_order SET due_at = now() + make_interval(days => :d) WHERE id = :id"),
                {"d": days, "id": order.rpartition("/")[2]},
            )
    seen, cursor = [], ""
    while True:
        page = await ok(await manager.get(f"/v1/me/work?limit=1{cursor}"))
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert [row["id"] for row in seen] == [orders[n].rpartition("/")[2] for n in (1, 2, 0)]
    assert [row["overdue"] for row in seen] == [True, False, False]


async def test_a_price_that_is_prepared_waits_for_the_committee(manager, committee):
    line = {"code": "VISIT", "label": "装修垃圾清运", "unit": "户·次", "unit_price": "160.00"}
    offer = {"enabled": True, "offered_from": "2026-01-05", "price": {"lines": [line], "effective_from": "2030-01-01"}}
    await ok(await manager.put("/v1/compounds/QHC/menu/waste-removal", json=offer, headers={"If-Match": "*"}))

    (row,) = (await ok(await committee.get("/v1/me/work")))["items"]

    assert (row["type"], row["title"], row["due"]) == (
        "PRICE",
        "待批准的价格：waste-removal 第 2 版",
        "2030-01-01T00:00:00+08:00",
    )


async def test_an_agent_sees_a_caller_at_a_glance_and_masked(agent, resident, neighbour):
    await an_order(resident)
    await ok(
        await agent.post(f"/v1/calls/{agent.headers['Call-Id']}/steps", json={"action": "link", "resident_id": OWNER})
    )

    caller = await ok(await agent.get(f"/v1/residents/{OWNER}"))

    assert (caller["resident"]["name_masked"], caller["resident"]["phone_masked"]) == ("王*英", "138****0003")
    assert [row["next"]["text"] for row in caller["open_orders"]] == ["等物业接单或报价。"]
    assert [row["number"] for row in caller["last_calls"]] == [agent.headers["Call-Id"]]
    del agent.headers["Call-Id"]
    await refused(await agent.get(f"/v1/residents/{OWNER}"), 409, "call-required")


async def test_an_export_holds_what_is_mine_and_nothing_of_others(resident, neighbour, crew, manager):
    order = await an_order(resident)
    await an_order(neighbour, waste(room="QHC-1-1-101"))

    export = await ok(await resident.get("/v1/me/export"))

    assert export["me"]["phone"] == "+8613800000003"
    assert [row["room"] for row in export["residencies"]] == [ROOM]
    (kept,) = export["orders"]
    assert kept["order"]["id"] == order.rpartition("/")[2]
    assert kept["order"]["contact"]["phone"] == "+8613800000003"
    assert [row["action"] for row in kept["history"]] == ["place"]
    assert "郑远航" not in str(export)


async def test_the_crew_of_an_order_is_shown_whom_to_call_and_the_resident_can_read_that(resident, manager, crew):
    order = await an_order(resident)
    body = {"reason": "CALL_BACK"}
    await refused(await crew.post(f"{order}/reveal", json=body), 404, "order-not-found")
    await step(manager, order, "accept")
    worker = (await crew.get("/v1/me")).json()["id"]
    when = {"start": "2030-01-01T09:00:00+08:00", "end": "2030-01-01T11:00:00+08:00"}
    await step(manager, order, "schedule", worker_ids=[worker], **when)
    await refused(await crew.post(f"{order}/reveal", json={}), 422, "invalid")
    assert (await ok(await resident.get("/v1/me/disclosures")))["items"] == []

    contact = await ok(await crew.post(f"{order}/reveal", json=body))

    assert (contact["name"], contact["phone"]) == ("王秀英", "+8613800000003")
    (row,) = (await ok(await resident.get("/v1/me/disclosures")))["items"]
    assert (row["role"], row["fields"], row["reason"]) == ("WORKER", ["contact_name", "contact_phone"], "CALL_BACK")


async def test_a_desk_and_a_home_cost_a_bounded_number_of_statements(resident, manager, statements):
    for _ in range(2):
        await an_order(resident)
    await ok(await manager.get("/v1/me/work"))
    counts = []
    for _ in range(2):
        with statements.during():
            await ok(await manager.get("/v1/me/work"))
            await ok(await resident.get("/v1/me/home"))
        counts.append(len(statements))
        await an_order(resident)

    assert counts[0] == counts[1] <= 24
