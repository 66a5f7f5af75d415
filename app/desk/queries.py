"""The SELECTs that span domains; each part begins at the domain's own `visible`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actors import Actor, Role
from app.core.flow import Party
from app.kinds.facts import Settlement
from app.menu import queries as menu
from app.menu.models import MenuPrice, PriceState
from app.orders.models import ChargeState, Order, OrderCharge, OrderEvent
from app.orders.sight.queries import visible
from app.outreach.models import Call
from app.outreach.tasks import queries as tasks
from app.outreach.tasks.models import CALLERS, CallTask, TaskStatus
from app.people.homes import queries as homes
from app.people.models import Residency, ResidencyStatus

PARTIES = {
    Role.MANAGER: (Party.MANAGER, Party.DUTY),
    Role.CLERK: (Party.CLERK,),
    Role.COMMITTEE: (Party.COMMITTEE,),
    Role.CLINIC: (Party.CLINIC,),
    Role.WORKER: (Party.CREW, Party.DUTY),
}
URGENT, PLAIN = -2, 0
"""Where a call that cannot wait stands beside orders, whose own priority counts."""
FINDS_ANOTHER_TIME = {Role.MANAGER, Role.CLERK, Role.AGENT}
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Where things without a due date stand in the order."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for somebody: what it is, until when, and how far up it stands (less is higher)."""

    type: str
    id: UUID
    due: datetime | None
    place: int


def _row(type_: str, id_: Any, due: Any, place: Any = PLAIN) -> tuple[ColumnElement[Any], ...]:
    return (
        literal(type_, String).label("type"),
        id_.label("id"),
        func.coalesce(due, literal(NEVER, DateTime(timezone=True))).label("due"),
        literal(place, Integer).label("place") if isinstance(place, int) else place.label("place"),
    )


def _parts(actor: Actor, today: Any) -> list[Select[Any]]:
    mine: list[ColumnElement[bool]] = []
    if actor.role in PARTIES:
        mine.append(Order.waits_for.in_(PARTIES[actor.role]))
    if actor.role in FINDS_ANOTHER_TIME:
        mine.append(Order.displaced.is_(True))
    parts: list[Select[Any]] = []
    if mine:
        waiting = visible(actor).where(Order.closed_at.is_(None), or_(*mine))
        parts.append(waiting.with_only_columns(*_row("ORDER", Order.id, Order.due_at, -Order.priority)))
    if actor.role is Role.COMMITTEE:
        prices = menu.visible(actor).where(MenuPrice.state == PriceState.PREPARED)
        starts = func.timezone("Asia/Shanghai", cast(MenuPrice.effective_from, DateTime(timezone=False)))
        parts.append(prices.with_only_columns(*_row("PRICE", MenuPrice.id, starts)))
    if actor.role is Role.CLERK:
        pending = homes.visible(actor, today).where(Residency.status == ResidencyStatus.PENDING)
        until = func.timezone("Asia/Shanghai", cast(Residency.due_on, DateTime(timezone=False)))
        parts.append(pending.with_only_columns(*_row("RESIDENCY", Residency.id, until)))
    if actor.role in CALLERS:
        mine_or_free = or_(CallTask.status == TaskStatus.OPEN, CallTask.claimed_by == actor.id)
        calls = tasks.visible(actor).where(CallTask.ended_at.is_(None), mine_or_free)
        place = case((CallTask.urgent, URGENT), else_=PLAIN)
        parts.append(calls.with_only_columns(*_row("CALL_TASK", CallTask.id, CallTask.due_at, place)))
    return parts


async def work(
    session: AsyncSession, actor: Actor, today: Any, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Waiting]:
    """All that waits for a member of staff: what cannot wait first, then by due date."""
    parts = _parts(actor, today)
    if not parts:
        return []
    all_of_it = union_all(*parts).subquery()
    rows = select(all_of_it)
    if after is not None:
        since = (literal(int(after[0])), literal(datetime.fromisoformat(after[1])), literal(UUID(after[2])))
        rows = rows.where(tuple_(all_of_it.c.place, all_of_it.c.due, all_of_it.c.id) > tuple_(*since))
    found = await session.execute(rows.order_by(all_of_it.c.place, all_of_it.c.due, all_of_it.c.id).limit(limit))
    return [Waiting(row.type, row.id, row.due if row.due < NEVER else None, row.place) for row in found]


async def prices(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, MenuPrice]:
    rows = await session.execute(menu.visible(actor).where(MenuPrice.id.in_(ids)))
    return {row.id: row for row in rows.scalars()}


async def residencies(session: AsyncSession, actor: Actor, today: Any, ids: Sequence[UUID]) -> dict[UUID, Residency]:
    rows = homes.visible(actor, today).where(Residency.id.in_(ids)).options(*homes.WHOLE)
    return {row.id: row for row in (await session.execute(rows)).scalars()}


async def calls(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, CallTask]:
    rows = await session.execute(tasks.visible(actor).where(CallTask.id.in_(ids)))
    return {row.id: row for row in rows.scalars()}


async def unpaid_fen(session: AsyncSession, actor: Actor) -> int:
    """What is still to be paid on the orders that a resident sees."""
    mine = visible(actor).with_only_columns(Order.id)
    owed = func.coalesce(
        func.sum(OrderCharge.amount_fen - OrderCharge.paid_fen + OrderCharge.refunded_fen).filter(
            OrderCharge.state != ChargeState.VOID
        ),
        0,
    )
    per_order = (
        select(owed.label("left")).where(OrderCharge.order_id.in_(mine)).group_by(OrderCharge.order_id).subquery()
    )
    total = select(func.coalesce(func.sum(per_order.c.left).filter(per_order.c.left > 0), 0))
    return int((await session.execute(total)).scalar_one())


async def unfinished(session: AsyncSession, resident_id: UUID) -> tuple[list[str], list[str]]:
    """The numbers of a person's open orders, and of those that are closed and not settled."""
    his = or_(Order.requester_id == resident_id, Order.beneficiary_id == resident_id)
    rows = select(Order.number, Order.closed_at).where(
        his, or_(Order.closed_at.is_(None), Order.settlement.in_((Settlement.DUE, Settlement.REFUND_DUE)))
    )
    found = (await session.execute(rows.order_by(Order.id))).all()
    open_orders = [row.number for row in found if row.closed_at is None]
    return open_orders, [row.number for row in found if row.closed_at is not None]


async def pending(session: AsyncSession, resident_id: UUID) -> int:
    rows = select(func.count()).where(
        and_(Residency.resident_id == resident_id, Residency.status == ResidencyStatus.PENDING)
    )
    return int((await session.execute(rows)).scalar_one())


async def last_calls(session: AsyncSession, resident_id: UUID, limit: int) -> Sequence[Call]:
    """The last conversations about a resident, whoever had them."""
    rows = select(Call).where(Call.resident_id == resident_id).order_by(Call.id.desc()).limit(limit)
    return (await session.execute(rows)).scalars().all()


async def events(session: AsyncSession, order_ids: Sequence[UUID]) -> dict[UUID, list[OrderEvent]]:
    """The whole history of some orders, in one statement."""
    found: dict[UUID, list[OrderEvent]] = {}
    rows = select(OrderEvent).where(OrderEvent.order_id.in_(order_ids)).order_by(OrderEvent.id)
    for event in (await session.execute(rows)).scalars():
        found.setdefault(event.order_id, []).append(event)
    return found
