"""Every SELECT about call tasks; each begins with whose they are to make."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.areas.duty.queries import on_roster
from app.areas.models import ClinicCompound
from app.core.actors import Actor, Role
from app.outreach.tasks.models import PATIENTS, CallTask
from app.people.models import Staff


def visible(actor: Actor) -> Select[CallTask]:
    """Agents, clerks and managers see their areas, who is on a roster its compound; patients are not for property staff.

    A clinic sees those about the patients of its compounds, and no others.
    """
    rows = select(CallTask)
    if actor.role is Role.SYSTEM:
        return rows
    if actor.role is Role.CLINIC:
        return rows.where(CallTask.type.in_(PATIENTS), CallTask.compound_id.in_(_of_clinic(actor.id)))
    if actor.role is Role.WORKER:
        return rows.where(CallTask.type.not_in(PATIENTS), CallTask.compound_id.in_(on_roster(actor.id)))
    if actor.role is Role.MANAGER:
        rows = rows.where(CallTask.type.not_in(PATIENTS))
    elif actor.role not in {Role.AGENT, Role.CLERK}:
        return rows.where(false())
    return rows if actor.area_ids is None else rows.where(CallTask.area_id.in_(actor.area_ids))


def _of_clinic(staff_id: UUID | None) -> Select[UUID]:
    """The compounds that the clinic of a doctor or a nurse serves."""
    rows = select(ClinicCompound.compound_id).join(Staff, Staff.clinic_id == ClinicCompound.clinic_id)
    return rows.where(Staff.id == staff_id)


async def by_key(session: AsyncSession, dedup_key: str) -> CallTask:
    return (await session.execute(select(CallTask).where(CallTask.dedup_key == dedup_key))).scalar_one()


async def locked(session: AsyncSession, actor: Actor, task_id: UUID) -> CallTask | None:
    """The task, its row locked until the end of the transaction and read as it is now."""
    rows = visible(actor).where(CallTask.id == task_id).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one_or_none()


async def waiting_for(session: AsyncSession, order_id: UUID, types: Sequence[str]) -> Sequence[CallTask]:
    """The tasks about an order that nobody has ended yet, locked in the order of their ids; all types if none is named."""
    rows = select(CallTask).where(CallTask.order_id == order_id, CallTask.ended_at.is_(None))
    if types:
        rows = rows.where(CallTask.type.in_(types))
    rows = rows.order_by(CallTask.id).with_for_update().execution_options(populate_existing=True)
    return (await session.execute(rows)).scalars().all()


async def page(
    session: AsyncSession, actor: Actor, until: datetime | None, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[CallTask]:
    """What waits to be called, the most urgent first, by key."""
    rows = visible(actor).where(CallTask.ended_at.is_(None)).options(joinedload(CallTask.claimer))
    if until is not None:
        rows = rows.where(CallTask.due_at < until)
    if after is not None:
        rows = rows.where(tuple_(CallTask.due_at, CallTask.id) > (datetime.fromisoformat(after[0]), UUID(after[1])))
    return (await session.execute(rows.order_by(CallTask.due_at, CallTask.id).limit(limit))).scalars().all()


async def with_claimer(session: AsyncSession, task: CallTask) -> CallTask:
    """The task that has just been written, with the one who has claimed it."""
    rows = select(CallTask).where(CallTask.id == task.id).options(joinedload(CallTask.claimer))
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one()


async def with_resident(session: AsyncSession, actor: Actor, task_id: UUID) -> CallTask | None:
    """The task and the person to be called, as long as somebody has to be."""
    rows = visible(actor).where(CallTask.id == task_id, CallTask.ended_at.is_(None))
    return (await session.execute(rows.options(joinedload(CallTask.resident)))).scalar_one_or_none()


def ended_before(instant: datetime) -> Select[UUID]:
    """Tasks that are over for so long and still hold a number."""
    return select(CallTask.id).where(CallTask.ended_at < instant, CallTask.phone.is_not(None))


async def of_resident(session: AsyncSession, resident_id: UUID) -> Sequence[CallTask]:
    """Every task to call a resident, locked in the order of their ids."""
    rows = select(CallTask).where(CallTask.resident_id == resident_id).order_by(CallTask.id).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalars().all()
