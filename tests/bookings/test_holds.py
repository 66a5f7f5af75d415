"""Holds in a swap: of the three that were offered one is chosen; a hold that expired is nobody's."""

from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.bookings import service
from app.core.actors import SYSTEM
from app.web.work import Work

ORDER = uuid4()


@asynccontextmanager
async def work(app, settings, *, later=timedelta()):
    """A transaction of the program, now or later."""
    async with app.state.sessions.write() as session, session.begin():
        now = (await session.execute(text("SELECT now()"))).scalar_one()
        yield Work(session, SYSTEM, now + later, settings)


async def sql(app, statement, **values):
    async with app.state.sessions.write() as session, session.begin():
        done = await session.execute(text(statement), values)
        return [tuple(row) for row in done] if done.returns_rows else []


@pytest.fixture
async def visits(app):
    """Four free visits of the doctors."""
    rows = await sql(
        app,
        "SELECT s.id FROM slot s JOIN resource r ON r.id = s.resource_id WHERE r.code = 'DOCTORS_CHENGDONG'"
        " AND s.start_at > now() + interval '3 days' ORDER BY s.start_at LIMIT 4",
    )
    return [UUID(str(row[0])) for row in rows]


async def standing(app, order=ORDER):
    """What the order has: slot, state, minutes until it expires."""
    rows = await sql(
        app,
        "SELECT slot_id, state, round(extract(epoch FROM expires_at - now()) / 60)::int FROM reservation"
        " WHERE order_id = :order AND state IN ('HELD', 'BOOKED')",
        order=order,
    )
    return {row[0]: row[1:] for row in rows}


async def booked(app, slots):
    return {row[0]: row[1] for row in await sql(app, "SELECT id, booked FROM slot WHERE id = ANY(:ids)", ids=slots)}


async def offer(app, settings, slots, minutes=120, order=ORDER):
    async with work(app, settings) as mine:
        await service.set_slots(mine, order, slots, until=mine.now + timedelta(minutes=minutes))


async def test_of_three_held_visits_one_is_chosen_and_booked(app, settings, visits):
    await offer(app, settings, visits[:3])
    assert await standing(app) == dict.fromkeys(visits[:3], ("HELD", 120))

    async with work(app, settings) as mine:
        await service.set_slots(mine, ORDER, [visits[1]], until=None)

    assert await standing(app) == {visits[1]: ("BOOKED", None)}
    assert await booked(app, visits) == {visits[0]: 0, visits[1]: 1, visits[2]: 0, visits[3]: 0}


async def test_holds_that_stay_get_the_new_end(app, settings, visits):
    await offer(app, settings, visits[:2], minutes=60)

    await offer(app, settings, visits[1:3], minutes=240)

    assert await standing(app) == dict.fromkeys(visits[1:3], ("HELD", 240))
    assert await booked(app, visits[:3]) == {visits[0]: 0, visits[1]: 1, visits[2]: 1}


async def test_what_is_booked_stays_booked_when_more_is_held(app, settings, visits):
    async with work(app, settings) as mine:
        await service.set_slots(mine, ORDER, visits[:1], until=None)

    await offer(app, settings, visits[:2])

    assert await standing(app) == {visits[0]: ("BOOKED", None), visits[1]: ("HELD", 120)}


async def test_a_hold_that_has_expired_but_is_still_there_is_taken_up_again(app, settings, visits):
    await offer(app, settings, visits[:1], minutes=10)

    async with work(app, settings, later=timedelta(minutes=11)) as mine:
        await service.set_slots(mine, ORDER, visits[:1], until=None)

    assert await standing(app) == {visits[0]: ("BOOKED", None)}
    assert await booked(app, visits[:1]) == {visits[0]: 1}


async def test_a_hold_that_expired_and_was_taken_by_another_is_lost(app, settings, visits):
    await offer(app, settings, visits[:2], minutes=10)
    other = uuid4()
    async with work(app, settings, later=timedelta(minutes=11)) as theirs:
        await service.take(theirs, other, visits[:1], until=None)

    with pytest.raises(service.SlotTaken):
        async with work(app, settings, later=timedelta(minutes=11)) as mine:
            await service.set_slots(mine, ORDER, visits[:1], until=None)

    assert await standing(app, other) == {visits[0]: ("BOOKED", None)}
    assert await standing(app) == {visits[1]: ("HELD", 10)}
    assert await booked(app, visits[:2]) == {visits[0]: 1, visits[1]: 1}


async def test_a_hold_given_back_between_reading_and_keeping_is_refused(app, settings, visits, monkeypatch):
    await offer(app, settings, visits[:1], minutes=10)
    free_expired = service.free_expired

    async def somebody_is_quicker(mine, slot_ids):
        await sql(
            app, "UPDATE reservation SET state = 'RELEASED', expires_at = NULL WHERE order_id = :order", order=ORDER
        )
        await sql(app, "UPDATE slot SET booked = booked - 1 WHERE id = :slot", slot=visits[0])
        await free_expired(mine, slot_ids)

    monkeypatch.setattr(service, "free_expired", somebody_is_quicker)
    with pytest.raises(service.SlotTaken):
        async with work(app, settings, later=timedelta(minutes=11)) as mine:
            await service.set_slots(mine, ORDER, visits[:1], until=None)

    assert await standing(app) == {}
    assert await booked(app, visits[:1]) == {visits[0]: 0}


async def test_a_swap_of_every_sort_costs_six_statements(app, settings, visits, statements):
    await offer(app, settings, visits[:2])

    async with work(app, settings) as mine:
        with statements.during() as sent:
            await service.set_slots(mine, ORDER, visits[1:4], until=None)
        assert len(sent) <= 6


async def test_a_slot_that_runs_is_taken_only_by_one_who_may_begin_in_it(app, settings, visits):
    await sql(
        app,
        "UPDATE slot SET start_at = now() - interval '1 hour', end_at = now() + interval '1 hour' WHERE id = :slot",
        slot=visits[0],
    )
    await sql(
        app,
        "UPDATE slot SET start_at = now() - interval '3 hours', end_at = now() - interval '1 hour' WHERE id = :slot",
        slot=visits[1],
    )

    with pytest.raises(service.SlotTaken):
        async with work(app, settings) as mine:
            await service.take(mine, ORDER, visits[:1], until=None)
    with pytest.raises(service.SlotTaken):
        async with work(app, settings) as mine:
            await service.take(mine, ORDER, visits[:2], until=None, begun=True)
    assert await booked(app, visits[:2]) == {visits[0]: 0, visits[1]: 0}

    async with work(app, settings) as mine:
        await service.take(mine, ORDER, visits[:1], until=None, begun=True)
    assert await standing(app) == {visits[0]: ("BOOKED", None)}
