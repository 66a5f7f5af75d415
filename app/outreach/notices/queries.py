"""Every SELECT about notifications; a resident reads his own."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.areas.models import Compound, Room
from app.core.actors import Actor, Role
from app.outreach.notices.models import Notification, NotificationDelivery
from app.people.models import Residency
from app.people.queries import holds


def visible(actor: Actor) -> Select[Notification]:
    rows = select(Notification)
    if actor.role is Role.SYSTEM:
        return rows
    return rows.where(Notification.resident_id == actor.id) if actor.role is Role.RESIDENT else rows.where(false())


async def page(session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int) -> Sequence[Notification]:
    """The newest first, by key."""
    rows = visible(actor)
    if after is not None:
        rows = rows.where(Notification.id < after)
    return (await session.execute(rows.order_by(Notification.id.desc()).limit(limit))).scalars().all()


async def unread(session: AsyncSession, actor: Actor) -> int:
    rows = visible(actor).where(Notification.read_at.is_(None)).with_only_columns(func.count())
    return int((await session.execute(rows)).scalar_one())


async def locked(session: AsyncSession, notification_id: UUID) -> Notification | None:
    """The notification, its row locked, so that one job at a time decides about sending it."""
    rows = select(Notification).where(Notification.id == notification_id).with_for_update(key_share=True)
    return (await session.execute(rows)).scalar_one_or_none()


async def deliveries(session: AsyncSession, notification_id: UUID) -> dict[str, NotificationDelivery]:
    """How it went out so far, by channel."""
    rows = select(NotificationDelivery).where(NotificationDelivery.notification_id == notification_id)
    found = await session.execute(rows.execution_options(populate_existing=True))
    return {row.channel: row for row in found.scalars()}


async def place_of(session: AsyncSession, compound_id: UUID | None, resident_id: UUID, today: date) -> Any:
    """Compound and area of whom we write to: those named, else where he lives; (None, None) for one bound to nothing."""
    rows = select(Compound.id, Compound.area_id)
    if compound_id is not None:
        rows = rows.where(Compound.id == compound_id)
    else:
        rows = rows.join(Room, Room.compound_id == Compound.id).join(Residency, Residency.room_id == Room.id)
        rows = rows.where(Residency.resident_id == resident_id, holds(today)).order_by(Residency.id).limit(1)
    return (await session.execute(rows)).one_or_none() or (None, None)


def older_than(instant: datetime) -> Select[UUID]:
    return select(Notification.id).where(Notification.created_at < instant)


def of_resident(resident_id: UUID) -> Select[UUID]:
    return select(Notification.id).where(Notification.resident_id == resident_id)
