"""How many statements a request costs, whatever the number of rows."""

from tests.orders.bodies import a_slot, an_order, heating, offered, ok, step, waste


async def test_placing_an_order_takes_at_most_twelve_statements(resident, agent, statements):
    with statements.during():
        await ok(await resident.post("/v1/orders", json=waste(), headers={"Idempotency-Key": "one"}), 201)
    assert len(statements) <= 12, "\n".join(statements)

    person = (await ok(await resident.get("/v1/me")))["id"]
    with statements.during():
        body = waste(on_behalf_of_id=person)
        await ok(await agent.post("/v1/orders", json=body, headers={"Idempotency-Key": "two"}), 201)
    assert len(statements) <= 13, "\n".join(statements)


async def test_placing_a_retrofit_with_its_survey_slot_takes_at_most_fourteen(visitor, resident, statements):
    body = heating([await a_slot(visitor)])
    with statements.during():
        await ok(await resident.post("/v1/orders", json=body, headers={"Idempotency-Key": "one"}), 201)

    assert len(statements) <= 14, "\n".join(statements)


async def test_listing_orders_takes_at_most_four_whatever_the_number(resident, manager, statements):
    await an_order(resident)
    with statements.during():
        await ok(await resident.get("/v1/orders"))
    one = len(statements)
    await ok(await manager.get("/v1/me"))  # once a minute a staff session is kept awake, in a statement of its own
    for _ in range(4):
        await an_order(resident)
    for person in (resident, manager):
        with statements.during():
            await ok(await person.get("/v1/orders"))
        assert len(statements) == one
    assert one <= 4


async def test_the_public_menu_takes_none_when_nothing_has_changed(visitor, statements):
    first = await visitor.get("/v1/compounds/QHC/menu")
    with statements.during():
        again = await visitor.get("/v1/compounds/QHC/menu")
        known = await visitor.get("/v1/compounds/QHC/menu", headers={"If-None-Match": first.headers["etag"]})
        zipped = first.headers["etag"].replace('"', "")
        behind_proxy = {"If-None-Match": f'W/"{zipped}-gzip"'}
        assert (await visitor.get("/v1/compounds/QHC/menu", headers=behind_proxy)).status_code == 304

    assert list(statements) == []
    assert again.content == first.content
    assert (known.status_code, known.content) == (304, b"")


async def test_a_changed_menu_is_seen_within_a_second(app, visitor, manager):
    before = await visitor.get("/v1/compounds/QHC/menu")
    offer = {"enabled": False, "offered_from": "2026-01-05"}
    path = "/v1/compounds/QHC/menu/waste-removal"
    await ok(await manager.put(path, json=offer, headers={"If-Match": "*"}))
    await app.state.pages.refresh()

    after = await visitor.get("/v1/compounds/QHC/menu")

    assert after.headers["etag"] != before.headers["etag"]
    assert [item["code"] for item in after.json()["items"]] == [
        code for code in offered("QHC") if code != "waste-removal"
    ]


async def test_a_step_takes_at_most_sixteen_statements(resident, manager, statements):
    order = await an_order(resident)
    with statements.during():
        await step(manager, order, "accept")
    assert len(statements) <= 16, "\n".join(statements)
