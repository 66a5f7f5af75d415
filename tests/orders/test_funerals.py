"""The life of a funeral through HTTP, and each of its exits."""

from datetime import date, timedelta

import pytest

from app.orders import jobs
from tests.jobs import a_run, clock_comes
from tests.orders.bodies import actions, ok, refused, step, waste
from tests.orders.ceremonies import HALL, SQUARE, a_booked_wedding, a_funeral, free_parts, funeral, wedding
from tests.test_serving import run_sql

TASKS = "SELECT type, status FROM call_task ORDER BY id"


@pytest.fixture
async def son(sign_in):
    """Somebody who is bound to no room."""
    return await sign_in("13800000004")


def numbers(order):
    return [call["phone"] for call in order["call_now"]]


async def test_a_funeral_of_somebody_bound_to_nothing_from_the_call_to_the_payment(son, manager, committee, clerk):
    body = funeral(days=3, tables=12, table_sets=8, tent_days=3, cleaning=True, music_until="21:00")
    preview = await ok(await son.post("/v1/orders/preview", json=body))
    assert (preview["total_fen"], preview["warnings"], preview["due_now_fen"]) == (40000, [], 0)

    placed = await ok(await son.post("/v1/orders", json=body), 201)
    order = f"/v1/orders/{placed['id']}"

    assert (placed["status"], placed["room"], placed["next"]["waiting_for"]["role"]) == ("SUBMITTED", None, "DUTY")
    assert placed["confirm_by"] is not None
    assert numbers(placed)[-1] == "12345"
    assert len(placed["slots"]) >= 9
    confirmed = await step(manager, order, "fast-confirm", note="已通话")
    assert (confirmed["status"], confirmed["confirm_by"]) == ("FAST_CONFIRMED", None)
    await step(manager, order, "start")
    filed = await step(committee, order, "file", filing_no="BS-1")
    assert filed["findings"]["filing"]["filing_no"] == "BS-1"
    assert "file" not in await actions(committee, order)
    finished = await step(manager, order, "finish", report="已清扫")
    assert [line["amount_fen"] for line in finished["charges"][0]["lines"]] == [0, 30000, 10000]
    assert (await step(son, order, "confirm"))["status"] == "CONFIRMED"
    done = await step(clerk, order, "settle", method="CASH", amount_fen=40000)

    assert (done["status"], done["settlement"]) == ("DONE", "PAID")
    await refused(await son.post(f"{order}/rating", json={"score": 5}), 409, "not-rateable")


async def test_the_basic_help_is_free_and_ends_without_a_payment(son, manager):
    order = await a_funeral(son, table_sets=8, tent_days=1)
    await step(manager, order, "fast-confirm")
    await step(manager, order, "start")
    assert (await step(manager, order, "finish", report="好"))["settlement"] == "NONE"

    assert (await step(son, order, "confirm"))["status"] == "DONE"


async def test_it_is_not_counted_among_the_open_orders(resident):
    for _ in range(5):
        await ok(await resident.post("/v1/orders", json=waste()), 201)
    await refused(await resident.post("/v1/orders", json=waste()), 409, "too-many-open-orders")

    await ok(await resident.post("/v1/orders", json=funeral()), 201)


async def test_an_open_funeral_does_not_count_against_other_orders(resident):
    await ok(await resident.post("/v1/orders", json=funeral()), 201)

    for _ in range(5):
        await ok(await resident.post("/v1/orders", json=waste()), 201)


async def test_nobody_answers_and_the_whole_chain_is_called(app, son, agent, database_url):
    order = await a_funeral(son)
    chain = len((await ok(await son.get(order)))["call_now"])
    for _ in range(chain - 1):
        assert await clock_comes(app, order, "escalate")
    assert not await clock_comes(app, order, "escalate")

    assert run_sql(database_url, TASKS) == [("UNCONFIRMED_FUNERAL", "OPEN")] * chain
    seen = await ok(await agent.get("/v1/call-tasks"))
    assert len([row for row in seen["items"] if row["type"] == "UNCONFIRMED_FUNERAL"]) == chain
    assert (await ok(await son.get(order)))["status"] == "SUBMITTED"


async def test_a_confirmation_ends_the_calls(app, son, manager, database_url):
    order = await a_funeral(son)
    await step(manager, order, "fast-confirm")

    assert not await clock_comes(app, order, "escalate")
    assert {status for _, status in run_sql(database_url, TASKS)} == {"CANCELLED"}


async def test_the_electrician_on_duty_confirms_and_another_worker_does_not_see_it(son, sign_in, crew):
    order = await a_funeral(son)
    electrician = await sign_in("electrician")
    body = {"action": "fast-confirm"}
    await refused(await crew.post(f"{order}/steps", json=body), 404, "order-not-found")
    await refused(await son.post(f"{order}/steps", json=body), 403, "forbidden")

    assert (await step(electrician, order, "fast-confirm"))["status"] == "FAST_CONFIRMED"


async def test_row_15_funeral_now_against_a_wedding_that_is_booked(
    son, resident, visitor, committee, clerk, manager, database_url
):
    """Row 15: the same hall; nobody is bumped, nobody is refused, and a person finds another place with a reason."""
    order = await a_booked_wedding(resident, visitor, committee, clerk, 5)
    before = await ok(await resident.get(order))
    day = before["slots"][0]["date"]

    placed = await ok(await son.post("/v1/orders", json=funeral(venue="HALL_QHC", starts_on=day, days=3)), 201)

    assert (placed["status"], placed["slots"]) == ("SUBMITTED", [])
    assert "商量" in placed["next"]["text"]
    assert ("CLASH", "OPEN") in run_sql(database_url, TASKS)
    assert await ok(await resident.get(order)) == before
    burial = f"/v1/orders/{placed['id']}"
    taken = [slot["id"] for slot in before["slots"]]
    arrange = {"action": "arrange", "slot_ids": taken, "reason": "先到先得？"}
    await refused(await manager.post(f"{burial}/steps", json=arrange), 409, "slot-taken")
    await refused(await son.post(f"{burial}/steps", json=arrange), 403, "forbidden")
    free = [slot["id"] for slot in (await free_parts(visitor, "funeral", SQUARE, 5))[:4]]
    moved = await step(manager, burial, "arrange", slot_ids=free, reason="活动室有婚礼，改到小广场")

    assert {slot["id"] for slot in moved["slots"]} == set(free)
    assert moved["history"][-1]["reason"] == "活动室有婚礼，改到小广场"
    assert ("CLASH", "CANCELLED") in run_sql(database_url, TASKS)
    assert await ok(await resident.get(order)) == before


async def test_a_wedding_cannot_take_what_a_funeral_has(son, resident, visitor):
    day = (await free_parts(visitor, "wedding", HALL, 5))[0]["date"]
    hall = [slot["id"] for slot in await free_parts(visitor, "wedding", HALL, 5) if slot["date"] == day]
    await a_funeral(son, venue="HALL_QHC", starts_on=day)

    await refused(await resident.post("/v1/orders", json=wedding(hall[:1])), 409, "slot-taken")


async def test_the_venue_may_be_left_open_and_an_unknown_one_is_said(son, manager, visitor):
    order = await a_funeral(son, venue=None)
    assert (await ok(await son.get(order)))["slots"] == []
    wrong = await son.post("/v1/orders", json=funeral(venue="HALL_TYY"))
    await refused(wrong, 422, "slot-unknown")

    free = [slot["id"] for slot in (await free_parts(visitor, "funeral", SQUARE, 0))[:2]]
    assert len((await step(manager, order, "arrange", slot_ids=free, reason="家属选小广场"))["slots"]) == 2


async def test_a_closed_venue_calls_a_person_and_asks_the_family_for_nothing(app, son, manager, visitor, database_url):
    order = await a_funeral(son)
    closed = (await ok(await son.get(order)))["slots"]
    ((tent,),) = run_sql(database_url, "SELECT id FROM resource WHERE code = 'TENT_QHC'")
    until = str(date.fromisoformat(closed[-1]["date"]) + timedelta(days=1))
    closure = {"since": closed[0]["date"], "until": until, "reason": "WEATHER", "note": "大风"}
    await ok(await manager.post(f"/v1/resources/{tent}/closures", json=closure), 201)
    run = a_run(app)
    for _ in range(2):
        await jobs.displaced(run, order.rpartition("/")[2])

    left = await ok(await son.get(order))
    assert (left["slots"], left["displaced"], left["next"]["waiting_for"]["role"]) == ([], False, "DUTY")
    assert [row for row in run_sql(database_url, TASKS) if row[0] == "CLASH"] == [("CLASH", "OPEN")]
    free = [slot["id"] for slot in (await free_parts(visitor, "funeral", SQUARE, 1))[:2]]
    moved = await step(manager, order, "arrange", slot_ids=free, reason="大风，改到小广场")
    assert "商量" not in moved["next"]["text"]


async def test_row_15_limits_of_the_pledge_never_refuse_a_funeral(son):
    body = funeral(days=5, tables=40, band_size=12, fireworks=True)

    placed = await ok(await son.post("/v1/orders", json=body), 201)

    told = {warning["code"]: warning["acknowledged"] for warning in placed["warnings"]}
    assert told == {"tables": False, "days": False, "band": False, "fireworks": False}
    assert all(warning["source"] for warning in placed["warnings"])


async def test_it_is_cancelled_at_no_cost_until_it_begins(son, manager, database_url):
    order = await a_funeral(son)
    await step(manager, order, "fast-confirm")
    told = (await ok(await son.get(order)))["actions"]
    assert next(a for a in told if a["action"] == "cancel")["consequence"]["fee_fen"] == 0

    left = await step(son, order, "cancel", reason="改在殡仪馆")

    assert (left["status"], left["settlement"], left["slots"], left["call_now"]) == ("CANCELLED", "NONE", [], [])
    running = await a_funeral(son)
    await step(manager, running, "fast-confirm")
    await step(manager, running, "start")
    late = await son.post(f"{running}/steps", json={"action": "cancel", "reason": "x"})
    await refused(late, 409, "invalid-transition")


async def test_it_can_be_declined_with_a_reason(son, manager):
    order = await a_funeral(son)

    declined = await step(manager, order, "decline", reason="与另一单重复")

    assert (declined["status"], declined["settlement"], declined["slots"]) == ("DECLINED", "NONE", [])


async def test_a_filing_that_is_late_stands_on_the_committees_desk(app, son, manager, committee):
    order = await a_funeral(son)
    await step(manager, order, "fast-confirm")
    assert await clock_comes(app, order, "remind-filing")
    assert (await ok(await committee.get(order)))["next"]["waiting_for"]["role"] == "COMMITTEE"

    await step(committee, order, "file")

    assert (await ok(await committee.get(order)))["next"]["waiting_for"]["role"] == "CREW"


async def test_the_family_adds_tables_while_it_runs_and_time_is_left_to_a_person(son, manager):
    order = await a_funeral(son, table_sets=8)
    await step(manager, order, "fast-confirm")
    await step(manager, order, "start")

    more = await step(son, order, "amend", details={"table_sets": 12})

    assert more["lines"][-1]["amount_fen"] == 4000
    later = await son.post(f"{order}/steps", json={"action": "amend", "details": {"days": 5}})
    await refused(later, 422, "details-fixed")
