"""The doctor's home visit from its consents to its end, by HTTP."""

from sqlalchemy import text

from tests.jobs import clock_comes
from tests.orders.bodies import actions, ok, refused, step
from tests.orders.visits import BOTH, MOTHER, NURSE, VERSION, a_confirmed_visit, a_visit, times, visit


async def test_a_visit_goes_from_the_consents_to_the_rating(sign_in, resident, visitor):
    nurse = await sign_in("clinic")
    order = await a_visit(resident)
    placed = await ok(await resident.get(order))
    assert (placed["status"], placed["money"]["due_fen"], placed["clinic"]["code"]) == ("TRIAGE", 0, "CHENGDONG")
    assert placed["price_text"] == "平台不收费；出诊费（卫生服务中心收取） 15 元/次，由服务单位收取"
    row = (await ok(await nurse.get("/v1/triage")))["items"][0]
    assert (row["number"], row["age_band"], row["mobility"], row["contract"]) == (
        placed["number"],
        "80+",
        "WALKING_AID",
        False,
    )

    first, second, third = (await times(visitor))[:3]
    offered = await step(nurse, order, "offer", slot_ids=[first, second, third])
    assert [row["slot"]["id"] for row in offered["offers"]] == [first, second, third]
    assert first not in await times(visitor)
    chosen = await step(resident, order, "choose", slot_ids=[second])
    assert ([slot["id"] for slot in chosen["slots"]], chosen["offers"]) == ([second], [])
    assert first in await times(visitor)
    await refused(await nurse.post(f"{order}/steps", json={"action": "depart"}), 409, "visitor-unknown")
    await step(nurse, order, "assign", worker_ids=[NURSE])
    seen = (await ok(await resident.get(order)))["visitor"]
    assert (seen["name"], seen["post"], len(seen["door_code"])) == ("家庭医生", "社区卫生服务中心护士", 4)
    for action in ("depart", "arrive"):
        await step(nurse, order, action)
    await step(nurse, order, "finish", report="血压平稳，继续观察。")
    done = await step(resident, order, "confirm")
    assert done["status"] == "COMPLETED"
    rated = await ok(await resident.post(f"{order}/rating", json={"score": 5}), 201)
    assert rated["rating"]["score"] == 5


async def test_who_orders_for_himself_agrees_first(resident):
    answer = await resident.post("/v1/orders", json=visit())

    told = await refused(answer, 409, "consent-required")
    assert told["missing_consents"] == ["HEALTH_DATA", "SHARE_WITH_CLINIC"]
    preview = await ok(await resident.post("/v1/orders/preview", json=visit()))
    assert preview["missing_consents"] == ["HEALTH_DATA", "SHARE_WITH_CLINIC"]
    assert (await ok(await resident.get("/v1/orders")))["items"] == []


async def test_a_consent_to_an_older_text_is_refused(resident):
    old = [BOTH[1], {"code": "HEALTH_DATA", "version": "2020-01"}]

    await refused(await resident.post("/v1/orders", json=visit(consents=old)), 422, "consent-version-unknown")
    assert (await ok(await resident.get("/v1/orders")))["items"] == []


async def test_an_agent_orders_and_the_subject_agrees_on_her_own_line(sign_in, agent, resident):
    nurse = await sign_in("clinic")
    placed = await ok(await agent.post("/v1/orders", json=visit(on_behalf_of_id=MOTHER)), 201)
    order = f"/v1/orders/{placed['id']}"
    assert (placed["status"], placed["next"]["waiting_for"]["role"]) == ("AWAITING_CONSENT", "SUBJECT")
    assert (await nurse.get(order)).status_code == 404
    assert (await ok(await nurse.get("/v1/triage")))["items"] == []
    assert "consent" not in await actions(agent, order)
    tasks = (await ok(await agent.get("/v1/call-tasks")))["items"]
    assert [task["type"] for task in tasks] == ["CONSENT"]

    call = agent.headers["Call-Id"]
    await ok(await agent.post(f"/v1/calls/{call}/steps", json={"action": "link", "resident_id": MOTHER}))
    half = await step(agent, order, "consent", consents=BOTH[:1])
    assert half["status"] == "AWAITING_CONSENT"
    whole = await step(agent, order, "consent", consents=BOTH[1:])

    assert whole["status"] == "TRIAGE"
    assert (await ok(await nurse.get(order)))["status"] == "TRIAGE"
    tasks = (await ok(await agent.get("/v1/call-tasks")))["items"]
    assert [task["type"] for task in tasks if task["status"] == "OPEN"] == []


async def test_the_clinic_cannot_come_and_the_patient_goes_before_the_others(sign_in, resident, visitor):
    nurse = await sign_in("clinic")
    order = await a_confirmed_visit(resident, nurse, visitor)
    later = await a_visit(resident)
    again = await step(nurse, order, "reoffer", reason="医生临时出急诊。")
    assert (again["status"], again["slots"]) == ("TRIAGE", [])

    rows = (await ok(await nurse.get("/v1/triage")))["items"]

    assert [row["order_id"] for row in rows] == [order.rpartition("/")[2], later.rpartition("/")[2]]
    assert [row["offered_before"] for row in rows] == [True, False]


async def test_three_calls_in_vain_become_a_task(sign_in, resident, agent):
    nurse = await sign_in("clinic")
    order = await a_visit(resident)
    for _ in range(2):
        await step(nurse, order, "unreached")
    assert (await ok(await agent.get("/v1/call-tasks")))["items"] == []
    await step(nurse, order, "unreached")

    tasks = (await ok(await agent.get("/v1/call-tasks")))["items"]

    assert [task["type"] for task in tasks] == ["UNREACHED_PATIENT"]
    assert (await ok(await nurse.get("/v1/triage")))["items"][0]["unreached_calls"] == 3


async def test_each_exit_of_the_clinic_ends_the_order(sign_in, resident, visitor):
    nurse = await sign_in("clinic")
    for outcome in ("REFERRED_120", "OUT_OF_SCOPE", "HOSPITALISED", "ENDED"):
        order = await a_visit(resident)
        left = await step(nurse, order, "exit", outcome=outcome)
        assert (left["status"], left["closed_at"] is None) == (outcome, False)
    order = await a_confirmed_visit(resident, nurse, visitor)
    await step(nurse, order, "assign", worker_ids=[NURSE])
    await step(nurse, order, "depart")
    assert (await step(nurse, order, "no-show"))["status"] == "NO_ONE_HOME"
    order = await a_visit(resident)
    assert (await step(resident, order, "cancel", reason="好多了"))["status"] == "CANCELLED"


async def test_whoever_has_no_contract_is_helped_to_sign_and_then_visited(sign_in, resident, agent):
    nurse = await sign_in("clinic")
    order = await a_visit(resident)
    await step(nurse, order, "exit", outcome="NOT_CONTRACTED")
    assert [t["type"] for t in (await ok(await agent.get("/v1/call-tasks")))["items"]] == ["HELP_SIGN"]

    await step(nurse, order, "contract")

    row = (await ok(await nurse.get("/v1/triage")))["items"][0]
    assert (row["status"], row["contract"]) == ("TRIAGE", True)
    await step(resident, order, "cancel", reason="改天")
    await a_visit(resident)
    assert (await ok(await nurse.get("/v1/triage")))["items"][0]["contract"] is True


async def test_another_clinic_sees_nothing_before_a_new_consent(sign_in, resident):
    nurse = await sign_in("clinic")
    order = await a_visit(resident)
    moved = await step(nurse, order, "transfer", clinic="CHENGXI", reason="搬到城西居住。")
    assert moved["status"] == "AWAITING_CONSENT"
    assert (await nurse.get(order)).status_code == 404
    here = await ok(await resident.get(order))
    assert (here["clinic"]["code"], "consent" in [a["action"] for a in here["actions"]]) == ("CHENGXI", True)

    again = await step(resident, order, "consent", consents=[{"code": "SHARE_WITH_CLINIC", "version": VERSION}])

    assert again["status"] == "TRIAGE"
    assert (await nurse.get(order)).status_code == 404


async def test_a_person_under_eighty_does_not_pass_for_eighty(sign_in, resident):
    neighbour = await sign_in("13800000005")
    me = await ok(await neighbour.get("/v1/me"))
    await ok(await neighbour.put("/v1/me", json={"name": me["name"], "birth_year": 1990}, headers={"If-Match": "*"}))
    body = visit(
        room="QHC-1-1-101",
        details={"mobility": "ADVANCED_AGE_80"},
        consents=BOTH,
        contact={"name": "郑远航", "phone": "13800000005"},
    )

    await refused(await neighbour.post("/v1/orders", json=body), 422, "not-eligible")
    assert (await ok(await neighbour.get("/v1/orders")))["items"] == []


async def test_an_offer_that_nobody_answers_lapses_and_frees_its_times(app, sign_in, resident, visitor):
    nurse = await sign_in("clinic")
    order = await a_visit(resident)
    wanted = (await times(visitor))[:2]
    await step(nurse, order, "offer", slot_ids=wanted, valid_hours=1)

    assert await clock_comes(app, order, "lapse-offer")

    assert (await ok(await resident.get(order)))["status"] == "TRIAGE"
    assert set(wanted) <= set(await times(visitor))


async def test_after_three_visits_in_vain_somebody_calls_first_and_nobody_is_shut_out(
    sign_in, resident, visitor, agent
):
    nurse = await sign_in("clinic")
    for place in range(3):
        order = await a_confirmed_visit(resident, nurse, visitor, place=place)
        await step(nurse, order, "assign", worker_ids=[NURSE])
        await step(nurse, order, "depart")
        await step(nurse, order, "no-show")

    order = await a_visit(resident)

    here = await ok(await resident.get(order))
    assert (here["status"], "call-first" in [w["code"] for w in here["warnings"]]) == ("TRIAGE", True)
    assert [t["type"] for t in (await ok(await agent.get("/v1/call-tasks")))["items"]] == ["CALL_FIRST"]


async def test_a_consent_that_nobody_asks_for_is_refused_by_name(resident):
    body = visit(consents=[*BOTH, {"code": "GIFT_MONEY", "version": VERSION}])

    await refused(await resident.post("/v1/orders", json=body), 422, "consent-unknown")
    assert (await ok(await resident.get("/v1/orders")))["items"] == []


async def test_both_consents_are_asked_whatever_the_item_says(app, resident):
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text("UPDATE menu_item SET consents = '[]' WHERE code = 'home-doctor'"))

    told = await refused(await resident.post("/v1/orders", json=visit()), 409, "consent-required")

    assert told["missing_consents"] == ["HEALTH_DATA", "SHARE_WITH_CLINIC"]
