"""What befalls a visit from outside: proxies that end, teams that run late or fall ill, people who leave."""

from datetime import datetime

from sqlalchemy import text

from tests.jobs import work_off
from tests.orders.bodies import actions, day, ok, refused, step
from tests.orders.visits import BOTH, MOTHER, NURSE, a_confirmed_visit, a_daughter, a_visit, times, visit


async def a_visit_by(daughter, **changes) -> str:
    body = visit(
        beneficiary_id=MOTHER, contact={"name": "李晓兰", "phone": "13800000004", "relation": "女儿"}, **changes
    )
    return f"/v1/orders/{(await ok(await daughter.post('/v1/orders', json=body), 201))['id']}"


async def test_row_19_a_child_orders_for_a_parent_and_the_parent_herself_agrees(sign_in, resident):
    daughter, nurse = await a_daughter(sign_in), await sign_in("clinic")
    mother = await sign_in("13800000003")
    order = await a_visit_by(daughter)
    here = await ok(await daughter.get(order))
    assert (here["status"], here["next"]["waiting_for"]["role"]) == ("AWAITING_CONSENT", "SUBJECT")
    assert "consent" not in await actions(daughter, order)
    await refused(await daughter.post(f"{order}/steps", json={"action": "consent", "consents": BOTH}), 403, "forbidden")
    assert (await nurse.get(order)).status_code == 404

    agreed = await step(mother, order, "consent", consents=BOTH)

    assert agreed["status"] == "TRIAGE"
    assert (await ok(await nurse.get(order)))["contact"]["phone"] == "+8613800000004"


async def test_a_daughter_may_not_put_consents_into_her_mothers_order(sign_in):
    daughter = await a_daughter(sign_in)
    body = visit(beneficiary_id=MOTHER, consents=BOTH)

    await refused(await daughter.post("/v1/orders", json=body), 422, "consent-not-yours")
    assert (await ok(await daughter.get("/v1/orders")))["items"] == []


async def test_a_proxy_may_also_order_in_the_principals_name(sign_in, resident):
    daughter = await a_daughter(sign_in)

    placed = await ok(await daughter.post("/v1/orders", json=visit(on_behalf_of_id=MOTHER)), 201)

    assert (placed["requester"]["id"], placed["placed_by"]["name"]) == (MOTHER, "代办人")
    assert (await ok(await resident.get(f"/v1/orders/{placed['id']}")))["status"] == "AWAITING_CONSENT"


async def test_a_proxy_for_orders_alone_is_none_for_visits(sign_in):
    daughter = await a_daughter(sign_in, scopes=("ORDER",))

    await refused(await daughter.post("/v1/orders", json=visit(beneficiary_id=MOTHER)), 403, "proxy-scope")


async def test_row_19_a_revoked_proxy_leaves_the_order_to_the_principal_who_is_asked(app, sign_in, resident, agent):
    daughter = await a_daughter(sign_in)
    order = await a_visit_by(daughter)
    await step(resident, order, "consent", consents=BOTH)
    await work_off(app)
    (grant,) = (await ok(await resident.get("/v1/me/proxies")))["items"]
    await ok(await resident.post(f"/v1/proxies/{grant['id']}/steps", json={"action": "revoke"}))
    assert (await daughter.get(order)).status_code == 404

    await work_off(app)
    assert "CONSENT" in [row["type"] for row in (await ok(await agent.get("/v1/call-tasks")))["items"]]
    told = len((await ok(await daughter.get("/v1/me/notifications")))["items"])
    await step(await sign_in("clinic"), order, "exit", outcome="OUT_OF_SCOPE")
    await work_off(app)

    assert len((await ok(await daughter.get("/v1/me/notifications")))["items"]) == told
    assert (await ok(await resident.get(order)))["status"] == "OUT_OF_SCOPE"


async def test_row_13_a_team_that_runs_late_moves_the_visits_that_follow_and_tells_them(
    app, sign_in, resident, visitor
):
    nurse = await sign_in("clinic")
    orders = [await a_confirmed_visit(resident, nurse, visitor, place=0) for _ in range(3)]
    await work_off(app)
    starts = [(await ok(await resident.get(order)))["schedule"]["start"] for order in orders]
    await step(nurse, orders[0], "depart", worker_ids=[NURSE])
    await step(nurse, orders[0], "arrive")
    await step(nurse, orders[0], "delay", minutes=20)

    await work_off(app)

    moved = [(await ok(await resident.get(order)))["schedule"]["start"] for order in orders]
    late = [
        int((datetime.fromisoformat(b) - datetime.fromisoformat(a)).total_seconds())
        for a, b in zip(starts, moved, strict=True)
    ]
    assert late == [0, 1200, 1200]
    told = (await ok(await resident.get("/v1/me/notifications")))["items"]
    assert [row["template"] for row in told].count("order-late") == 2


async def test_a_delay_that_is_told_twice_moves_nobody_twice(app, sign_in, resident, visitor):
    nurse = await sign_in("clinic")
    first, second = [await a_confirmed_visit(resident, nurse, visitor) for _ in range(2)]
    before = (await ok(await resident.get(second)))["schedule"]["start"]
    await step(nurse, first, "depart", worker_ids=[NURSE])
    await step(nurse, first, "arrive")
    await step(nurse, first, "delay", minutes=20)
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(
            text(
                "INSERT INTO procrastinate_jobs (task_name, args, queue_name, priority) SELECT task_name, args, queue_name,"
                " priority FROM procrastinate_jobs WHERE task_name = 'orders.delay_following'"
            )
        )

    assert (await work_off(app)).count("orders.delay_following") == 2

    after = (await ok(await resident.get(second)))["schedule"]["start"]
    assert (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds() == 1200


async def test_row_13_a_doctor_falls_ill_and_the_patients_are_offered_anew_ahead_of_others(
    app, sign_in, resident, visitor
):
    nurse = await sign_in("clinic")
    order = await a_confirmed_visit(resident, nurse, visitor)
    later = await a_visit(resident)
    (team,) = (await ok(await nurse.get("/v1/resources")))["items"]
    closed = await ok(
        await nurse.post(
            f"/v1/resources/{team['id']}/closures", json={"since": day(1), "until": day(30), "reason": "SICK"}
        ),
        201,
    )
    assert [row["order_id"] for row in closed["displaced"]] == [order.rpartition("/")[2]]

    await work_off(app)

    here = await ok(await resident.get(order))
    assert (here["status"], here["slots"], here["schedule"]) == ("TRIAGE", [], None)
    rows = (await ok(await nurse.get("/v1/triage")))["items"]
    assert [row["order_id"] for row in rows] == [order.rpartition("/")[2], later.rpartition("/")[2]]


async def test_who_will_ring_is_told_in_the_order_and_in_the_message(app, sign_in, resident, visitor):
    nurse = await sign_in("clinic")
    order = await a_confirmed_visit(resident, nurse, visitor)
    await step(nurse, order, "assign", worker_ids=[NURSE])
    code = (await ok(await resident.get(order)))["visitor"]["door_code"]
    assert len(code) == 4
    assert code.isdigit()

    await work_off(app)

    told = (await ok(await resident.get("/v1/me/notifications")))["items"]
    bodies = [row["text"] for row in told if row["template"] == "order-visitor"]
    assert [(code in body, "社区卫生服务中心护士家庭医生" in body, "医生上门" in body) for body in bodies] == [
        (True, True, False)
    ]


async def test_two_who_choose_at_once_get_one_time_each_or_a_refusal(sign_in, resident, visitor):
    nurse = await sign_in("clinic")
    first, second = await a_visit(resident), await a_visit(resident)
    wanted = (await times(visitor))[0]
    await step(nurse, first, "offer", slot_ids=[wanted])

    await refused(
        await nurse.post(f"{second}/steps", json={"action": "offer", "slot_ids": [wanted]}), 409, "slot-taken"
    )

    assert (await ok(await resident.get(second)))["status"] == "TRIAGE"


async def test_row_13_hospital_ends_what_is_to_come_quietly_and_death_too(app, sign_in, resident, visitor):
    nurse, clerk = await sign_in("clinic"), await sign_in("clerk")
    order, other = await a_confirmed_visit(resident, nurse, visitor), await a_visit(resident)
    await work_off(app)
    told = len((await ok(await resident.get("/v1/me/notifications")))["items"])
    await step(nurse, other, "exit", outcome="HOSPITALISED")

    await work_off(app)

    assert [(await ok(await resident.get(path)))["status"] for path in (order, other)] == ["ENDED", "HOSPITALISED"]
    assert len((await ok(await resident.get("/v1/me/notifications")))["items"]) == told
    again = await a_visit(resident)
    await work_off(app)
    died = {"type": "DECEASED", "on": day(0)}
    await ok(await clerk.post(f"/v1/residents/{MOTHER}/events", json=died))
    await work_off(app)
    async with app.state.sessions.read() as session:
        rows = await session.execute(
            text("SELECT status FROM service_order WHERE id = :id"), {"id": again.rpartition("/")[2]}
        )
        assert rows.scalar_one() == "ENDED"
        sent = await session.execute(text("SELECT count(*) FROM notification WHERE template = 'order-cancelled'"))
        assert sent.scalar_one() == 0
    daughter = await sign_in("13800000004")
    answer = await daughter.post("/v1/orders", json=visit(beneficiary_id=MOTHER))
    await refused(answer, 403, "proxy-scope")
