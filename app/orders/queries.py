"""Every SELECT about orders; each begins with who may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.areas.models import Compound, Room
from app.core.actors import Actor, Role
from app.core.ids import is_spoken
from app.orders.models import Order, OrderAssignee, OrderClock, OrderEvent
from app.people.models import Residency, ResidencyStatus, Resident, Staff, StaffArea

AREA_ROLES = {Role.AGENT, Role.MANAGER, Role.COMMITTEE, Role.CLERK}


def visible(actor: Actor) -> Select[Order]:
    """The orders that exist for this caller; to everybody else they are a 404."""
    rows = select(Order)
    if actor.role is Role.SYSTEM:
        return rows
    if actor.role is Role.RESIDENT:
        return rows.where(or_(Order.requester_id == actor.id, Order.beneficiary_id == actor.id))
    if actor.role is Role.WORKER:
        mine = select(OrderAssignee.order_id).where(OrderAssignee.staff_id == actor.id)
        return rows.where(Order.id.in_(mine))
    if actor.role in AREA_ROLES:
        return rows if actor.area_ids is None else rows.where(Order.area_id.in_(actor.area_ids))
    return rows.where(false())


def _named(rows: Select[Order], ref: str) -> Select[Order]:
    return rows.where(Order.number == ref) if is_spoken(ref) else rows.where(Order.id == UUID(ref))


def _whole(rows: Select[Order]) -> Select[Order]:
    """With everything that a step or a single answer needs."""
    return rows.options(
        joinedload(Order.compound, innerjoin=True),
        joinedload(Order.item, innerjoin=True),
        joinedload(Order.requester, innerjoin=True),
        joinedload(Order.beneficiary, innerjoin=True),
        joinedload(Order.room),
        joinedload(Order.rating),
        selectinload(Order.quotes),
        selectinload(Order.charges),
        selectinload(Order.clocks),
        selectinload(Order.assignees).joinedload(OrderAssignee.staff, innerjoin=True),
    )


async def one(session: AsyncSession, actor: Actor, ref: str) -> Order | None:
    return (await session.execute(_named(_whole(visible(actor)), ref))).scalar_one_or_none()


async def locked(session: AsyncSession, actor: Actor, ref: str) -> Order | None:
    """The order, its row locked until the end of the transaction and read as it is now."""
    mine = _named(visible(actor), ref).with_only_columns(Order.id)
    row = _whole(select(Order).where(Order.id.in_(mine))).with_for_update(of=Order)
    return (await session.execute(row.execution_options(populate_existing=True))).scalar_one_or_none()


async def with_requester(session: AsyncSession, actor: Actor, order_id: UUID) -> Order | None:
    """The order and the one who placed it, for a message."""
    rows = visible(actor).where(Order.id == order_id).options(joinedload(Order.requester, innerjoin=True))
    return (await session.execute(rows)).scalar_one_or_none()


async def history(session: AsyncSession, order_id: UUID, *, last: int) -> Sequence[OrderEvent]:
    """The last rows of an order's history, oldest first. The caller has been shown the order already."""
    rows = select(OrderEvent).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id.desc()).limit(last)
    return list(reversed((await session.execute(rows)).scalars().all()))


@dataclass(frozen=True, slots=True)
class Filters:
    status: str | None = None
    compound: str | None = None
    item: str | None = None


async def page(
    session: AsyncSession, actor: Actor, filters: Filters, *, after: UUID | None, limit: int
) -> Sequence[Order]:
    """Orders, the newest first, by key."""
    rows = visible(actor).join(Order.compound).outerjoin(Order.room)
    if filters.status is not None:
        rows = rows.where(Order.status == filters.status)
    if filters.compound is not None:
        rows = rows.where(Compound.code == filters.compound)
    if filters.item is not None:
        rows = rows.where(Order.item_code == filters.item)
    if after is not None:
        rows = rows.where(Order.id < after)
    rows = rows.options(
        contains_eager(Order.compound),
        contains_eager(Order.room),
        joinedload(Order.item, innerjoin=True),
        selectinload(Order.charges),
        selectinload(Order.quotes),
    )
    return (await session.execute(rows.order_by(Order.id.desc()).limit(limit))).scalars().all()


@dataclass(frozen=True, slots=True)
class PersonAndRooms:
    """Somebody who orders, or for whom: the person, the verified rooms in the compound, and how many open orders."""

    person: Resident
    rooms: tuple[Room, ...]
    open_orders: int


async def person_and_rooms(
    session: AsyncSession, resident_ids: set[UUID], compound_id: UUID, today: date
) -> dict[UUID, PersonAndRooms]:
    """Both people of an order, with their verified rooms here and their open orders, in one statement."""
    open_orders = (
        select(func.count())
        .where(Order.requester_id == Resident.id, Order.closed_at.is_(None))
        .correlate(Resident)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(Resident, Room, open_orders)
        .outerjoin(
            Residency,
            (Residency.resident_id == Resident.id)
            & (Residency.status == ResidencyStatus.VERIFIED)
            & (Residency.start_on <= today)
            & or_(Residency.end_on.is_(None), Residency.end_on > today),
        )
        .outerjoin(Room, (Room.id == Residency.room_id) & (Room.compound_id == compound_id))
        .where(Resident.id.in_(resident_ids))
        .order_by(Room.code)
    )
    found: dict[UUID, PersonAndRooms] = {}
    for person, room, count in rows:
        before = found.get(person.id)
        rooms = before.rooms if before else ()
        found[person.id] = PersonAndRooms(person, (*rooms, room) if room and room not in rooms else rooms, count)
    return found


async def workers(session: AsyncSession, ids: set[UUID], area_id: UUID) -> Sequence[Staff]:
    """Those of the named staff who are workers of the area."""
    serves = select(StaffArea.staff_id).where(StaffArea.area_id == area_id)
    rows = select(Staff).where(
        Staff.id.in_(ids), Staff.active, Staff.role == Role.WORKER, or_(Staff.all_areas, Staff.id.in_(serves))
    )
    return (await session.execute(rows)).scalars().all()


async def due_clocks(session: AsyncSession, limit: int) -> Sequence[tuple[UUID, str]]:
    """Clocks whose time has come by the database's own time."""
    rows = select(OrderClock.order_id, OrderClock.action).where(OrderClock.due_at <= func.now())
    found: Any = await session.execute(rows.order_by(OrderClock.due_at).limit(limit))
    return [(row.order_id, row.action) for row in found]
