"""An outside client drives the doctor's home visit: a daughter orders for her mother, and each way in which it ends."""

from tests.outside import Outside
from tests.test_serving import eventually

NURSE_STEPS = ("assign-visitor", "depart", "arrive")


def proxied(outside: Outside) -> tuple[Outside, Outside]:
    """The daughter with her mother's confirmed proxy, and the mother."""
    daughter, mother = outside.resident("13800000004"), outside.resident("13800000003")
    asked = daughter.call("askProxy", "daughter", status=201)
    assert asked["status"] == "PENDING"
    daughter.call("placeOrder", "home-doctor-by-daughter", status=403)
    assert daughter.call("takeProxyStep", "confirm", proxy_id=asked["id"])["status"] == "ACTIVE"
    return daughter, mother


def test_a_daughter_orders_a_visit_for_her_mother_and_the_nurse_comes(outside):
    daughter, mother = proxied(outside)
    nurse, manager = outside.staff("clinic"), outside.staff("manager")
    preview = daughter.call("previewOrder", "home-doctor-by-daughter")
    assert (preview["total_fen"], preview["missing_consents"]) == (0, ["HEALTH_DATA", "SHARE_WITH_CLINIC"])
    assert "subject-consents" in [warning["code"] for warning in preview["warnings"]]
    placed = daughter.call("placeOrder", "home-doctor-by-daughter", status=201)
    number = placed["number"]
    assert (placed["status"], placed["clinic"]["code"]) == ("AWAITING_CONSENT", "CHENGDONG")
    assert nurse.http.get(f"/v1/orders/{number}").status_code == 404
    daughter.step(number, "consent", status=403)

    mother.call("sayConsent", "health")
    mother.call("sayConsent", "share")
    eventually(lambda: mother.order(number)["status"] == "TRIAGE", 15)

    (row,) = nurse.call("listTriage")["items"]
    assert (row["number"], row["age_band"], row["purpose_label"]) == (number, "80+", "慢性病随访")
    assert nurse.order(number)["note"] == "最近降压药换了一种。"
    nurse.step(number, "unreached")
    assert len(nurse.step(number, "offer")["offers"]) == 3
    chosen = daughter.step(number, "choose")
    assert (chosen["status"], chosen["schedule"]["start"]) == ("CONFIRMED", chosen["slots"][0]["start"])
    at_the_gate = manager.order(number)
    assert (at_the_gate["title"], at_the_gate["details"], at_the_gate["contact"]) == ("上门服务", {}, None)
    nurse.step(number, "delay")
    for name in NURSE_STEPS:
        nurse.step(number, name)
    code = mother.order(number)["visitor"]["door_code"]
    assert daughter.order(number)["visitor"]["door_code"] == code
    nurse.step(number, "finish")
    done = daughter.step(number, "confirm")
    assert (done["status"], done["settlement"], done["money"]["due_fen"]) == ("COMPLETED", "NONE", 0)
    assert daughter.call("rateOrder", "five-stars", status=201, order_id=number)["rating"]["score"] == 5
    eventually(lambda: "order-visitor" in [n["template"] for n in mother.call("listNotifications")["items"]], 15)
    assert {row["role"] for row in mother.call("listMyDisclosures")["items"]} == {"CLINIC"}


EXITS = {
    ("exit-120",): "REFERRED_120",
    ("exit-out-of-scope",): "OUT_OF_SCOPE",
    ("exit-not-contracted", "contract", "exit-ended"): "ENDED",
    ("offer", "mother:choose", "depart", "no-show"): "NO_ONE_HOME",
    ("offer", "mother:reject", "exit-hospitalised"): "HOSPITALISED",
    ("offer", "mother:choose", "mother:reschedule-visit", "reoffer", "transfer", "mother:cancel"): "CANCELLED",
}


def test_a_visit_is_left_by_each_of_its_exits(outside):
    for way, ends in EXITS.items():
        outside = outside.fresh()
        mother, nurse = outside.resident("13800000003"), outside.staff("clinic")
        number = mother.call("placeOrder", "home-doctor", status=201)["number"]

        for step in way:
            who, _, name = step.rpartition(":")
            status = (mother if who else nurse).step(number, name)["status"]

        assert (status, mother.order(number)["closed_at"] is None) == (ends, False)
