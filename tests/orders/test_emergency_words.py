"""What sounds like an emergency is answered with the numbers to call; who insists is taken on, first in line."""

import pytest

from tests.orders.bodies import ok, refused, repair, step, waste
from tests.orders.visits import BOTH, a_visit, visit

GAS = {"kind": "GENERAL", "problem": "厨房有煤气味，窗户也关不严"}


async def test_row_14_chest_pain_in_a_form_is_answered_with_120_and_nothing_is_stored(resident):
    body = visit(consents=BOTH, details={"note": "今天一直胸痛"})

    told = await refused(await resident.post("/v1/orders", json=body), 409, "emergency-words")

    assert [row["number"] for row in told["emergency"]["call"]] == ["120"]
    assert (await ok(await resident.get("/v1/orders")))["items"] == []
    preview = await ok(await resident.post("/v1/orders/preview", json=body))
    assert preview["emergency"]["call"][0]["number"] == "120"


async def test_who_insists_is_taken_on_flagged_and_first_in_line(sign_in, resident):
    nurse = await sign_in("clinic")
    calm = await a_visit(resident)
    urgent = await a_visit(resident, details={"note": "今天一直胸痛"}, acks=["emergency-words"])

    rows = (await ok(await nurse.get("/v1/triage")))["items"]

    assert [row["order_id"] for row in rows] == [urgent.rpartition("/")[2], calm.rpartition("/")[2]]
    assert [row["flagged"] for row in rows] == [True, False]
    work = (await ok(await nurse.get("/v1/me/work")))["items"]
    assert [row["id"] for row in work] == [urgent.rpartition("/")[2], calm.rpartition("/")[2]]


async def test_gas_in_an_order_for_a_window_is_an_emergency_too(resident, manager):
    body = repair()
    body["details"] = GAS
    told = await refused(await resident.post("/v1/orders", json=body), 409, "emergency-words")
    assert "119" in [row["number"] for row in told["emergency"]["call"]]

    placed = await ok(await resident.post("/v1/orders", json={**body, "acks": ["emergency-words"]}), 201)

    assert placed["flagged"] is True
    assert (await ok(await manager.get("/v1/orders")))["items"][0]["flagged"] is True


@pytest.mark.parametrize("action", ["cancel", "amend"])
async def test_words_of_a_step_count_like_those_of_an_order(resident, action):
    order = f"/v1/orders/{(await ok(await resident.post('/v1/orders', json=waste()), 201))['id']}"
    before = await ok(await resident.get(order))
    body = {"action": action, "reason": "老人昏迷了"} if action == "cancel" else {
        "action": action, "details": {"remark": "老人昏迷了"},
    }  # fmt: skip

    await refused(await resident.post(f"{order}/steps", json=body), 409, "emergency-words")

    assert await ok(await resident.get(order)) == before
    after = await step(resident, order, **{**body, "acks": ["emergency-words"]})
    assert after["flagged"] is True


async def test_what_staff_write_about_the_work_is_not_searched(resident, manager):
    order = f"/v1/orders/{(await ok(await resident.post('/v1/orders', json=waste()), 201))['id']}"

    left = await step(manager, order, "decline", reason="楼道冒火花，先断电检修")

    assert (left["status"], left["flagged"]) == ("DECLINED", False)
