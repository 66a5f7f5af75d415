"""Every SELECT about people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, func, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from app.areas.models import Compound, Room
from app.core.actors import Actor, Role
from app.people.models import (
    AccessSession,
    ApiClient,
    ApiClientCompound,
    Disclosure,
    PhoneCode,
    RefreshToken,
    Residency,
    ResidencyStatus,
    Resident,
    Staff,
    StaffArea,
    TokenFamily,
)

_INSTANT = (
    func.now().label("now"),
    func.set_config("lock_timeout", "1s", True).label("lock_timeout"),
    func.set_config("statement_timeout", "5s", True).label("statement_timeout"),
)
"""The request's instant, and its limits: they hold until the transaction ends (in AUTOCOMMIT they are gone at once)."""


_NOW = select(*_INSTANT)
_OF_A_RESIDENT = select(
    *_INSTANT, and_(TokenFamily.revoked_at.is_(None), TokenFamily.expires_at > func.now()).label("stands")
).where(TokenFamily.id == bindparam("family_id"), TokenFamily.resident_id == bindparam("resident_id"))
_OF_A_SESSION = (
    select(
        *_INSTANT,
        AccessSession.id,
        AccessSession.last_seen_at,
        AccessSession.expires_at,
        AccessSession.revoked_at,
        Staff.id.label("staff_id"),
        Staff.name,
        Staff.role,
        Staff.all_areas,
        select(func.array_agg(StaffArea.area_id))
        .where(StaffArea.staff_id == Staff.id)
        .scalar_subquery()
        .label("areas"),
        ApiClient.id.label("client_id"),
        ApiClient.name.label("client_name"),
        select(func.array_agg(ApiClientCompound.compound_id))
        .where(ApiClientCompound.api_client_id == ApiClient.id)
        .scalar_subquery()
        .label("granted"),
        func.coalesce(Staff.active, ApiClient.active, false()).label("active"),
    )
    .outerjoin(Staff, Staff.id == AccessSession.staff_id)
    .outerjoin(ApiClient, ApiClient.id == AccessSession.api_client_id)
    .where(AccessSession.digest == bindparam("digest"))
)
"""Every request asks one of these three, so they are put together once."""


async def instant(session: AsyncSession) -> datetime:
    now: datetime = (await session.execute(_NOW)).one().now
    return now


async def resident_access(session: AsyncSession, family_id: UUID, resident_id: UUID) -> Any:
    """One row with `now` and whether the sign-in still stands; None when it is unknown."""
    who = {"family_id": family_id, "resident_id": resident_id}
    return (await session.execute(_OF_A_RESIDENT, who)).one_or_none()


async def session_access(session: AsyncSession, digest: bytes) -> Any:
    """One row with `now` and who holds the opaque token; None when it is unknown."""
    return (await session.execute(_OF_A_SESSION, {"digest": digest})).one_or_none()


async def staff_by_name(session: AsyncSession, username: str) -> Staff | None:
    return (await session.execute(select(Staff).where(Staff.username == username))).scalar_one_or_none()


async def staff(session: AsyncSession, staff_id: UUID) -> Staff | None:
    return await session.get(Staff, staff_id)


async def account_version(session: AsyncSession, actor: Actor) -> int:
    """The version of the staff account or API client that calls."""
    version = ApiClient.version if actor.role is Role.INTEGRATOR else Staff.version
    table = ApiClient if actor.role is Role.INTEGRATOR else Staff
    found: int = (await session.execute(select(version).where(table.id == actor.id))).scalar_one()
    return found


async def client_by_name(session: AsyncSession, client_id: str) -> ApiClient | None:
    return (await session.execute(select(ApiClient).where(ApiClient.client_id == client_id))).scalar_one_or_none()


async def resident_by_phone(session: AsyncSession, phone_index: bytes) -> Resident | None:
    return (await session.execute(select(Resident).where(Resident.phone_index == phone_index))).scalar_one_or_none()


async def locked_by_phone(session: AsyncSession, phone_index: bytes) -> Resident | None:
    """Who has the phone, the row locked until the end of the transaction."""
    rows = select(Resident).where(Resident.phone_index == phone_index).with_for_update(key_share=True)
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one_or_none()


async def locked_resident(session: AsyncSession, resident_id: UUID) -> Resident | None:
    rows = select(Resident).where(Resident.id == resident_id).with_for_update(key_share=True)
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one_or_none()


async def sole_resident(session: AsyncSession, resident_id: UUID) -> Resident | None:
    """The row locked so that nothing that refers to it can be added meanwhile."""
    rows = select(Resident).where(Resident.id == resident_id).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one_or_none()


async def has_had_home(session: AsyncSession, resident_id: UUID) -> bool:
    """Whether a binding hangs on the resident, or did: one's history is nobody else's either."""
    asked_only = Residency.status.in_((ResidencyStatus.PENDING, ResidencyStatus.REJECTED))
    rows = select(exists().where(Residency.resident_id == resident_id, not_(asked_only)))
    return bool((await session.execute(rows)).scalar_one())


async def resident(session: AsyncSession, resident_id: UUID) -> Resident | None:
    return await session.get(Resident, resident_id)


def newest_code(phone_index: bytes, proxy_id: UUID | None) -> Any:
    """The id of the last unused and unexpired code of a phone for this proxy (or to sign in), as a subquery."""
    purpose = PhoneCode.proxy_id.is_(None) if proxy_id is None else PhoneCode.proxy_id == proxy_id
    return (
        select(PhoneCode.id)
        .where(PhoneCode.phone_index == phone_index, purpose)
        .where(PhoneCode.used_at.is_(None), PhoneCode.expires_at > func.now())
        .order_by(PhoneCode.created_at.desc(), PhoneCode.id.desc())
        .limit(1)
        .scalar_subquery()
    )


async def code_for_update(session: AsyncSession, code_id: UUID) -> PhoneCode | None:
    rows = select(PhoneCode).where(PhoneCode.id == code_id).with_for_update()
    return (await session.execute(rows)).scalar_one_or_none()


async def refresh_for_update(session: AsyncSession, digest: bytes) -> tuple[RefreshToken, TokenFamily] | None:
    rows = (
        select(RefreshToken, TokenFamily)
        .join(TokenFamily, TokenFamily.id == RefreshToken.family_id)
        .where(RefreshToken.digest == digest)
        .with_for_update()
    )
    row = (await session.execute(rows)).one_or_none()
    return (row[0], row[1]) if row else None


def holds(today: date) -> ColumnElement[bool]:
    """Residencies that give sight on this day: verified, begun, and not over."""
    return and_(
        Residency.status == ResidencyStatus.VERIFIED,
        Residency.start_on <= today,
        or_(Residency.end_on.is_(None), Residency.end_on > today),
    )


async def residencies(session: AsyncSession, resident_ids: Sequence[UUID], today: date) -> Sequence[Residency]:
    """What these people live in or own today, with the rooms."""
    rows = (
        select(Residency)
        .join(Residency.room)
        .options(contains_eager(Residency.room))
        .where(Residency.resident_id.in_(resident_ids), holds(today))
        .order_by(Room.code)
    )
    return (await session.execute(rows)).scalars().all()


def at_home(today: date) -> Select[UUID]:
    """Who lives or owns something here today."""
    return select(Residency.resident_id).where(holds(today))


def served(actor: Actor, resident_id: Any, today: date) -> ColumnElement[bool]:
    """Whether this person lives in the areas of somebody who serves them; one who lives nowhere is everybody's."""
    if actor.area_ids is None:
        return true()
    here = at_home(today).join(Room, Room.id == Residency.room_id).join(Compound, Compound.id == Room.compound_id)
    return or_(resident_id.in_(here.where(Compound.area_id.in_(actor.area_ids))), resident_id.not_in(at_home(today)))


async def is_served(session: AsyncSession, actor: Actor, resident_id: UUID, today: date) -> bool:
    rows = select(exists().where(Resident.id == resident_id, served(actor, Resident.id, today)))
    return bool((await session.execute(rows)).scalar_one())


def visible(actor: Actor) -> Select[Resident]:
    """The residents that this caller may find: agents and clerks anybody (a caller may live nowhere yet)."""
    if actor.role in {Role.AGENT, Role.CLERK, Role.SYSTEM}:
        return select(Resident)
    if actor.role is Role.RESIDENT:
        return select(Resident).where(Resident.id == actor.id)
    return select(Resident).where(false())


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a caller is known by; all that are given must fit."""

    phone_index: bytes | None = None
    last4_index: bytes | None = None
    name_index: bytes | None = None
    room: str | None = None


async def search(
    session: AsyncSession, actor: Actor, criteria: Criteria, today: date, *, limit: int
) -> Sequence[Resident]:
    rows = visible(actor)
    if criteria.phone_index is not None:
        rows = rows.where(Resident.phone_index == criteria.phone_index)
    if criteria.last4_index is not None:
        rows = rows.where(Resident.phone_last4_index == criteria.last4_index)
    if criteria.name_index is not None:
        rows = rows.where(Resident.name_index == criteria.name_index)
    if criteria.room is not None:
        lives = select(Residency.resident_id).join(Room, Room.id == Residency.room_id)
        rows = rows.where(Resident.id.in_(lives.where(Room.code == criteria.room, holds(today))))
    return (await session.execute(rows.order_by(Resident.id).limit(limit))).scalars().all()


async def compound_codes(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[str]:
    rows = select(Compound.code).where(Compound.id.in_(ids)).order_by(Compound.code)
    return (await session.execute(rows)).scalars().all()


async def seen(session: AsyncSession, actor: Actor, resident_id: UUID) -> Resident | None:
    """The resident, if this caller may find him."""
    return (await session.execute(visible(actor).where(Resident.id == resident_id))).scalar_one_or_none()


async def disclosures(session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int) -> Sequence[Disclosure]:
    """Who has been shown the caller's own data, the newest first, by key."""
    rows = select(Disclosure).where(Disclosure.subject_id == actor.id).options(joinedload(Disclosure.staff))
    if after is not None:
        rows = rows.where(Disclosure.id < after)
    return (await session.execute(rows.order_by(Disclosure.id.desc()).limit(limit))).scalars().all()


async def demo_accounts(session: AsyncSession) -> list[str]:
    """Names of the active demo accounts: production refuses to start beside them."""
    staff_names = (await session.execute(select(Staff.username).where(Staff.demo, Staff.active))).scalars().all()
    clients = (await session.execute(select(ApiClient.client_id).where(ApiClient.demo, ApiClient.active))).scalars()
    return [*staff_names, *clients.all()]
