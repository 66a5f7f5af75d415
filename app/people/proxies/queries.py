"""Every SELECT about proxies."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from app.areas.models import Room
from app.core.actors import Actor, Role
from app.people.models import OWNERS, Residency, ResidencyRole, ResidencyStatus, Resident
from app.people.proxies.models import Proxy, ProxyEvidence, ProxyScope, ProxyStatus
from app.people.queries import at_home, served
from app.people.queries import holds as residency_holds

SIDES = (joinedload(Proxy.principal), joinedload(Proxy.holder))


def holds(today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Proxies that let somebody act on this day; none outlives its last day, whether or not a job has ended it."""
    return and_(Proxy.status == ProxyStatus.ACTIVE, Proxy.valid_from <= today, Proxy.valid_until > today)


def principals_of(holder_id: Any, scope: ProxyScope, today: date | ColumnElement[date]) -> Select[UUID | None]:
    """The ids of those for whom this holder may do this today, as a sub-select for somebody's `visible`."""
    rows = select(Proxy.principal_id).where(Proxy.holder_id == holder_id, holds(today))
    return rows.where(Proxy.scopes.contains([scope]))


async def active(session: AsyncSession, holder_id: UUID, principal_id: UUID, today: date) -> Proxy | None:
    """What the holder may do for the principal today; its `scopes` say what."""
    rows = select(Proxy).where(Proxy.holder_id == holder_id, Proxy.principal_id == principal_id, holds(today))
    return (await session.execute(rows)).scalar_one_or_none()


LIVE = (ProxyStatus.PENDING, ProxyStatus.ACTIVE)


async def all_of(session: AsyncSession, resident_id: UUID) -> Sequence[Proxy]:
    """On either side of this person and in every state, locked."""
    mine = or_(Proxy.principal_id == resident_id, Proxy.holder_id == resident_id)
    rows = select(Proxy).where(mine).order_by(Proxy.id).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalars().all()


async def of_resident(session: AsyncSession, resident_id: UUID, *, limit: int) -> Sequence[Proxy]:
    """On either side of this person, the newest first, with the two sides."""
    mine = or_(Proxy.principal_id == resident_id, Proxy.holder_id == resident_id)
    rows = select(Proxy).where(mine).options(*SIDES).order_by(Proxy.id.desc())
    return (await session.execute(rows.limit(limit))).scalars().all()


async def live_of(session: AsyncSession, resident_id: UUID) -> Sequence[Proxy]:
    """What has not ended, on either side of this person; locked in the order of the ids."""
    mine = or_(Proxy.principal_id == resident_id, Proxy.holder_id == resident_id)
    rows = select(Proxy).where(mine, Proxy.status.in_(LIVE)).order_by(Proxy.id).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalars().all()


def visible(actor: Actor, today: date) -> Select[Proxy]:
    """A resident's on either side; an agent's for the one whom his call is about; a clerk's of his areas."""
    rows = select(Proxy)
    if actor.role is Role.CLERK:
        return rows.where(served(actor, Proxy.principal_id, today))
    whose = {Role.RESIDENT: actor.id, Role.AGENT: actor.for_id}.get(actor.role)
    if whose is None:
        return rows.where(false())
    return rows.where(or_(Proxy.principal_id == whose, Proxy.holder_id == whose))


async def hold_sides(session: AsyncSession, actor: Actor, proxy_id: UUID, today: date) -> None:
    """Lock the two people before any proxy of theirs, as everybody does: who confirms another one waits here."""
    seen = visible(actor, today).where(Proxy.id == proxy_id)
    sides = (await session.execute(seen.with_only_columns(Proxy.principal_id, Proxy.holder_id))).one_or_none()
    if sides is not None:
        rows = select(Resident.id).where(Resident.id.in_([side for side in sides if side])).order_by(Resident.id)
        await session.execute(rows.with_for_update(key_share=True))


async def locked(session: AsyncSession, actor: Actor, proxy_id: UUID, today: date) -> Proxy | None:
    """The proxy with its two sides, its row locked until the end of the transaction."""
    rows = visible(actor, today).where(Proxy.id == proxy_id).options(*SIDES).with_for_update(of=Proxy)
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one_or_none()


async def page(session: AsyncSession, actor: Actor, today: date, *, after: UUID | None, limit: int) -> Sequence[Proxy]:
    """The caller's, on either side and in every state, the newest first, by key."""
    rows = visible(actor, today).options(*SIDES)
    if after is not None:
        rows = rows.where(Proxy.id < after)
    return (await session.execute(rows.order_by(Proxy.id.desc()).limit(limit))).scalars().all()


async def live_between(session: AsyncSession, principal_id: UUID, holder_id: UUID) -> Sequence[Proxy]:
    """What the two have that has not ended; locked in the order of the ids."""
    rows = select(Proxy).where(Proxy.principal_id == principal_id, Proxy.holder_id == holder_id, Proxy.status.in_(LIVE))
    return (await session.execute(rows.order_by(Proxy.id).with_for_update())).scalars().all()


async def guardians(session: AsyncSession, ward_id: UUID, today: date) -> set[UUID | None]:
    """Who is this person's guardian today, by what a clerk has seen."""
    rows = select(Proxy.holder_id).where(Proxy.principal_id == ward_id, holds(today))
    rows = rows.where(Proxy.evidence == ProxyEvidence.GUARDIANSHIP)
    return set((await session.execute(rows)).scalars())


async def both(session: AsyncSession, principal_id: UUID, holder_id: UUID) -> tuple[Resident | None, Resident | None]:
    """The two people, locked in the order of their ids: whatever they agree on next waits for this."""
    rows = select(Resident).where(Resident.id.in_({principal_id, holder_id})).order_by(Resident.id)
    locked_rows = rows.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = {person.id: person for person in (await session.execute(locked_rows)).scalars()}
    return found.get(principal_id), found.get(holder_id)


async def other_owner(session: AsyncSession, resident_id: UUID, room: str, today: date) -> Resident | None:
    """The first owner of a room beside this person, if he is bound to the room himself; else nobody is told."""
    bound = aliased(Residency)
    lives_there = exists().where(
        bound.resident_id == resident_id,
        bound.room_id == Residency.room_id,
        bound.status == ResidencyStatus.VERIFIED,
        bound.start_on <= today,
        or_(bound.end_on.is_(None), bound.end_on > today),
    )
    rows = (
        select(Resident)
        .join(Residency, Residency.resident_id == Resident.id)
        .join(Room, Room.id == Residency.room_id)
        .where(Room.code == room, Residency.role.in_(OWNERS), residency_holds(today))
        .where(Residency.resident_id != resident_id, lives_there)
        .order_by((Residency.role == ResidencyRole.OWNER).desc(), Residency.start_on, Residency.id)
    )
    return (await session.execute(rows.limit(1))).scalar_one_or_none()


def _left_home(today: date) -> ColumnElement[bool]:
    """The principal's last home here has ended since he granted it."""
    left = exists().where(
        Residency.resident_id == Proxy.principal_id,
        Residency.verified_by.is_not(None),
        Residency.end_on >= Proxy.valid_from,
        Residency.end_on <= today,
    )
    return and_(Proxy.evidence != ProxyEvidence.GUARDIANSHIP, left, Proxy.principal_id.not_in(at_home(today)))


async def over(session: AsyncSession, asked_before: datetime, today: date, *, limit: int) -> Sequence[Proxy]:
    """What time has ended: its period is over, nobody confirmed it, or the principal has moved out; locked."""
    unanswered = and_(Proxy.status == ProxyStatus.PENDING, Proxy.created_at < asked_before)
    ended = or_(Proxy.valid_until <= today, unanswered, _left_home(today))
    rows = select(Proxy).where(Proxy.status.in_(LIVE), ended).order_by(Proxy.id).limit(limit)
    return (await session.execute(rows.with_for_update(skip_locked=True))).scalars().all()
