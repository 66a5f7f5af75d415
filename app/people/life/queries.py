"""Every SELECT about life events: who may report of whom, and what was reported."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.areas.models import ClinicCompound, Room
from app.core.actors import Actor, Role
from app.people.life.models import LifeEvent
from app.people.models import Residency, Resident, Staff
from app.people.proxies.models import ProxyScope
from app.people.proxies.queries import principals_of
from app.people.queries import holds, served


def visible(actor: Actor, today: date) -> Select[Resident]:
    """Of whom the caller may report: himself and whose visits he arranges; a clinic's and a clerk's own people."""
    rows = select(Resident).where(Resident.closed_at.is_(None))
    if actor.role is Role.CLERK:
        return rows.where(served(actor, Resident.id, today))
    if actor.role is Role.CLINIC:
        patients = (
            select(Residency.resident_id)
            .join(Room, Room.id == Residency.room_id)
            .join(ClinicCompound, ClinicCompound.compound_id == Room.compound_id)
            .join(Staff, Staff.clinic_id == ClinicCompound.clinic_id)
            .where(Staff.id == actor.id, holds(today))
        )
        return rows.where(Resident.id.in_(patients))
    who = {Role.RESIDENT: actor.id, Role.AGENT: actor.for_id}.get(actor.role)
    if who is None:
        return rows.where(false())
    return rows.where(or_(Resident.id == who, Resident.id.in_(principals_of(who, ProxyScope.DOCTOR_VISIT, today))))


async def locked(session: AsyncSession, actor: Actor, resident_id: UUID, today: date) -> Resident | None:
    rows = visible(actor, today).where(Resident.id == resident_id).with_for_update(of=Resident, key_share=True)
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one_or_none()


async def events(session: AsyncSession, resident_id: UUID, *, limit: int) -> Sequence[LifeEvent]:
    """What was reported of somebody, the newest first."""
    rows = select(LifeEvent).where(LifeEvent.resident_id == resident_id).order_by(LifeEvent.id.desc())
    return (await session.execute(rows.limit(limit))).scalars().all()
