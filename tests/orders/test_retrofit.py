"""A heating retrofit where it is not the straight way (domain book, section 5, rows 11 and 12): quotes, changes, money."""

import pytest

from tests.jobs import clock_comes
from tests.orders.bodies import a_slot, an_order, day, heating, ok, refused, step
from tests.people.homes import ask, do

RADIATORS = {"label": "钢制暖气片", "quantity": "42", "unit": "片", "unit_price": "42.00"}
PIPES = {"label": "PPR 管", "quantity": "64", "unit": "米", "unit_price": "18.00"}
SURVEY = {"groups": 7, "pipe_metres": 64, "shares_riser": False, "findings": "七组暖气片。"}
DEPOSIT = 87480
"""30 % of 42 × 42.00 + 64 × 18.00 = 2,916.00 yuan, to the nearest fen."""


async def quoted(visitor, resident, manager, *lines):
    """A surveyed and quoted retrofit; the manager surveys himself."""
    order = await an_order(resident, heating([await a_slot(visitor)]))
    await step(manager, order, "survey", **SURVEY)
    await step(manager, order, "quote", lines=list(lines) or [RADIATORS, PIPES])
    return order


async def paid(visitor, resident, manager, clerk):
    """The same with the quote accepted, survey and deposit paid."""
    order = await quoted(visitor, resident, manager)
    accepted = await step(resident, order, "accept", quote_version=1)
    assert accepted["money"]["due_fen"] == 5000 + DEPOSIT
    await step(clerk, order, "settle", method="CASH", amount_fen=5000 + DEPOSIT)
    return order


async def begun(visitor, resident, manager, clerk, crew):
    """The same under way: in the heating season, because the pipe leaks."""
    order = await paid(visitor, resident, manager, clerk)
    worker = (await ok(await crew.get("/v1/me")))["id"]
    when = {"start": f"{day(6)}T08:30:00+08:00", "end": f"{day(6)}T17:30:00+08:00"}
    await step(manager, order, "schedule", worker_ids=[worker], emergency_reason="管道漏水", **when)
    await step(crew, order, "start")
    return order


async def test_row_11_a_second_quote_supersedes_the_first(visitor, resident, manager):
    order = await quoted(visitor, resident, manager)
    await step(manager, order, "quote", lines=[RADIATORS])

    late = await resident.post(f"{order}/steps", json={"action": "accept", "quote_version": 1})

    await refused(late, 409, "quote-changed")
    now = await ok(await resident.get(order))
    assert (now["status"], now["quote"]["version"], now["quote"]["total_fen"]) == ("QUOTED", 2, 176400)
    assert (await step(resident, order, "accept", quote_version=2))["money"]["quoted_fen"] == 176400


async def test_row_11_a_quote_that_expires_while_its_owner_clicks_is_not_accepted(app, visitor, resident, manager):
    order = await quoted(visitor, resident, manager)
    await do(app, "UPDATE order_quote SET expires_at = now() - interval '1 second'")

    late = await resident.post(f"{order}/steps", json={"action": "accept", "quote_version": 1})

    await refused(late, 409, "quote-changed")
    assert (await ok(await resident.get(order)))["status"] == "QUOTED"
    assert await clock_comes(app, order, "lapse")
    assert (await ok(await resident.get(order)))["status"] == "QUOTE_EXPIRED"


@pytest.mark.parametrize("end", ["reject", "lapse-change"])
async def test_row_11_a_change_that_is_not_accepted_leaves_price_and_work_as_they_were(
    app, visitor, resident, manager, clerk, crew, end
):
    order = await begun(visitor, resident, manager, clerk, crew)
    more = {"label": "放气阀", "quantity": "2", "unit": "个", "unit_price": "35.00"}
    await step(manager, order, "change", lines=[RADIATORS, PIPES, more], note="加装放气阀")
    early = await crew.post(
        f"{order}/steps", json={"action": "test", "passed": True, "pressure_kpa": 800, "minutes": 30}
    )
    await refused(early, 409, "invalid-transition")

    if end == "reject":
        await step(resident, order, "reject", reason="不需要")
    else:
        assert await clock_comes(app, order, "lapse-change")

    now = await ok(await resident.get(order))
    assert (now["status"], now["money"]["quoted_fen"]) == ("IN_PROGRESS", 291600)


async def test_row_11_a_change_that_is_accepted_is_the_price(visitor, resident, manager, clerk, crew):
    order = await begun(visitor, resident, manager, clerk, crew)
    more = {"label": "放气阀", "quantity": "2", "unit": "个", "unit_price": "35.00"}
    await step(manager, order, "change", lines=[RADIATORS, PIPES, more], note="加装放气阀")

    assert (await step(resident, order, "accept", quote_version=2))["money"]["quoted_fen"] == 298600
    await step(crew, order, "test", passed=True, pressure_kpa=800, minutes=30)
    finished = await step(crew, order, "finish", report="完工")

    assert finished["charges"][-1]["amount_fen"] == 298600 - 5000 - DEPOSIT


async def test_row_11_before_the_start_no_more_than_the_deposit_is_kept(visitor, resident, manager, clerk):
    order = await paid(visitor, resident, manager, clerk)
    await step(resident, order, "cancel", reason="不改了")
    greedy = {"action": "tally", "lines": [RADIATORS], "note": "全部已订"}

    answer = await refused(await manager.post(f"{order}/steps", json=greedy), 422, "tally-too-large")

    assert "874.80" in answer["detail"]
    assert (await ok(await resident.get(order)))["status"] == "CANCEL_PENDING"
    bought = {**RADIATORS, "quantity": "10"}
    left = await step(manager, order, "tally", lines=[bought], note="已订十片")
    assert (left["status"], left["money"]["balance_fen"]) == ("CANCELLED", 42000 - DEPOSIT)


async def test_row_11_after_the_start_what_was_done_is_paid_by_quantity(visitor, resident, manager, clerk, crew):
    order = await begun(visitor, resident, manager, clerk, crew)
    await step(resident, order, "cancel", reason="家中有事")

    left = await step(manager, order, "tally", lines=[{**RADIATORS, "quantity": "30"}], note="已装三十片")

    assert (left["status"], left["money"]["balance_fen"]) == ("CANCELLED", 126000 - 5000 - DEPOSIT)


async def test_row_11_a_day_before_the_survey_cancelling_begins_to_cost_it(app, visitor, resident):
    early, late = [await an_order(resident, heating([await a_slot(visitor, place)])) for place in (0, 1)]
    await do(
        app, "UPDATE service_order SET starts_at = now() + interval '24 hours 1 minute' WHERE id = :id", id=early[11:]
    )
    await do(
        app, "UPDATE service_order SET starts_at = now() + interval '23 hours 59 minutes' WHERE id = :id", id=late[11:]
    )
    shown = [row for row in (await ok(await resident.get(late)))["actions"] if row["action"] == "cancel"]
    assert shown[0]["consequence"]["fee_fen"] == 5000

    assert (await step(resident, early, "cancel", reason="x"))["money"]["balance_fen"] == 0
    assert (await step(resident, late, "cancel", reason="x"))["money"]["balance_fen"] == 5000


async def test_works_wait_until_after_the_season_unless_it_is_an_emergency(
    app, visitor, resident, manager, clerk, crew
):
    order = await paid(visitor, resident, manager, clerk)
    await do(app, """UPDATE service_order SET rules = rules || '{"blocked_from": "01-01", "blocked_until": "12-31"}'""")
    worker = (await ok(await crew.get("/v1/me")))["id"]
    when = {"start": f"{day(6)}T08:30:00+08:00", "end": f"{day(6)}T17:30:00+08:00", "worker_ids": [worker]}

    answer = await manager.post(f"{order}/steps", json={"action": "schedule", **when})

    await refused(answer, 422, "works-blocked")
    assert (await ok(await resident.get(order)))["status"] == "ACCEPTED"
    done = await step(manager, order, "schedule", emergency_reason="管道漏水", **when)
    assert (done["status"], done["history"][-1]["reason"]) == ("SCHEDULED", "管道漏水")


async def test_a_failed_test_sends_the_work_back_and_silence_accepts_what_was_finished(
    app, visitor, resident, manager, clerk, crew
):
    order = await begun(visitor, resident, manager, clerk, crew)
    failed = await step(crew, order, "test", passed=False, pressure_kpa=600, minutes=5, note="三通渗水")
    assert failed["status"] == "IN_PROGRESS"
    early = await crew.post(f"{order}/steps", json={"action": "finish", "report": "完工"})
    await refused(early, 409, "invalid-transition")
    await step(crew, order, "test", passed=True, pressure_kpa=800, minutes=30)
    await step(crew, order, "finish", report="完工")

    assert await clock_comes(app, order, "remind")
    assert await clock_comes(app, order, "lapse-silence")

    now = await ok(await resident.get(order))
    assert (now["status"], now["money"]["balance_fen"]) == ("CONFIRMED", 291600 - 5000 - DEPOSIT)
    done = await step(clerk, order, "settle", method="CASH", amount_fen=291600 - 5000 - DEPOSIT)
    assert (done["status"], done["settlement"]) == ("UNDER_WARRANTY", "PAID")
    assert await clock_comes(app, order, "end-warranty")
    assert (await ok(await resident.get(order)))["status"] == "CLOSED"


async def test_row_12_an_item_that_is_withdrawn_goes_on_where_it_was_ordered(app, visitor, resident, manager):
    order = await quoted(visitor, resident, manager)
    offer = {"enabled": False, "offered_from": "2026-01-05"}
    path = "/v1/compounds/QHC/menu/heating-retrofit"
    await ok(await manager.put(path, json=offer, headers={"If-Match": "*"}))
    await app.state.pages.refresh()
    assert "heating-retrofit" not in (await visitor.get("/v1/compounds/QHC/menu")).text
    ((slot,),) = await ask(
        app, "SELECT id FROM slot WHERE booked = 0 AND NOT closed AND start_at > now() + interval '3 days' LIMIT 1"
    )

    await refused(await resident.post("/v1/orders", json=heating([str(slot)])), 422, "not-on-menu")

    accepted = await step(resident, order, "accept", quote_version=1)
    assert (accepted["status"], accepted["money"]["quoted_fen"]) == ("ACCEPTED", 291600)
