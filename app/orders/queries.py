"""Every SELECT about orders; each begins with who may see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.areas.models import Compound, Room
from app.bookings.models import Reservation, Slot
from app.core.actors import Actor, Role
from app.core.flow import Party
from app.core.ids import is_spoken
from app.kinds.registry import KINDS
from app.orders.models import Order, OrderAssignee, OrderClock, OrderEvent
from app.people.models import Residency, ResidencyRole, ResidencyStatus, Resident, Staff, StaffArea

AREA_ROLES = {Role.AGENT, Role.MANAGER, Role.COMMITTEE, Role.CLERK}


FLAT_KINDS = sorted(kind.code for kind in KINDS.values() if kind.for_the_flat)
OWNERS = (ResidencyRole.OWNER, ResidencyRole.CO_OWNER)


@dataclass(frozen=True, slots=True)
class Seen:
    """An order, and what its flat's owners have to do with it.

    `owned`: the caller (or whom the agent's call is about) is a current owner of the room; `owner_known`: somebody is;
    `requester_owns`: the one who ordered is. `whole` says that everything a rule may look at has been loaded.
    """

    order: Order
    owned: bool
    owner_known: bool
    requester_owns: bool
    whole: bool


def _owner(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the order's room has a current, verified owner who fits."""
    return exists().where(
        Residency.room_id == Order.room_id,
        Residency.role.in_(OWNERS),
        Residency.status == ResidencyStatus.VERIFIED,
        Residency.start_on <= local_today(),
        or_(Residency.end_on.is_(None), Residency.end_on > local_today()),
        *conditions,
    )


def local_today() -> ColumnElement[date]:
    """The local day of the database's instant."""
    return cast(func.timezone("Asia/Shanghai", func.now()), Date)


def _with_owners(rows: Select[Order], actor: Actor) -> Select[Order, bool, bool, bool]:
    owned: ColumnElement[bool] = false()
    if actor.role is Role.RESIDENT:
        owned = _owner(Residency.resident_id == actor.id)
    elif actor.call_id is not None:
        owned = _owner(Residency.resident_id == (actor.for_id or Order.requester_id))
    requester = _owner(Residency.resident_id == Order.requester_id)
    return rows.add_columns(owned.label("owned"), _owner().label("owner_known"), requester.label("requester_owns"))


def visible(actor: Actor) -> Select[Order]:
    """The orders that exist for this caller; to everybody else they are a 404.

    A current owner also sees the work that concerns his flat, whoever ordered it.
    """
    rows = select(Order)
    if actor.role is Role.SYSTEM:
        return rows
    if actor.role is Role.RESIDENT:
        in_my_flat = and_(Order.kind.in_(FLAT_KINDS), _owner(Residency.resident_id == actor.id))
        return rows.where(or_(Order.requester_id == actor.id, Order.beneficiary_id == actor.id, in_my_flat))
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
        selectinload(Order.reservations)
        .joinedload(Reservation.slot, innerjoin=True)
        .joinedload(Slot.resource, innerjoin=True),
    )


async def one(session: AsyncSession, actor: Actor, ref: str) -> Seen | None:
    rows = _with_owners(_named(_whole(visible(actor)), ref), actor)
    row = (await session.execute(rows)).one_or_none()
    return Seen(*row, whole=True) if row else None


async def several(
    session: AsyncSession, actor: Actor, *, ids: Collection[UUID] | None = None, open_only: bool = False, limit: int
) -> Sequence[Seen]:
    """Whole orders at once, the newest first."""
    rows = _whole(visible(actor))
    if ids is not None:
        rows = rows.where(Order.id.in_(ids))
    if open_only:
        rows = rows.where(Order.closed_at.is_(None))
    found = await session.execute(_with_owners(rows, actor).order_by(Order.id.desc()).limit(limit))
    return [Seen(*row, whole=True) for row in found]


async def locked(session: AsyncSession, actor: Actor, ref: str) -> Seen | None:
    """The order, its row locked until the end of the transaction and read as it is now."""
    mine = _named(visible(actor), ref).with_only_columns(Order.id)
    rows = _with_owners(_whole(select(Order).where(Order.id.in_(mine))), actor).with_for_update(of=Order)
    row = (await session.execute(rows.execution_options(populate_existing=True))).one_or_none()
    return Seen(*row, whole=True) if row else None


async def for_a_message(session: AsyncSession, actor: Actor, order_id: UUID) -> Order | None:
    """The order, what it is, whom it is for, and whether it has been rated."""
    rows = (
        visible(actor)
        .where(Order.id == order_id)
        .options(
            joinedload(Order.item, innerjoin=True),
            joinedload(Order.beneficiary, innerjoin=True),
            joinedload(Order.rating),
        )
    )
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
) -> Sequence[Seen]:
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
    found = await session.execute(_with_owners(rows, actor).order_by(Order.id.desc()).limit(limit))
    return [Seen(*row, whole=False) for row in found]


@dataclass(frozen=True, slots=True)
class PersonAndRooms:
    """Somebody who orders, or for whom: the verified rooms in the compound, those he owns, how many open orders."""

    person: Resident
    rooms: tuple[Room, ...]
    owned: frozenset[UUID]
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
        select(Resident, Room, Residency.role, open_orders)
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
    for person, room, role, count in rows:
        before = found.get(person.id) or PersonAndRooms(person, (), frozenset(), count)
        rooms = (*before.rooms, room) if room and room not in before.rooms else before.rooms
        owned = before.owned | {room.id} if room and role in OWNERS else before.owned
        found[person.id] = PersonAndRooms(person, rooms, owned, count)
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


async def open_in_room(session: AsyncSession, room_id: UUID) -> Sequence[UUID]:
    """Open orders for the flat itself that wait for somebody to find its owner."""
    rows = select(Order.id).where(
        Order.room_id == room_id,
        Order.kind.in_(FLAT_KINDS),
        Order.closed_at.is_(None),
        Order.waits_for == Party.CLERK,
    )
    return (await session.execute(rows.order_by(Order.id))).scalars().all()
