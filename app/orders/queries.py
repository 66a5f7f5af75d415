"""Every SELECT about orders; each begins with who may see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.areas.models import Compound
from app.bookings.models import Reservation, Slot
from app.calendar import Holidays
from app.core.actors import Actor, Role
from app.core.flow import Party
from app.core.ids import is_spoken
from app.kinds.facts import DutyFact, Person
from app.kinds.registry import kind_of
from app.orders import surroundings
from app.orders.models import Order, OrderAssignee, OrderClock, OrderEvent
from app.orders.sight.queries import DISCREET_KINDS, FLAT_KINDS, PROPERTY, visible, with_rights
from app.orders.surroundings import Where


@dataclass(frozen=True, slots=True)
class Seen:
    """An order, the caller's rights towards it, and what surrounds it.

    `owned`: the caller (or whom the agent's call is about) is a current owner of the room, or decides for one;
    `owner_known`: somebody is an owner; `requester_owns`: the one who ordered is. `proxied`: the caller holds a proxy
    of the one whom the order is for. `mine_to_do`: it is given to this worker; `on_duty`: he is on duty there. `whole`
    says that everything a rule may look at has been loaded; then duty, person and holidays are those that the kind wants.
    """

    order: Order
    owned: bool
    owner_known: bool
    requester_owns: bool
    proxied: bool = False
    mine_to_do: bool = False
    on_duty: bool = False
    whole: bool = True
    duty: tuple[DutyFact, ...] = ()
    person: Person = field(default_factory=Person)
    holidays: Holidays = field(default_factory=dict)


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
        joinedload(Order.clinic),
        joinedload(Order.rating),
        selectinload(Order.quotes),
        selectinload(Order.charges),
        selectinload(Order.clocks),
        selectinload(Order.assignees).joinedload(OrderAssignee.staff, innerjoin=True),
        selectinload(Order.reservations)
        .joinedload(Reservation.slot, innerjoin=True)
        .joinedload(Slot.resource, innerjoin=True),
    )


async def complete(session: AsyncSession, seen: Seen) -> Seen:
    """The order with the surroundings that its kind wants."""
    order, kind = seen.order, kind_of(seen.order.kind)
    if not (kind.wants_duty or kind.wants_clinic or kind.wants_holidays):
        return seen
    now = (await session.execute(select(func.now()))).scalar_one()
    code = order.clinic.code if order.clinic else None
    himself = order.placed_by == order.beneficiary_id
    where = Where(order.compound_id, order.clinic_id, code, order.beneficiary, himself)
    around = await surroundings.load(session, kind, where, now)
    return replace(seen, duty=around.duty, person=around.person, holidays=around.holidays)


async def one(session: AsyncSession, actor: Actor, ref: str) -> Seen | None:
    rows = with_rights(_named(_whole(visible(actor)), ref), actor)
    row = (await session.execute(rows)).one_or_none()
    return await complete(session, Seen(*row)) if row else None


async def several(
    session: AsyncSession, actor: Actor, *, ids: Collection[UUID] | None = None, open_only: bool = False, limit: int
) -> Sequence[Seen]:
    """Whole orders at once, the newest first."""
    rows = _whole(visible(actor))
    if ids is not None:
        rows = rows.where(Order.id.in_(ids))
    if open_only:
        rows = rows.where(Order.closed_at.is_(None))
    found = await session.execute(with_rights(rows, actor).order_by(Order.id.desc()).limit(limit))
    return [Seen(*row) for row in found]


async def locked(session: AsyncSession, actor: Actor, ref: str) -> Seen | None:
    """The order, its row locked until the end of the transaction and read as it is now."""
    mine = _named(visible(actor), ref).with_only_columns(Order.id)
    rows = with_rights(_whole(select(Order).where(Order.id.in_(mine))), actor).with_for_update(of=Order)
    row = (await session.execute(rows.execution_options(populate_existing=True))).one_or_none()
    return await complete(session, Seen(*row)) if row else None


async def for_a_message(session: AsyncSession, actor: Actor, order_id: UUID) -> Order | None:
    """The order, what it is, whom it is for, who does it, and whether it has been rated."""
    rows = (
        visible(actor)
        .where(Order.id == order_id)
        .options(
            joinedload(Order.item, innerjoin=True),
            joinedload(Order.beneficiary, innerjoin=True),
            joinedload(Order.rating),
            selectinload(Order.assignees).joinedload(OrderAssignee.staff, innerjoin=True),
        )
    )
    return (await session.execute(rows)).scalar_one_or_none()


async def sees(session: AsyncSession, resident_id: UUID, order_id: UUID) -> bool:
    """Whether the order exists for this resident now."""
    rows = visible(Actor(Role.RESIDENT, resident_id)).where(Order.id == order_id).with_only_columns(Order.id)
    return (await session.execute(rows)).scalar_one_or_none() is not None


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
    if actor.role in PROPERTY and (filters.status is not None or filters.item is not None):
        rows = rows.where(Order.kind.not_in(DISCREET_KINDS))
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
    found = await session.execute(with_rights(rows, actor).order_by(Order.id.desc()).limit(limit))
    return [replace(Seen(*row), whole=False) for row in found]


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
