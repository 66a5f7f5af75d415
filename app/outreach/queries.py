"""Every SELECT about calls; an agent sees his own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actors import Actor
from app.core.ids import is_spoken
from app.outreach.models import Call, CallStatus


def visible(actor: Actor) -> Select[Call]:
    return select(Call).where(Call.staff_id == actor.id)


def _named(ref: str) -> ColumnElement[bool] | None:
    if is_spoken(ref):
        return Call.number == ref
    try:
        return Call.id == UUID(ref)
    except ValueError:
        return None


async def open_call(session: AsyncSession, actor: Actor, ref: str) -> Any:
    """Id, channel and resident of the caller's own open call, or None."""
    named = _named(ref)
    if named is None:
        return None
    rows = visible(actor).where(named, Call.status == CallStatus.OPEN)
    return (await session.execute(rows.with_only_columns(Call.id, Call.channel, Call.resident_id))).one_or_none()


async def locked(session: AsyncSession, actor: Actor, ref: str) -> Call | None:
    named = _named(ref)
    if named is None:
        return None
    rows = visible(actor).where(named).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one_or_none()


async def page(
    session: AsyncSession, actor: Actor, start: datetime | None, end: datetime | None, *, after: UUID | None, limit: int
) -> Sequence[Call]:
    rows = visible(actor)
    if start is not None and end is not None:
        rows = rows.where(Call.created_at >= start, Call.created_at < end)
    if after is not None:
        rows = rows.where(Call.id < after)
    return (await session.execute(rows.order_by(Call.id.desc()).limit(limit))).scalars().all()
