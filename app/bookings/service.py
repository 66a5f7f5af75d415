"""Taking, swapping and giving back places; all or nothing, in the order of the slots' ids."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.bookings import queries
from app.bookings.models import ACTIVE, Reservation, ReservationState, Slot
from app.bookings.schemas import SlotRead
from app.core.errors import Problem
from app.core.ids import new_id
from app.core.text import Text
from app.web.work import Work

MOST_ALTERNATIVES = 3


class SlotTaken(Problem):
    """Carries up to three `alternatives`."""

    status, code = 409, "slot-taken"
    title = Text("这个时段已被约满", "The slot is taken")
    detail = Text(
        "您选的时段已被约满或不再开放，请另选时段。", "A slot that you chose is full or closed. Choose another one."
    )


async def free_expired(work: Work, slot_ids: Collection[UUID]) -> None:
    """Lock the slots in the order of their ids, and give back what expired holds still occupy. One statement."""
    locked = (
        select(Slot.id)
        .where(Slot.id.in_(slot_ids))
        .order_by(Slot.id)
        .with_for_update()
        .cte("locked")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    gone = (
        update(Reservation)
        .where(
            Reservation.slot_id.in_(select(locked.c.id)),
            Reservation.state == ReservationState.HELD,
            Reservation.expires_at <= work.now,
        )
        .values(state=ReservationState.RELEASED, expires_at=None)
        .returning(Reservation.slot_id)
        .cte("gone")
    )
    counted = select(gone.c.slot_id, func.count().label("n")).group_by(gone.c.slot_id).cte("counted")
    freed = update(Slot).where(Slot.id == counted.c.slot_id).values(booked=Slot.booked - counted.c.n)
    await work.session.execute(freed.execution_options(synchronize_session=False))


async def set_slots(
    work: Work, order_id: UUID, slot_ids: Sequence[UUID], *, until: datetime | None, begun: bool = False
) -> None:
    """From now on the order has exactly these places: new ones are taken, others given back, in one transaction.

    `until` makes holds of the new ones and dates anew the holds that stay; without it all are booked, the holds that
    stay too. `begun` takes a slot that has started and is not over. Raises `SlotTaken` and changes nothing when a slot
    is full, closed or over. At most six statements.
    """
    mine = {row.slot_id: row for row in await queries.active_reservations(work.session, order_id)}
    leaving, coming = sorted(mine.keys() - set(slot_ids)), sorted(set(slot_ids) - mine.keys())
    held = [row.id for row in mine.values() if row.slot_id in set(slot_ids) and row.state == ReservationState.HELD]
    await free_expired(work, [*leaving, *coming])
    if leaving:
        await _give_back(work, order_id, leaving)
    if coming:
        await _take(work, order_id, coming, until, begun=begun)
    if held:
        await _keep(work, held, until)


async def take(
    work: Work, order_id: UUID, slot_ids: Sequence[UUID], *, until: datetime | None, begun: bool = False
) -> None:
    """`set_slots` for an order that has none yet: three statements."""
    await free_expired(work, slot_ids)
    await _take(work, order_id, sorted(set(slot_ids)), until, begun=begun)


async def _take(work: Work, order_id: UUID, slot_ids: Sequence[UUID], until: datetime | None, *, begun: bool) -> None:
    if await claim(work, slot_ids, begun=begun) != len(slot_ids):
        raise SlotTaken
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "slot_id": slot_id, "order_id": order_id, **_standing(until)} for slot_id in slot_ids
    ]
    await work.session.execute(insert(Reservation).values(rows))


async def claim(work: Work, slot_ids: Sequence[UUID], *, begun: bool = False) -> int:
    """How many of the slots had a place left and now have one less: the one conditional UPDATE that guards capacity."""
    in_time = Slot.end_at if begun else Slot.start_at
    rows = (
        update(Slot)
        .where(Slot.id.in_(slot_ids), Slot.booked < Slot.capacity, ~Slot.closed, in_time > work.now)
        .values(booked=Slot.booked + 1)
        .returning(Slot.id)
    )
    done = await work.session.execute(rows.execution_options(synchronize_session=False))
    return len(done.scalars().all())


def _standing(until: datetime | None) -> dict[str, Any]:
    return {"state": ReservationState.HELD if until else ReservationState.BOOKED, "expires_at": until}


async def _keep(work: Work, held: Sequence[UUID], until: datetime | None) -> None:
    """The holds that stay are booked or get another end; one that expired and was given back meanwhile is gone."""
    staying = update(Reservation).where(Reservation.id.in_(held), Reservation.state == ReservationState.HELD)
    kept = staying.values(**_standing(until)).returning(Reservation.id)
    done = await work.session.execute(kept.execution_options(synchronize_session=False))
    if len(done.scalars().all()) != len(held):
        raise SlotTaken


async def _give_back(work: Work, order_id: UUID, slot_ids: Sequence[UUID]) -> None:
    gone = (
        update(Reservation)
        .where(Reservation.order_id == order_id, Reservation.slot_id.in_(slot_ids), Reservation.state.in_(ACTIVE))
        .values(state=ReservationState.RELEASED, expires_at=None)
        .returning(Reservation.slot_id)
        .cte("gone")
    )
    freed = update(Slot).where(Slot.id.in_(select(gone.c.slot_id))).values(booked=Slot.booked - 1)
    await work.session.execute(freed.execution_options(synchronize_session=False))


async def confirm(work: Work, order_id: UUID) -> None:
    """Holds become bookings."""
    held = update(Reservation).where(Reservation.order_id == order_id, Reservation.state == ReservationState.HELD)
    booked = held.values(state=ReservationState.BOOKED, expires_at=None)
    await work.session.execute(booked.execution_options(synchronize_session=False))


async def use(work: Work, order_id: UUID) -> None:
    """The booked time has been used; the places stay counted."""
    mine = update(Reservation).where(Reservation.order_id == order_id, Reservation.state.in_(ACTIVE))
    used = mine.values(state=ReservationState.USED, expires_at=None)
    await work.session.execute(used.execution_options(synchronize_session=False))


async def offer_others(work: Work, compound_id: UUID, item_code: str, after: datetime) -> list[dict[str, Any]]:
    """Up to three free slots to choose instead, as the wire shows them."""
    rows = await queries.alternatives(work.session, compound_id, item_code, after, work.now, MOST_ALTERNATIVES)
    return [SlotRead.of(row, {}, work.now, freed=0).model_dump(mode="json") for row in rows]
