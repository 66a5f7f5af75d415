"""The SELECT behind the nurse's list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.actors import Actor
from app.kinds.registry import KINDS
from app.orders.models import Order
from app.orders.sight.queries import visible

KIND_CODES = sorted(kind.code for kind in KINDS.values() if kind.wants_clinic)
WAITING = ("TRIAGE", "NOT_CONTRACTED")


async def waiting(session: AsyncSession, actor: Actor, *, after: tuple[Any, ...] | None, limit: int) -> Sequence[Order]:
    """Who waits for a call of the caller's clinic: red flags first, then whom it has let down, then the longest wait."""
    rows = visible(actor).where(Order.kind.in_(KIND_CODES), Order.status.in_(WAITING), Order.closed_at.is_(None))
    rows = rows.options(joinedload(Order.beneficiary, innerjoin=True), joinedload(Order.compound, innerjoin=True))
    place = (-Order.priority, Order.created_at, Order.id)
    if after is not None:
        since = (literal(-int(after[0])), literal(datetime.fromisoformat(after[1])), literal(UUID(after[2])))
        rows = rows.where(tuple_(*place) > tuple_(*since))
    return (await session.execute(rows.order_by(*place).limit(limit))).scalars().all()
