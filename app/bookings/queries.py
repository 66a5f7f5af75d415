"""Every SELECT about bookable time."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import BindParameter, ScalarSelect, Select, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.areas.models import ClinicCompound, Compound
from app.bookings.models import (
    ACTIVE,
    Closure,
    Holiday,
    HolidayYear,
    Reservation,
    ReservationState,
    Resource,
    ResourceUse,
    Slot,
)
from app.calendar import Holidays, SpecialDay
from app.core.actors import Actor, Role
from app.people.models import Staff

log = structlog.get_logger(__name__)


def visible(actor: Actor) -> Select[Resource]:
    """The resources of the areas that a member of staff serves, and the doctors who come there; a clinic's own for it."""
    rows = select(Resource)
    if actor.role is Role.CLINIC:
        clinic = select(Staff.clinic_id).where(Staff.id == actor.id).scalar_subquery()
        return rows.where(Resource.clinic_id == clinic)
    if actor.area_ids is None:
        return rows
    served = (
        select(ResourceUse.resource_id)
        .join(Compound, Compound.id == ResourceUse.compound_id)
        .where(Compound.area_id.in_(actor.area_ids))
    )
    coming = and_(Resource.clinic_id.is_not(None), Resource.id.in_(served))
    return rows.where(or_(Resource.area_id.in_(actor.area_ids), coming))


_WHOLE = (selectinload(Resource.uses), selectinload(Resource.template), joinedload(Resource.clinic))


async def resources(session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int) -> Sequence[Resource]:
    rows = visible(actor).options(*_WHOLE)
    if after is not None:
        rows = rows.where(Resource.id > after)
    return (await session.execute(rows.order_by(Resource.id).limit(limit))).scalars().all()


async def resource(session: AsyncSession, actor: Actor, resource_id: UUID) -> Resource | None:
    rows = visible(actor).where(Resource.id == resource_id).options(*_WHOLE)
    return (await session.execute(rows)).scalar_one_or_none()


async def locked_resource(session: AsyncSession, actor: Actor, resource_id: UUID) -> Resource | None:
    rows = visible(actor).where(Resource.id == resource_id).with_for_update(of=Resource).options(*_WHOLE)
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one_or_none()


async def resource_ids(session: AsyncSession) -> Sequence[UUID]:
    return (await session.execute(select(Resource.id).where(Resource.active).order_by(Resource.id))).scalars().all()


async def compounds_of_area(session: AsyncSession, area_id: UUID, codes: Collection[str]) -> dict[str, UUID]:
    """The named compounds that lie in the area, by code."""
    rows = await session.execute(
        select(Compound.code, Compound.id).where(Compound.area_id == area_id, Compound.code.in_(codes))
    )
    return {row.code: row.id for row in rows}


async def compound_codes(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = await session.execute(select(Compound.id, Compound.code).where(Compound.id.in_(ids)))
    return {row.id: row.code for row in rows}


async def compound_area(session: AsyncSession, code: str) -> UUID | None:
    return (await session.execute(select(Compound.area_id).where(Compound.code == code))).scalar_one_or_none()


def _bookable(compound_id: UUID | ScalarSelect[UUID], item_code: str | BindParameter[str]) -> Select[Slot]:
    """The slots that an item of a compound's menu can book, with their resource; doctors only of its own clinic."""
    uses = and_(
        ResourceUse.resource_id == Slot.resource_id,
        ResourceUse.compound_id == compound_id,
        ResourceUse.item_code == item_code,
        or_(ResourceUse.parts.is_(None), Slot.code == func.any(ResourceUse.parts)),
    )
    serving = (
        select(ClinicCompound.clinic_id).where(ClinicCompound.compound_id == ResourceUse.compound_id).scalar_subquery()
    )
    return (
        select(Slot)
        .join(Slot.resource)
        .join(ResourceUse, uses)
        .where(Resource.active, or_(Resource.clinic_id.is_(None), Resource.clinic_id == serving))
        .options(contains_eager(Slot.resource))
    )


_SLOTS_BETWEEN = (
    _bookable(
        select(Compound.id).where(Compound.code == bindparam("compound")).scalar_subquery(),
        bindparam("item"),
    )
    .where(Slot.day.between(bindparam("first"), bindparam("last")))
    .order_by(Slot.start_at, Slot.id)
)
"""Asked for at every look at a calendar, so it is put together once."""


async def slots_between(
    session: AsyncSession, compound_code: str, item_code: str, first: date, last: date
) -> Sequence[Slot]:
    """All slots of an item over some days, both included, in the order of time."""
    which = {"compound": compound_code, "item": item_code, "first": first, "last": last}
    return (await session.execute(_SLOTS_BETWEEN, which)).scalars().all()


async def held_now(session: AsyncSession, slot_ids: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """How many holds of these slots have expired and still count until somebody takes the place."""
    rows = await session.execute(
        select(Reservation.slot_id, func.count().label("n"))
        .where(
            Reservation.slot_id.in_(slot_ids),
            Reservation.state == ReservationState.HELD,
            Reservation.expires_at <= now,
        )
        .group_by(Reservation.slot_id)
    )
    return {row.slot_id: row.n for row in rows}


async def wanted(session: AsyncSession, ids: Collection[UUID], compound_id: UUID, item_code: str) -> Sequence[Slot]:
    """Those of the named slots that the item can book, in the order of time."""
    rows = _bookable(compound_id, item_code).where(Slot.id.in_(ids)).order_by(Slot.start_at, Slot.id)
    return (await session.execute(rows)).scalars().all()


async def slots_overlapping(
    session: AsyncSession,
    compound_id: UUID,
    item_code: str,
    resource_code: str | None,
    start: datetime,
    end: datetime,
) -> Sequence[Slot]:
    """Every slot of an item's resources (or of the named one) that shares some of the span, in the order of time.

    Full, closed and begun ones too: whoever takes them all finds out.
    """
    rows = _bookable(compound_id, item_code).where(Slot.start_at < end, Slot.end_at > start)
    if resource_code is not None:
        rows = rows.where(Resource.code == resource_code)
    return (await session.execute(rows.order_by(Slot.start_at, Slot.id))).scalars().all()


async def alternatives(
    session: AsyncSession, compound_id: UUID, item_code: str, after: datetime, now: datetime, limit: int
) -> Sequence[Slot]:
    """The next free slots of the same item."""
    rows = _bookable(compound_id, item_code).where(
        Slot.start_at >= after, Slot.start_at > now, ~Slot.closed, Slot.booked < Slot.capacity
    )
    return (await session.execute(rows.order_by(Slot.start_at, Slot.id).limit(limit))).scalars().all()


async def active_reservations(session: AsyncSession, order_id: UUID) -> Sequence[Reservation]:
    rows = select(Reservation).where(Reservation.order_id == order_id, Reservation.state.in_(ACTIVE))
    return (await session.execute(rows.order_by(Reservation.slot_id))).scalars().all()


async def reservations(session: AsyncSession, order_id: UUID) -> Sequence[Reservation]:
    """What an order holds now, with slots and resources."""
    rows = (
        select(Reservation)
        .join(Reservation.slot)
        .join(Slot.resource)
        .options(contains_eager(Reservation.slot).contains_eager(Slot.resource))
        .where(Reservation.order_id == order_id, Reservation.state.in_(ACTIVE))
        .order_by(Slot.start_at, Reservation.id)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(rows)).scalars().all()


async def displaced(session: AsyncSession, resource_id: UUID, today: date) -> Sequence[Reservation]:
    """Who holds a place in a slot that is closed."""
    rows = (
        select(Reservation)
        .join(Reservation.slot)
        .options(contains_eager(Reservation.slot))
        .where(Slot.resource_id == resource_id, Slot.day >= today, Slot.closed, Reservation.state.in_(ACTIVE))
        .order_by(Slot.start_at, Reservation.id)
    )
    return (await session.execute(rows)).scalars().all()


async def day(session: AsyncSession, resource_id: UUID, on: date) -> Sequence[tuple[Slot, list[Reservation]]]:
    """The slots of one day, and who has a place in each."""
    slots = (await session.execute(select(Slot).where(Slot.resource_id == resource_id, Slot.day == on))).scalars().all()
    taken = await session.execute(
        select(Reservation)
        .where(Reservation.slot_id.in_([slot.id for slot in slots]), Reservation.state != ReservationState.RELEASED)
        .order_by(Reservation.id)
    )
    by_slot: dict[UUID, list[Reservation]] = {}
    for row in taken.scalars():
        by_slot.setdefault(row.slot_id, []).append(row)
    return [(slot, by_slot.get(slot.id, [])) for slot in sorted(slots, key=lambda s: (s.start_at, s.code))]


async def lock_future(session: AsyncSession, resource_id: UUID, today: date) -> Sequence[Slot]:
    """The slots of today and later, locked in the order in which takers lock them."""
    rows = select(Slot).where(Slot.resource_id == resource_id, Slot.day >= today).order_by(Slot.id).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalars().all()


async def closures(session: AsyncSession, resource_id: UUID, today: date) -> Sequence[Closure]:
    rows = select(Closure).where(Closure.resource_id == resource_id, Closure.ends_on > today)
    return (await session.execute(rows.order_by(Closure.starts_on, Closure.id))).scalars().all()


async def slots_with_expired_holds(session: AsyncSession, now: datetime, limit: int) -> Sequence[UUID]:
    """Slots with holds that have expired."""
    rows = (
        select(Reservation.slot_id)
        .where(Reservation.state == ReservationState.HELD, Reservation.expires_at <= now)
        .distinct()
        .limit(limit)
    )
    return (await session.execute(rows)).scalars().all()


_HOLIDAYS = select(Holiday.day, Holiday.name, Holiday.off).where(Holiday.day.between(bindparam("a"), bindparam("z")))


async def holidays(session: AsyncSession, first: date, last: date) -> Holidays:
    """The special days of a span, both ends included."""
    rows = await session.execute(_HOLIDAYS, {"a": first, "z": last})
    return {row.day: SpecialDay(row.name, row.off) for row in rows}


async def alarm_unknown_years(session: AsyncSession, first: date, last: date) -> list[int]:
    """Say which years of a span have no holidays; weekdays stand in for them."""
    known = set((await session.execute(select(HolidayYear.year))).scalars())
    missing = [year for year in range(first.year, last.year + 1) if year not in known]
    for year in missing:
        log.warning("holiday_year_unknown", year=year)
    return missing


async def holiday_year(session: AsyncSession, year: int, *, lock: bool = False) -> HolidayYear | None:
    rows = select(HolidayYear).where(HolidayYear.year == year).options(selectinload(HolidayYear.days))
    if lock:
        rows = rows.with_for_update()
    return (await session.execute(rows)).scalar_one_or_none()


async def example_slots(session: AsyncSession, wanted: set[str], today: date) -> dict[str, str]:
    """`slot:QHC/wedding@HALL_QHC/5/0` and its like: the n-th free slot at least so many days ahead.

    After `@` stands a resource, else any of the item's. Days on which the resource has no booking come first.
    """
    found = {}
    for name in sorted(wanted):
        compound, item, ahead, place = name.split("/")
        item, _, resource = item.partition("@")
        first = today + timedelta(days=int(ahead))
        rows = await slots_between(session, compound, item, first, first + timedelta(days=30))
        rows = [slot for slot in rows if resource in {"", slot.resource.code}]
        busy = {(slot.resource_id, slot.day) for slot in rows if slot.booked}
        free = [slot for slot in rows if not slot.closed and slot.booked < slot.capacity]
        free.sort(key=lambda slot: (slot.resource_id, slot.day) in busy)
        if len(free) > int(place):
            found[f"slot:{name}"] = str(free[int(place)].id)
    return found
