"""SELECTs of the worker: which orders something else concerns."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Date, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from app.bookings.models import ACTIVE, Reservation, Slot
from app.kinds.registry import KINDS
from app.orders.models import Order, OrderEvent, OrderRating
from app.outreach.tasks.models import CallTask
from app.people.models import Resident

VISITS = sorted(kind.code for kind in KINDS.values() if kind.wants_clinic)
NOTE_BATCH = 500


async def open_visits(session: AsyncSession, resident_id: UUID) -> Sequence[UUID]:
    """The visits of a clinic that are still to come to somebody."""
    rows = select(Order.id).where(
        Order.kind.in_(VISITS), Order.beneficiary_id == resident_id, Order.closed_at.is_(None)
    )
    return (await session.execute(rows.order_by(Order.id))).scalars().all()


async def is_away(session: AsyncSession, resident_id: UUID) -> bool:
    """Whether the resident is in hospital, or has died."""
    rows = select(or_(Resident.away_since.is_not(None), Resident.deceased_on.is_not(None)))
    return bool((await session.execute(rows.where(Resident.id == resident_id))).scalar_one_or_none())


async def open_under_proxy(session: AsyncSession, proxy_id: UUID) -> Sequence[UUID]:
    rows = select(Order.id).where(Order.proxy_id == proxy_id, Order.closed_at.is_(None))
    return (await session.execute(rows.order_by(Order.id))).scalars().all()


async def following_visits(session: AsyncSession, order_id: UUID) -> Sequence[UUID]:
    """The confirmed visits of the same team on the same local day that begin after this one, in order of time."""
    late = aliased(Order)
    its_slot, slot = aliased(Slot), aliased(Slot)
    its, row = aliased(Reservation), aliased(Reservation)
    same_day = cast(func.timezone("Asia/Shanghai", Order.starts_at), Date) == its_slot.day
    rows = (
        select(Order.id)
        .join(row, (row.order_id == Order.id) & row.state.in_(ACTIVE))
        .join(slot, slot.id == row.slot_id)
        .join(its_slot, (its_slot.resource_id == slot.resource_id) & (its_slot.day == slot.day))
        .join(its, its.slot_id == its_slot.id)
        .join(late, late.id == its.order_id)
        .where(
            late.id == order_id, its.state != "RELEASED", Order.id != order_id, Order.status == "CONFIRMED",
            slot.start_at > its_slot.start_at, same_day,
        )
        .order_by(slot.start_at)
    )  # fmt: skip
    return list(dict.fromkeys((await session.execute(rows)).scalars()))


async def order_of_task(session: AsyncSession, task_id: UUID) -> UUID | None:
    return (await session.execute(select(CallTask.order_id).where(CallTask.id == task_id))).scalar_one_or_none()


async def with_note(session: AsyncSession) -> Sequence[Order]:
    """Closed orders that still hold a note for the clinic, the oldest end first."""
    rows = select(Order).where(Order.note.is_not(None), Order.closed_at.is_not(None)).order_by(Order.closed_at)
    return (await session.execute(rows.limit(NOTE_BATCH).with_for_update(skip_locked=True))).scalars().all()


async def orders_of(session: AsyncSession, resident_id: UUID) -> Sequence[Order]:
    """Everything that somebody ordered, or that was for him, with what its form was; locked in the order of ids."""
    rows = select(Order).where(or_(Order.requester_id == resident_id, Order.beneficiary_id == resident_id))
    rows = rows.options(joinedload(Order.item, innerjoin=True)).order_by(Order.id).with_for_update(of=Order)
    return (await session.execute(rows)).scalars().all()


async def forget_words(session: AsyncSession, resident_id: UUID) -> None:
    """Reasons and comments of his orders: what was written is forgotten, that something happened is not."""
    mine = select(Order.id).where(or_(Order.requester_id == resident_id, Order.beneficiary_id == resident_id))
    words = update(OrderEvent).where(OrderEvent.order_id.in_(mine)).values(reason=None)
    comments = update(OrderRating).where(OrderRating.order_id.in_(mine)).values(comment=None)
    for statement in (words, comments):
        await session.execute(statement.execution_options(synchronize_session=False))
