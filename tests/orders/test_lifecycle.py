"""A simple service, from the menu to the rating, and by each of its exits."""

from datetime import UTC, datetime, timedelta

from tests.jobs import clock_comes
from tests.orders.bodies import (
    QUOTE,
    a_finished_order,
    actions,
    an_order,
    day,
    offered,
    ok,
    refused,
    repair,
    schedule,
    step,
    waste,
)


async def test_waste_removal_goes_from_the_menu_to_the_rating(visitor, resident, manager, crew, clerk):
    menu = await ok(await visitor.get("/v1/compounds/QHC/menu"))
    assert [item["code"] for item in menu["items"]] == offered("QHC")
    order = await a_finished_order(resident, manager, crew)
    finished = await ok(await resident.get(order))
    assert finished["settlement"] == "DUE"
    confirmed = await step(resident, order, "confirm")
    assert confirmed["status"] == "CONFIRMED"
    assert confirmed["charges"][0]["lines"][0]["amount_fen"] == 15000
    settled = await step(clerk, order, "settle", method="CASH", amount_fen=15000)
    assert (settled["status"], settled["settlement"]) == ("DONE", "PAID")
    rated = await ok(await resident.post(f"{order}/rating", json={"score": 5, "comment": "很好"}), 201)

    assert rated["rating"]["score"] == 5
    history = await ok(await resident.get(f"{order}/history"))
    assert [row["action"] for row in history["items"]] == [
        "place", "accept", "schedule", "start", "finish", "confirm", "settle",
    ]  # fmt: skip
    await refused(await resident.post(f"{order}/rating", json={"score": 1}), 409, "already-rated")


async def test_a_quoted_service_is_not_scheduled_before_the_quote_is_accepted(resident, manager, crew):
    order = await an_order(resident, repair())
    assert await actions(manager, order) == ["quote", "decline"]
    quoted = await step(manager, order, **QUOTE)
    assert quoted["quote"]["total_fen"] == 10502  # 3 x 35.005 = 105.015 yuan, half up once
    await refused(await manager.post(f"{order}/steps", json={"action": "accept", "quote_version": 1}), 403, "forbidden")

    second = await step(manager, order, **QUOTE)
    assert second["quote"]["version"] == 2
    stale = await resident.post(f"{order}/steps", json={"action": "accept", "quote_version": 1})
    await refused(stale, 409, "quote-changed")
    unnamed = await resident.post(f"{order}/steps", json={"action": "accept"})
    await refused(unnamed, 422, "quote-version-required")
    accepted = await step(resident, order, "accept", quote_version=2)

    assert (accepted["status"], accepted["money"]["quoted_fen"]) == ("ACCEPTED", 10502)


async def test_an_agent_accepts_a_quote_only_after_reading_it_back(resident, manager, agent):
    order = await an_order(resident, repair())
    await step(manager, order, **QUOTE)
    silent = await agent.post(f"{order}/steps", json={"action": "accept", "quote_version": 1})
    await refused(silent, 422, "read-back-required")

    accepted = await step(agent, order, "accept", quote_version=1, read_back=True)

    last = accepted["history"][-1]
    assert (last["actor_role"], last["channel"]) == ("AGENT", "PHONE")
    assert last["on_behalf_of_id"] == accepted["requester"]["id"]


async def test_cancelling_late_costs_what_was_said_before(resident, manager, crew, clerk):
    order = await an_order(resident)
    free = (await ok(await resident.get(order)))["actions"]
    assert next(a for a in free if a["action"] == "cancel")["consequence"]["fee_fen"] == 0
    await step(manager, order, "accept")
    await _schedule_in_an_hour(manager, crew, order)
    warned = (await ok(await resident.get(order)))["actions"]
    assert next(a for a in warned if a["action"] == "cancel")["consequence"]["fee_fen"] == 2000

    cancelled = await step(resident, order, "cancel", reason="改主意了")

    assert (cancelled["status"], cancelled["settlement"]) == ("CANCELLED", "DUE")
    assert cancelled["money"]["balance_fen"] == 2000
    settled = await step(clerk, order, "settle", method="CASH", amount_fen=2000)
    assert (settled["status"], settled["settlement"]) == ("CANCELLED", "PAID")


async def _schedule_in_an_hour(manager, crew, order):
    worker = (await crew.get("/v1/me")).json()["id"]
    start = datetime.now(UTC) + timedelta(hours=1)
    when = {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()}
    return await step(manager, order, "schedule", worker_ids=[worker], **when)


async def test_a_dispute_leads_to_a_reduction_and_silence_is_awaited_again(resident, manager, crew, clerk):
    order = await a_finished_order(resident, manager, crew)
    disputed = await step(resident, order, "dispute", reason="还有碎砖")
    assert disputed["status"] == "DISPUTED"

    resolved = await step(manager, order, "resolve", outcome="REDUCE", note="减免", reduce_fen=5000)
    assert (resolved["status"], resolved["money"]["balance_fen"]) == ("FINISHED", 10000)
    await step(resident, order, "confirm")
    too_much = await clerk.post(f"{order}/steps", json={"action": "settle", "method": "CASH", "amount_fen": 15000})
    await refused(too_much, 422, "amount-too-large")
    part = await step(clerk, order, "settle", method="CASH", amount_fen=4000)
    assert (part["status"], part["money"]["balance_fen"]) == ("CONFIRMED", 6000)
    done = await step(clerk, order, "settle", method="POS", amount_fen=6000)
    assert (done["status"], done["settlement"], done["money"]["paid_fen"]) == ("DONE", "PAID", 10000)


async def test_a_dispute_may_mean_doing_it_again(resident, manager, crew):
    order = await a_finished_order(resident, manager, crew)
    await step(resident, order, "dispute", reason="还有碎砖")
    again = await step(manager, order, "resolve", outcome="REDO", note="明天补清")
    assert again["status"] == "ACCEPTED"
    await schedule(manager, crew, order)
    await step(crew, order, "start")
    finished = await step(crew, order, "finish", report="补清完成")

    assert len(finished["charges"]) == 1


async def test_what_is_amended_is_checked_and_priced_again(resident, manager, crew):
    order = await an_order(resident)
    changed = await step(resident, order, "amend", details={"volume": "LARGE"})
    assert changed["details"]["volume"] == "LARGE"
    wrong = await resident.post(f"{order}/steps", json={"action": "amend", "details": {"volume": "HUGE"}})
    await refused(wrong, 422, "form-invalid")
    foreign = await resident.post(f"{order}/steps", json={"action": "amend", "room": "QHC-1-1-101"})
    await refused(foreign, 422, "room-not-yours")
    await step(manager, order, "accept")
    await schedule(manager, crew, order)

    late = await resident.post(f"{order}/steps", json={"action": "amend", "details": {"volume": "SMALL"}})

    await refused(late, 409, "invalid-transition")


async def test_silence_accepts_finished_work_once(app, resident, manager, crew):
    order = await a_finished_order(resident, manager, crew)
    order_id = order.rpartition("/")[2]
    assert await clock_comes(app, order_id, "remind")
    assert await clock_comes(app, order_id, "lapse-silence")
    assert not await clock_comes(app, order_id, "lapse-silence")

    now = await ok(await resident.get(order))

    assert now["status"] == "CONFIRMED"
    assert [row["actor_role"] for row in now["history"]][-2:] == ["SYSTEM", "SYSTEM"]


async def test_a_quote_expires_by_itself_and_cannot_be_accepted_then(app, resident, manager):
    order = await an_order(resident, repair())
    await step(manager, order, **QUOTE)
    assert await clock_comes(app, order.rpartition("/")[2], "lapse")

    late = await resident.post(f"{order}/steps", json={"action": "accept", "quote_version": 1})

    await refused(late, 409, "invalid-transition")
    assert (await ok(await resident.get(order)))["quote"]["state"] == "EXPIRED"


async def test_an_agent_orders_for_a_resident_under_a_call(agent, resident):
    found = await ok(await agent.post("/v1/residents/search", json={"phone": "13800000003"}))
    person = found["items"][0]
    assert person["phone_masked"] == "138****0003"
    unnamed = await agent.post("/v1/orders", json=waste())
    await refused(unnamed, 422, "on-behalf-required")

    placed = await ok(await agent.post("/v1/orders", json=waste(on_behalf_of_id=person["id"])), 201)

    assert (placed["placed_by"]["role"], placed["channel"]) == ("AGENT", "PHONE")
    assert placed["placed_by"]["call_id"] is not None
    assert placed["contact"]["phone"] == "138****0003"
    mine = await ok(await resident.get("/v1/orders"))
    assert [row["number"] for row in mine["items"]] == [placed["number"]]


async def test_an_agent_without_a_call_changes_nothing(sign_in, resident):
    agent = await sign_in("agent")
    del agent.headers["Call-Id"]
    order = await an_order(resident)

    await refused(await agent.post("/v1/orders", json=waste()), 409, "call-required")
    await refused(await agent.post(f"{order}/steps", json={"action": "cancel", "reason": "x"}), 409, "call-required")
    assert (await ok(await resident.get(order)))["status"] == "SUBMITTED"


async def test_a_preview_costs_nothing_and_stores_nothing(resident):
    preview = await ok(await resident.post("/v1/orders/preview", json=waste()))

    assert (preview["total_fen"], preview["missing_consents"]) == (15000, [])
    assert (await ok(await resident.get("/v1/orders")))["items"] == []


async def test_a_sixth_open_order_is_refused(resident):
    for _ in range(5):
        await an_order(resident)

    await refused(await resident.post("/v1/orders", json=waste()), 409, "too-many-open-orders")


async def test_dates_of_the_form_lie_ahead(resident):
    early = waste(details={"kind": "GENERAL", "volume": "SMALL", "preferred_date": day(0)})

    answer = await refused(await resident.post("/v1/orders", json=early), 422, "date-out-of-range")

    assert answer["errors"][0]["pointer"] == "/details/preferred_date"
