"""The life of a wedding through HTTP, and each of its exits."""

import asyncio
from datetime import date, timedelta

from sqlalchemy import text

from app.calendar import lunar_text
from app.orders import jobs
from tests.jobs import a_run, clock_comes
from tests.orders.bodies import actions, ok, refused, step
from tests.orders.ceremonies import HALL, SQUARE, a_booked_wedding, a_wedding, free_parts, wedding
from tests.test_serving import run_sql

TAKEN = "SELECT count(*) FROM reservation WHERE state IN ('HELD', 'BOOKED')"


async def test_a_wedding_from_the_preview_to_the_last_payment(resident, visitor, committee, clerk, manager):
    slots = [slot["id"] for slot in (await free_parts(visitor, "wedding", HALL, 10))[:2]]
    body = wedding(slots, tables=22, table_sets=18, sound_days=1, cleaning=True)
    preview = await ok(await resident.post("/v1/orders/preview", json=body))
    assert (preview["total_fen"], preview["due_now_fen"], preview["slots_ok"]) == (78000, 0, True)
    assert [warning["code"] for warning in preview["warnings"]] == ["tables", "deposit"]

    placed = await ok(await resident.post("/v1/orders", json={**body, "acks": ["tables"]}), 201)
    order = f"/v1/orders/{placed['id']}"
    assert [slot["id"] for slot in placed["slots"]] == slots
    assert (placed["status"], placed["next"]["waiting_for"]["role"]) == ("SUBMITTED", "COMMITTEE")
    told = {warning["code"]: warning["acknowledged"] for warning in placed["warnings"]}
    assert told == {"tables": True, "deposit": False}
    filed = await step(committee, order, "file", filing_no="HB-1")
    assert (filed["status"], filed["settlement"], filed["money"]["due_fen"]) == ("FILED", "DUE", 30000)
    assert filed["findings"]["filing"]["filing_no"] == "HB-1"
    part = await step(clerk, order, "settle", method="CASH", amount_fen=10000)
    assert part["status"] == "FILED"
    booked = await step(clerk, order, "settle", method="CASH", amount_fen=20000)
    assert (booked["status"], booked["settlement"]) == ("BOOKED", "PAID")
    await step(manager, order, "start")
    glass = [{"label": "玻璃", "quantity": "1", "unit": "块", "unit_price": "60.00"}]
    finished = await step(manager, order, "inspect", lines=glass, note="玻璃一块")
    assert [line["amount_fen"] for line in finished["charges"][-1]["lines"]] == [
        40000, 18000, 10000, 10000, 6000, -30000,
    ]  # fmt: skip
    confirmed = await step(resident, order, "confirm")
    assert (confirmed["status"], confirmed["money"]["balance_fen"]) == ("CONFIRMED", 54000)
    done = await step(clerk, order, "settle", method="POS", amount_fen=54000)

    assert (done["status"], done["settlement"], done["money"]["paid_fen"]) == ("DONE", "PAID", 84000)
    rated = await ok(await resident.post(f"{order}/rating", json={"score": 5}), 201)
    assert rated["rating"]["score"] == 5


async def test_row_16_the_lunar_date_stands_beside_each_slot(resident, visitor):
    order = await ok(await resident.get(await a_wedding(resident, visitor)))

    for slot in order["slots"]:
        assert slot["lunar"] == lunar_text(date.fromisoformat(slot["date"]))


async def test_what_the_law_forbids_is_refused_with_its_source_and_nothing_is_kept(resident, visitor, database_url):
    slots = [slot["id"] for slot in (await free_parts(visitor, "wedding", HALL))[:2]]
    for details, pointer, source in (
        ({"music_until": "22:30"}, "/details/music_until", "噪声污染防治法"),
        ({"fire_lane_kept": False}, "/details/fire_lane_kept", "消防法"),
    ):
        problem = await refused(await resident.post("/v1/orders", json=wedding(slots, **details)), 422, "limit-broken")
        assert problem["errors"][0]["pointer"] == pointer
        assert source in problem["detail"]

    assert run_sql(database_url, TAKEN) == [(0,)]
    assert (await ok(await resident.get("/v1/orders")))["items"] == []


async def test_a_warning_without_an_acknowledgement_refuses_nothing_and_stays_open(resident, visitor):
    order = await ok(await resident.get(await a_wedding(resident, visitor, tables=30, fireworks=True)))

    told = {warning["code"]: warning["acknowledged"] for warning in order["warnings"]}
    assert told == {"tables": False, "fireworks": False, "deposit": False}


async def test_an_administrator_sets_the_limits_and_orders_placed_before_keep_theirs(
    admin_person, resident, visitor, committee
):
    before = await a_wedding(resident, visitor, 10, tables=12)
    pledge = {"code": "tables", "subject": "TABLES", "most": 10, "text": "不超过 10 桌", "text_en": "At most 10 tables"}
    item = {
        "kind": "WEDDING",
        "title": "红事（婚礼）服务",
        "title_en": "Wedding",
        "content": "场地、桌椅、音响和现场秩序。",
        "standard": "遵守移风易俗公约。",
        "pricing": "TIERED",
        "lead_days": 3,
        "cancel_terms": {"text": "定金按约定退", "free_hours": 0, "late_fee_fen": 0},
        "consents": [],
        "rules": {"limits": [{**pledge, "source": "村规民约"}], "deposit_fen": 0},
        "ordinal": 20,
        "published": True,
    }
    put = await ok(await admin_person.put("/v1/menu-items/wedding", json=item, headers={"If-Match": "*"}))
    assert put["rules"]["limits"][0]["type"] == "ADVISORY"

    after = await a_wedding(resident, visitor, 12, tables=12)

    told = (await ok(await resident.get(after)))["warnings"]
    assert [(row["code"], row["source"]) for row in told] == [("tables", "村规民约")]
    assert (await step(committee, after, "file"))["status"] == "BOOKED"
    assert (await step(committee, before, "file"))["status"] == "FILED"
    unbounded = {**item, "rules": {"limits": [{**pledge, "source": "村规民约", "most": None}]}}
    wrong = await admin_person.put("/v1/menu-items/wedding", json=unbounded, headers={"If-Match": "*"})
    await refused(wrong, 422, "rules-wrong")


async def test_a_wedding_is_three_to_180_days_ahead(resident, visitor):
    early = (await free_parts(visitor, "wedding", HALL, 1))[0]
    assert date.fromisoformat(early["date"]) < date.today() + timedelta(days=3)

    await refused(await resident.post("/v1/orders", json=wedding([early["id"]])), 422, "date-out-of-range")


async def test_row_1_half_taken_parts_of_days_are_all_or_nothing(resident, neighbour, visitor, database_url):
    parts = [slot["id"] for slot in (await free_parts(visitor, "wedding", HALL, 10))[:4]]
    await ok(await resident.post("/v1/orders", json=wedding(parts[1:2])), 201)

    other = {**wedding(parts), "room": "QHC-1-1-101"}
    problem = await refused(await neighbour.post("/v1/orders", json=other), 409, "slot-taken")

    assert len(problem["alternatives"]) == 3
    assert run_sql(database_url, TAKEN) == [(1,)]
    assert (await ok(await neighbour.get("/v1/orders")))["items"] == []


async def test_another_day_before_the_filing_swaps_all_parts_at_once(resident, visitor, committee, database_url):
    order = await a_wedding(resident, visitor)
    square = [slot["id"] for slot in (await free_parts(visitor, "wedding", SQUARE, 12))[:3]]

    moved = await step(resident, order, "reschedule", slot_ids=square)

    assert {slot["id"] for slot in moved["slots"]} == set(square)
    assert moved["lines"] == []
    assert run_sql(database_url, TAKEN) == [(3,)]
    await step(committee, order, "file")
    late = await resident.post(f"{order}/steps", json={"action": "reschedule", "slot_ids": square})
    await refused(late, 409, "invalid-transition")


async def test_an_overdue_filing_is_the_managers_or_the_clerks(app, resident, visitor, manager, clerk, committee):
    order = await a_wedding(resident, visitor)
    assert "file" not in await actions(manager, order)
    await refused(await manager.post(f"{order}/steps", json={"action": "file"}), 409, "invalid-transition")

    assert await clock_comes(app, order, "escalate-filing")

    overdue = await ok(await manager.get(order))
    assert overdue["next"]["waiting_for"]["role"] == "MANAGER"
    assert "file" in await actions(committee, order)
    filed = await step(clerk, order, "file", note="电话告知物管会")
    assert (filed["status"], filed["history"][-1]["actor_role"]) == ("FILED", "CLERK")


async def test_the_committee_refuses_to_file_with_a_reason(resident, visitor, committee, database_url):
    order = await a_wedding(resident, visitor)

    declined = await step(committee, order, "decline", reason="当天小区停水检修")

    assert (declined["status"], declined["settlement"], declined["slots"]) == ("DECLINED", "NONE", [])
    assert declined["history"][-1]["reason"] == "当天小区停水检修"
    assert run_sql(database_url, TAKEN) == [(0,)]


async def test_row_11_an_unpaid_deposit_lapses_and_the_venue_is_free_again(app, resident, visitor, committee, clerk):
    order = await a_wedding(resident, visitor)
    mine = {slot["id"] for slot in (await ok(await resident.get(order)))["slots"]}
    await step(committee, order, "file")
    await step(clerk, order, "settle", method="CASH", amount_fen=10000)

    assert await clock_comes(app, order, "lapse-deposit")

    lapsed = await ok(await resident.get(order))
    assert (lapsed["status"], lapsed["settlement"], lapsed["money"]["balance_fen"]) == ("LAPSED", "REFUND_DUE", -10000)
    assert mine <= {slot["id"] for slot in await free_parts(visitor, "wedding", HALL, 10)}
    late = await clerk.post(f"{order}/steps", json={"action": "settle", "method": "CASH", "amount_fen": 20000})
    await refused(late, 409, "invalid-transition")
    refunded = await step(clerk, order, "refund", method="CASH", amount_fen=10000)
    assert refunded["settlement"] == "REFUNDED"


async def _cancelled(resident, visitor, committee, clerk, ahead):
    order = await a_booked_wedding(resident, visitor, committee, clerk, ahead)
    warned = (await ok(await resident.get(order)))["actions"]
    told = next(action for action in warned if action["action"] == "cancel")["consequence"]
    left = await step(resident, order, "cancel", reason="改期")
    assert (left["status"], left["slots"]) == ("CANCELLED", [])
    assert left["money"]["balance_fen"] == -told["refund_fen"]
    return told["fee_fen"], told["refund_fen"], left["settlement"]


async def test_the_cancellation_scale_is_what_was_said_before(app, resident, visitor, committee, clerk):
    assert await _cancelled(resident, visitor, committee, clerk, 9) == (0, 30000, "REFUND_DUE")
    assert await _cancelled(resident, visitor, committee, clerk, 5) == (15000, 15000, "REFUND_DUE")

    order = await a_booked_wedding(resident, visitor, committee, clerk, 5)
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(
            text("UPDATE service_order SET starts_at = now() + interval '2 days' WHERE status = 'BOOKED'")
        )
    left = await step(resident, order, "cancel", reason="改期")
    assert (left["settlement"], left["money"]["balance_fen"]) == ("PAID", 0)


async def test_with_a_proof_all_is_given_back_by_the_clerk_only(resident, visitor, committee, clerk):
    order = await a_booked_wedding(resident, visitor, committee, clerk, 5)
    body = {"action": "cancel-excused", "reason": "家中有变故", "proof": "ORIGINAL_SEEN"}
    await refused(await resident.post(f"{order}/steps", json=body), 403, "forbidden")

    left = await ok(await clerk.post(f"{order}/steps", json=body))

    assert (left["status"], left["money"]["balance_fen"]) == ("CANCELLED", -30000)
    assert (await step(clerk, order, "refund", method="CASH", amount_fen=30000))["settlement"] == "REFUNDED"


async def test_before_the_deposit_leaving_is_free_and_the_provider_gives_all_back(
    resident, visitor, committee, clerk, manager
):
    submitted = await a_wedding(resident, visitor)
    assert (await step(resident, submitted, "cancel", reason="不办了"))["settlement"] == "NONE"
    filed = await a_wedding(resident, visitor)
    await step(committee, filed, "file")
    left = await step(resident, filed, "cancel", reason="不办了")
    assert (left["status"], left["settlement"], left["money"]["balance_fen"]) == ("CANCELLED", "NONE", 0)

    booked = await a_booked_wedding(resident, visitor, committee, clerk)
    declined = await step(manager, booked, "decline", reason="活动室漏水")

    assert (declined["status"], declined["settlement"], declined["money"]["balance_fen"]) == (
        "DECLINED",
        "REFUND_DUE",
        -30000,
    )


async def test_a_disputed_list_is_made_anew(resident, visitor, committee, clerk, manager):
    order = await a_booked_wedding(resident, visitor, committee, clerk)
    await step(manager, order, "start")
    glass = [{"label": "玻璃", "quantity": "1", "unit": "块", "unit_price": "60.00"}]
    await step(manager, order, "inspect", lines=glass, note="玻璃一块")
    await step(resident, order, "dispute", reason="玻璃原来就是破的")
    assert (await step(manager, order, "resolve", outcome="REDO", note="重新清点"))["status"] == "IN_PROGRESS"

    again = await step(manager, order, "inspect", note="玻璃不计")

    assert (again["money"]["balance_fen"], again["charges"][-1]["amount_fen"]) == (10000, -6000)


async def test_a_closed_hall_is_exchanged_for_another_day_after_the_deposit_too(
    app, resident, visitor, committee, clerk, manager, database_url
):
    order = await a_booked_wedding(resident, visitor, committee, clerk)
    closed = (await ok(await resident.get(order)))["slots"][0]["date"]
    ((hall,),) = run_sql(database_url, "SELECT id FROM resource WHERE code = 'HALL_QHC'")
    after = date.fromisoformat(closed) + timedelta(days=1)
    closure = {"since": closed, "until": str(after), "reason": "WEATHER", "note": "屋顶漏水"}
    listed = await ok(await manager.post(f"/v1/resources/{hall}/closures", json=closure), 201)
    assert len(listed["displaced"]) == 2
    run = a_run(app)
    await jobs.displaced(run, order.rpartition("/")[2])

    assert (await ok(await resident.get(order)))["displaced"]
    other = [slot["id"] for slot in await free_parts(visitor, "wedding", HALL, 12)][:2]
    moved = await step(resident, order, "reschedule", slot_ids=other)

    assert {slot["id"] for slot in moved["slots"]} == set(other)
    assert (moved["status"], moved["displaced"], moved["settlement"]) == ("BOOKED", False, "PAID")


async def test_a_deposit_that_is_paid_while_it_lapses_has_one_outcome(app, resident, visitor, committee, clerk):
    """Row 1: the money and the clock come at the same moment; either the venue is booked, or the money goes back."""
    for _ in range(6):
        order = await a_wedding(resident, visitor, 20)
        await step(committee, order, "file")
        pay = clerk.post(f"{order}/steps", json={"action": "settle", "method": "CASH", "amount_fen": 30000})

        paid, lapsed = await asyncio.gather(pay, clock_comes(app, order, "lapse-deposit"))

        now = await ok(await resident.get(order))
        assert (paid.status_code == 200) != lapsed
        assert (now["status"], now["settlement"], len(now["slots"])) == (
            ("BOOKED", "PAID", 2) if paid.status_code == 200 else ("LAPSED", "NONE", 0)
        )
        if paid.status_code == 200:
            await step(resident, order, "cancel", reason="让出场地")


async def test_silence_accepts_the_list(app, resident, visitor, committee, clerk, manager):
    order = await a_booked_wedding(resident, visitor, committee, clerk)
    await step(manager, order, "start")
    await step(manager, order, "inspect", note="完好")
    assert await clock_comes(app, order, "remind")

    assert await clock_comes(app, order, "lapse-silence")

    assert (await ok(await resident.get(order)))["status"] == "CONFIRMED"
