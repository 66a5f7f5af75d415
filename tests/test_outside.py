"""An outside client: only the contract's named examples, over HTTP, against the real program and its worker."""

from tests.outside import Outside
from tests.test_serving import eventually


def test_waste_removal_from_sign_in_to_rating_as_resident(outside):
    outside.call("requestCode", outside.first("requestCode"), status=202)
    resident, manager = outside.resident("13800000003"), outside.staff("manager")
    crew, clerk = outside.staff("crew"), outside.staff("clerk")
    assert resident.call("previewOrder", "waste-removal")["total_fen"] == 15000
    number = resident.call("placeOrder", "waste-removal", status=201)["number"]

    for person, name in ((manager, "accept"), (manager, "schedule"), (crew, "start"), (crew, "finish")):
        person.step(number, name)
    resident.step(number, "confirm")
    assert clerk.step(number, "settle")["settlement"] == "PAID"

    rated = resident.call("rateOrder", "five-stars", status=201, order_id=number)
    assert (rated["status"], rated["rating"]["score"]) == ("DONE", 5)


def test_waste_removal_from_the_call_to_its_end_as_agent(outside):
    agent, manager = outside.staff("agent"), outside.staff("manager")
    opening = agent.first("openCall")
    call = agent.call("openCall", opening, status=201)["number"]
    agent = agent.signed_in(agent.http.headers["Authorization"].removeprefix("Bearer "), **{"Call-Id": call})
    number = agent.call("placeOrder", "waste-removal-by-agent", status=201)["number"]
    crew, clerk = outside.staff("crew"), outside.staff("clerk")

    for person, name in ((manager, "accept"), (manager, "schedule"), (crew, "start"), (crew, "finish")):
        person.step(number, name)
    agent.step(number, "confirm")
    clerk.step(number, "settle")
    rated = agent.call("rateOrder", "five-stars", status=201, order_id=number)

    assert (rated["status"], rated["placed_by"]["role"], rated["channel"]) == ("DONE", "AGENT", "PHONE")
    assert outside.resident("13800000003").order(number)["rating"]["score"] == 5


def bind_owner(outside: Outside, room: str, phone: str) -> None:
    """Somebody asks to be bound as owner, and the clerk verifies it."""
    owner, clerk = outside.resident(phone), outside.staff("clerk")
    asked = owner.http.post("/v1/me/residencies", json={"room": room, "role": "OWNER"})
    assert asked.status_code == 201, asked.text
    if asked.json()["status"] == "PENDING":
        done = clerk.http.post(f"/v1/residencies/{asked.json()['id']}/steps", json={"action": "verify"})
        assert done.status_code == 200, done.text


def test_a_retrofit_with_a_tenant_in_the_flat_and_an_owner_elsewhere(outside):
    tenant, manager = outside.resident("13800000005"), outside.staff("manager")
    crew, clerk = outside.staff("crew"), outside.staff("clerk")
    preview = tenant.call("previewOrder", "heating-retrofit-by-tenant")
    assert "owner-decides" in [warning["code"] for warning in preview["warnings"]]
    number = tenant.call("placeOrder", "heating-retrofit-by-tenant", status=201)["number"]
    assert (
        tenant.step(number, "reschedule")["slots"][0]["id"]
        == tenant.example("takeOrderStep", "reschedule")["slot_ids"][0]
    )
    manager.step(number, "assign")
    assert crew.step(number, "survey")["charges"][0]["amount_fen"] == 5000
    quoted = manager.step(number, "quote-heating")
    assert (quoted["quote"]["total_fen"], quoted["quote"]["deposit_fen"]) == (568000, 170400)
    assert quoted["next"]["waiting_for"]["role"] == "CLERK"
    tenant.step(number, "accept-quote", status=403)

    bind_owner(outside, "QHC-1-1-101", "13800000004")
    owner = outside.resident("13800000004")
    eventually(lambda: owner.order(number)["next"]["waiting_for"]["role"] == "OWNER", 15)
    assert "accept" in [action["action"] for action in owner.order(number)["actions"]]
    accepted = owner.step(number, "accept-quote")
    assert (accepted["status"], accepted["money"]["due_fen"]) == ("ACCEPTED", 175400)
    manager.step(number, "schedule-works", status=409)
    clerk.step(number, "settle-deposit")
    manager.step(number, "schedule-works")
    crew.step(number, "start")
    manager.step(number, "change")
    tenant.step(number, "accept-quote", status=403)
    owner.step(number, "reject")
    assert crew.step(number, "test-failed")["status"] == "IN_PROGRESS"
    crew.step(number, "test")
    finished = crew.step(number, "finish")
    last = finished["charges"][-1]
    assert [line["amount_fen"] for line in last["lines"]] == [176400, 115200, 56000, 125400, 95000, -5000, -170400]
    assert last["amount_fen"] == 392600
    owner.step(number, "confirm")
    done = clerk.step(number, "settle-heating")

    assert (done["status"], done["settlement"], done["money"]["paid_fen"]) == ("UNDER_WARRANTY", "PAID", 568000)
    assert done["warranty_until"][4:] == "-03-15"
    assert outside.resident("13800000002").http.get(f"/v1/orders/{number}").status_code == 404


def surveyed(outside: Outside) -> tuple[str, Outside, Outside, Outside]:
    """A quoted retrofit of an owner who lives there: number, owner, manager, clerk."""
    outside = outside.fresh()
    owner, manager, clerk = outside.resident("13800000003"), outside.staff("manager"), outside.staff("clerk")
    number = owner.call("placeOrder", "heating-retrofit", status=201)["number"]
    manager.step(number, "survey")
    manager.step(number, "quote-heating")
    return number, owner, manager, clerk


def test_a_retrofit_is_left_by_each_of_its_exits(outside):
    owner = outside.resident("13800000003")
    free = owner.call("placeOrder", "heating-retrofit", status=201)["number"]
    left = owner.step(free, "cancel")
    assert (left["status"], left["settlement"], left["slots"]) == ("CANCELLED", "NONE", [])

    number, owner, manager, clerk = surveyed(outside)
    left = owner.step(number, "reject")
    assert (left["status"], left["money"]["balance_fen"]) == ("QUOTE_REJECTED", 5000)

    number, *_ = surveyed(outside)
    owner.step(number, "accept-quote")
    clerk.step(number, "settle-deposit")
    assert owner.step(number, "cancel")["status"] == "CANCEL_PENDING"
    left = manager.step(number, "tally")
    assert (left["status"], left["settlement"], left["money"]["balance_fen"]) == ("CANCELLED", "REFUND_DUE", -128400)
    left = clerk.step(number, "refund")
    assert (left["settlement"], left["money"]["refunded_fen"]) == ("REFUNDED", 128400)

    number, *_ = surveyed(outside)
    owner.step(number, "accept-quote")
    clerk.step(number, "settle-deposit")
    left = manager.step(number, "decline")
    assert (left["status"], left["settlement"], left["money"]["balance_fen"]) == ("DECLINED", "REFUND_DUE", -175400)

    number, *_ = surveyed(outside)
    owner.step(number, "accept-quote")
    left = owner.step(number, "cancel")
    assert (left["status"], left["money"]["balance_fen"]) == ("CANCELLED", 5000)
