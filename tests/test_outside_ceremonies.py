"""Weddings and funerals from outside: only the contract's named examples, over HTTP, against the real program."""

from tests.outside import Outside


def test_a_wedding_from_the_preview_to_the_rating(outside):
    resident, committee, clerk = outside.resident("13800000003"), outside.staff("committee"), outside.staff("clerk")
    manager, crew = outside.staff("manager"), outside.staff("crew")
    preview = resident.call("previewOrder", "wedding")
    assert (preview["total_fen"], [w["code"] for w in preview["warnings"]]) == (78000, ["tables", "deposit"])
    placed = resident.call("placeOrder", "wedding", status=201)
    number = placed["number"]
    assert [w["acknowledged"] for w in placed["warnings"] if w["code"] == "tables"] == [True]

    moved = resident.step(number, "reschedule-wedding")
    assert [slot["id"] for slot in moved["slots"]] == resident.example("takeOrderStep", "reschedule-wedding")[
        "slot_ids"
    ]
    assert all(slot["lunar"] for slot in moved["slots"])
    assert committee.step(number, "file")["money"]["due_fen"] == 30000
    assert clerk.step(number, "settle-wedding-deposit")["status"] == "BOOKED"
    manager.step(number, "assign")
    crew.step(number, "start")
    listed = manager.step(number, "inspect")
    assert [line["amount_fen"] for line in listed["charges"][-1]["lines"]] == [40000, 18000, 10000, 10000, -30000]
    resident.step(number, "confirm")
    done = clerk.step(number, "settle-wedding")

    assert (done["status"], done["settlement"], done["money"]["paid_fen"]) == ("DONE", "PAID", 78000)
    rated = resident.call("rateOrder", "five-stars", status=201, order_id=number)
    assert rated["rating"]["score"] == 5


def a_wedding(outside: Outside, *steps: tuple[str, str]) -> tuple[str, Outside]:
    """A wedding of the owner after these steps: its number, and who ordered it."""
    outside = outside.fresh()
    owner = outside.resident("13800000003")
    number = owner.call("placeOrder", "wedding", status=201)["number"]
    for who, example in steps:
        outside.staff(who).step(number, example)
    return number, owner


FILED = ("committee", "file")
PAID = ("clerk", "settle-wedding-deposit")


def test_a_wedding_is_left_by_each_of_its_exits(outside):
    clerk, manager = outside.staff("clerk"), outside.staff("manager")
    number, owner = a_wedding(outside)
    left = owner.step(number, "cancel")
    assert (left["status"], left["settlement"], left["slots"]) == ("CANCELLED", "NONE", [])

    number, _ = a_wedding(outside)
    left = outside.staff("committee").step(number, "decline")
    assert (left["status"], left["settlement"], left["slots"]) == ("DECLINED", "NONE", [])

    number, owner = a_wedding(outside, FILED)
    left = owner.step(number, "cancel")
    assert (left["status"], left["money"]["balance_fen"]) == ("CANCELLED", 0)

    number, owner = a_wedding(outside, FILED, PAID)
    left = owner.step(number, "cancel")
    assert (left["status"], left["money"]["balance_fen"]) == ("CANCELLED", -15000)
    assert clerk.step(number, "refund-wedding")["settlement"] == "REFUNDED"

    number, _ = a_wedding(outside, FILED, PAID)
    assert clerk.step(number, "cancel-excused")["money"]["balance_fen"] == -30000

    number, _ = a_wedding(outside, FILED, PAID)
    left = manager.step(number, "decline")
    assert (left["status"], left["money"]["balance_fen"]) == ("DECLINED", -30000)


def test_a_funeral_by_somebody_bound_to_nothing(outside):
    son, electrician = outside.resident("13800000004"), outside.staff("electrician")
    committee, manager, clerk = outside.staff("committee"), outside.staff("manager"), outside.staff("clerk")
    assert son.http.get("/v1/me/residencies").json()["items"] == []
    preview = son.call("previewOrder", "funeral-by-unbound")
    assert (preview["total_fen"], preview["warnings"]) == (40000, [])
    placed = son.call("placeOrder", "funeral-by-unbound", status=201)
    number = placed["number"]
    assert placed["call_now"][0]["post"] == "值班电工"
    assert placed["confirm_by"] is not None
    tasks = outside.staff("agent").http.get("/v1/call-tasks").json()["items"]
    assert [task["type"] for task in tasks] == ["UNCONFIRMED_FUNERAL"]

    assert electrician.step(number, "fast-confirm")["status"] == "FAST_CONFIRMED"
    assert outside.staff("agent").http.get("/v1/call-tasks").json()["items"] == []
    manager.step(number, "arrange")
    manager.step(number, "assign")
    outside.staff("crew").step(number, "start")
    committee.step(number, "file")
    listed = outside.staff("crew").step(number, "finish")
    assert [line["amount_fen"] for line in listed["charges"][0]["lines"]] == [0, 30000, 10000]
    son.step(number, "confirm")
    done = clerk.step(number, "settle-funeral")

    assert (done["status"], done["settlement"]) == ("DONE", "PAID")
    assert son.call("rateOrder", "five-stars", status=409, order_id=number)["code"] == "not-rateable"


def test_a_funeral_is_left_by_each_of_its_exits(outside):
    son = outside.resident("13800000004")
    number = son.call("placeOrder", "funeral-by-unbound", status=201)["number"]
    left = son.step(number, "cancel")
    assert (left["status"], left["settlement"], left["slots"]) == ("CANCELLED", "NONE", [])

    number = son.call("placeOrder", "funeral-by-unbound", status=201)["number"]
    left = outside.staff("manager").step(number, "decline")
    assert (left["status"], left["settlement"], left["slots"]) == ("DECLINED", "NONE", [])


def test_a_funeral_by_telephone(outside):
    agent = outside.staff("agent")
    call = agent.call("openCall", agent.first("openCall"), status=201)["number"]
    agent = agent.signed_in(agent.http.headers["Authorization"].removeprefix("Bearer "), **{"Call-Id": call})

    placed = agent.call("placeOrder", "funeral-by-agent", status=201)

    assert (placed["placed_by"]["role"], placed["channel"]) == ("AGENT", "PHONE")
    assert outside.resident("13800000003").order(placed["number"])["status"] == "SUBMITTED"
