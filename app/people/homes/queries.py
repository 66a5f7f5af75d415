"""Every SELECT about bindings, invitations and the roster."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from app.areas.models import Compound, Room
from app.core.actors import Actor, Role
from app.people.homes.models import Invitation, RosterEntry
from app.people.models import OWNERS, Residency, ResidencyStatus
from app.people.queries import holds

LIVE = (ResidencyStatus.PENDING, ResidencyStatus.VERIFIED, ResidencyStatus.SUSPENDED)


def _owned(resident_id: UUID | None, today: date) -> Any:
    """The rooms that a resident owns today."""
    mine = select(Residency.room_id).where(Residency.resident_id == resident_id, Residency.role.in_(OWNERS))
    return mine.where(holds(today))


def visible(actor: Actor, today: date) -> Select[Residency]:
    """A resident's own bindings, and in rooms that he owns those that an owner invited; a clerk's areas whole."""
    rows = select(Residency)
    if actor.role is Role.RESIDENT:
        guest = and_(
            Residency.invited_by.is_not(None),
            Residency.role.not_in(OWNERS),
            Residency.room_id.in_(_owned(actor.id, today)),
        )
        return rows.where(or_(Residency.resident_id == actor.id, guest))
    if actor.role is Role.CLERK:
        if actor.area_ids is None:
            return rows
        served = select(Room.id).join(Compound, Compound.id == Room.compound_id)
        return rows.where(Residency.room_id.in_(served.where(Compound.area_id.in_(actor.area_ids))))
    return rows.where(false())


WHOLE = (joinedload(Residency.room, innerjoin=True), joinedload(Residency.resident, innerjoin=True))


async def locked(session: AsyncSession, actor: Actor, residency_id: UUID, today: date) -> Residency | None:
    """The binding with its room and resident, its row locked until the end of the transaction."""
    rows = visible(actor, today).where(Residency.id == residency_id).options(*WHOLE)
    rows = rows.with_for_update(of=Residency).execution_options(populate_existing=True)
    return (await session.execute(rows)).scalar_one_or_none()


async def own(session: AsyncSession, actor: Actor, today: date) -> Sequence[Residency]:
    """A resident's own bindings, in every state."""
    rows = visible(actor, today).where(Residency.resident_id == actor.id).options(*WHOLE).order_by(Residency.id)
    return (await session.execute(rows.limit(200))).scalars().all()


async def all_of(session: AsyncSession, resident_id: UUID) -> Sequence[Residency]:
    """A resident's bindings in every state, locked."""
    rows = select(Residency).where(Residency.resident_id == resident_id).order_by(Residency.id).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalars().all()


@dataclass(frozen=True, slots=True)
class Filters:
    compound: str | None = None
    status: str | None = None


async def page(
    session: AsyncSession, actor: Actor, filters: Filters, today: date, *, after: UUID | None, limit: int
) -> Sequence[Residency]:
    """Bindings that the caller may see, the newest first, by key."""
    rows = visible(actor, today).join(Residency.room).join(Compound, Compound.id == Room.compound_id)
    if actor.role is Role.RESIDENT:
        rows = rows.where(Residency.resident_id == actor.id)
    if filters.compound is not None:
        rows = rows.where(Compound.code == filters.compound)
    if filters.status is not None:
        rows = rows.where(Residency.status == filters.status)
    if after is not None:
        rows = rows.where(Residency.id < after)
    rows = rows.options(contains_eager(Residency.room), joinedload(Residency.resident, innerjoin=True))
    return (await session.execute(rows.order_by(Residency.id.desc()).limit(limit))).scalars().all()


async def guests(session: AsyncSession, actor: Actor, today: date, *, limit: int) -> Sequence[Residency]:
    """Whom an owner has let into the rooms that the caller owns, and who is still there."""
    rows = visible(actor, today).where(Residency.resident_id != actor.id, Residency.status.in_(LIVE))
    rows = rows.where(or_(Residency.end_on.is_(None), Residency.end_on > today)).options(*WHOLE)
    return (await session.execute(rows.order_by(Residency.id.desc()).limit(limit))).scalars().all()


async def live_rooms(session: AsyncSession, resident_id: UUID, today: date) -> dict[UUID, str]:
    """The rooms in which this resident is bound or waits for it, with the status."""
    rows = select(Residency.room_id, Residency.status).where(
        Residency.resident_id == resident_id,
        Residency.status.in_(LIVE),
        or_(Residency.end_on.is_(None), Residency.end_on > today),
    )
    return {row.room_id: row.status for row in await session.execute(rows)}


async def roster_match(
    session: AsyncSession, room_id: UUID, phone_index: bytes, roles: set[str], today: date
) -> RosterEntry | None:
    """What the roster says today about this phone in this room, in one of these roles."""
    rows = select(RosterEntry).where(
        RosterEntry.room_id == room_id,
        RosterEntry.phone_index == phone_index,
        RosterEntry.role.in_(roles),
        RosterEntry.start_on <= today,
        or_(RosterEntry.end_on.is_(None), RosterEntry.end_on > today),
    )
    return (await session.execute(rows.order_by(RosterEntry.start_on.desc()).limit(1))).scalar_one_or_none()


async def roster(session: AsyncSession, compound_id: UUID) -> dict[tuple[UUID, bytes, str], Any]:
    """The roster of a compound by room, phone and role; nothing is unsealed."""
    columns = (RosterEntry.id, RosterEntry.room_id, RosterEntry.phone_index, RosterEntry.role)
    rest = (RosterEntry.name_index, RosterEntry.start_on, RosterEntry.end_on, RosterEntry.version)
    rows = select(*columns, *rest).join(Room, Room.id == RosterEntry.room_id).where(Room.compound_id == compound_id)
    return {(row.room_id, bytes(row.phone_index), row.role): row for row in await session.execute(rows)}


async def invitation(session: AsyncSession, room_id: UUID, code_index: bytes, today: date) -> Invitation | None:
    """An invitation into this room that is still good: unused, in time, and from somebody who still owns the room."""
    still_owner = exists().where(
        Residency.resident_id == Invitation.invited_by,
        Residency.room_id == Invitation.room_id,
        Residency.role.in_(OWNERS),
        holds(today),
    )
    rows = select(Invitation).where(
        Invitation.code_index == code_index,
        Invitation.room_id == room_id,
        Invitation.used_at.is_(None),
        Invitation.expires_at > func.now(),
        still_owner,
    )
    return (await session.execute(rows.with_for_update(of=Invitation))).scalar_one_or_none()
