"""Every SELECT about consents and their texts."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.areas.models import Clinic
from app.people.consents.models import Consent, ConsentCode, ConsentText


async def text(session: AsyncSession, code: str, today: date) -> ConsentText | None:
    """The text that is in force."""
    rows = select(ConsentText).where(ConsentText.code == code, ConsentText.effective_from <= today)
    newest = rows.order_by(ConsentText.effective_from.desc(), ConsentText.version.desc()).limit(1)
    return (await session.execute(newest)).scalar_one_or_none()


def _stands() -> ColumnElement[bool]:
    return and_(Consent.withdrawn_at.is_(None), Consent.replaced_at.is_(None))


def _in_force() -> ColumnElement[bool]:
    """A new version of a text ends what was said to the old one."""
    today = cast(func.timezone("Asia/Shanghai", func.now()), Date)
    newest = (
        select(ConsentText.version)
        .where(ConsentText.code == Consent.code, ConsentText.effective_from <= today)
        .order_by(ConsentText.effective_from.desc(), ConsentText.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    return Consent.version == newest


async def held(session: AsyncSession, subject_id: UUID) -> set[tuple[str, str | None]]:
    """What this person agrees to today, as (code, recipient): not withdrawn, and to the version in force."""
    rows = select(Consent.code, Consent.recipient).where(Consent.subject_id == subject_id, _stands(), _in_force())
    return {(row.code, row.recipient) for row in await session.execute(rows)}


async def current(session: AsyncSession, subject_id: UUID, code: str, recipient: str | None) -> Consent | None:
    """The consent that stands, whatever its version; locked until the end of the transaction."""
    whose = Consent.recipient.is_(None) if recipient is None else Consent.recipient == recipient
    rows = select(Consent).where(Consent.subject_id == subject_id, Consent.code == code, whose, _stands())
    return (await session.execute(rows.with_for_update())).scalar_one_or_none()


async def standing(session: AsyncSession, subject_id: UUID) -> Sequence[Consent]:
    """All that stand, locked."""
    rows = select(Consent).where(Consent.subject_id == subject_id, _stands()).order_by(Consent.id)
    return (await session.execute(rows.with_for_update())).scalars().all()


async def page(session: AsyncSession, subject_id: UUID, *, after: UUID | None = None, limit: int) -> Sequence[Consent]:
    """All of a subject's consents, those that ended too, the newest first, by key."""
    rows = select(Consent).where(Consent.subject_id == subject_id)
    if after is not None:
        rows = rows.where(Consent.id < after)
    return (await session.execute(rows.order_by(Consent.id.desc()).limit(limit))).scalars().all()


def stands(subject_id: Any, code: ConsentCode, *, clinic_id: Any = None) -> ColumnElement[bool]:
    """Whether somebody's consent stands, whatever its version; that to a clinic for this very one."""
    rows = exists().where(Consent.subject_id == subject_id, Consent.code == code, _stands()).correlate_except(Consent)
    if clinic_id is None:
        return rows
    return rows.where(
        Consent.recipient
        == select(Clinic.code).where(Clinic.id == clinic_id).correlate_except(Clinic).scalar_subquery()
    )


async def standing_codes(session: AsyncSession, subject_id: UUID) -> set[tuple[str, str | None]]:
    """What has been agreed to and not withdrawn, as (code, recipient), also to a text that has a newer version."""
    rows = select(Consent.code, Consent.recipient).where(Consent.subject_id == subject_id, _stands())
    return {(row.code, row.recipient) for row in await session.execute(rows)}


async def recipient_names(session: AsyncSession, codes: Collection[str]) -> dict[str, str]:
    rows = select(Clinic.code, Clinic.name).where(Clinic.code.in_(codes))
    return {row.code: row.name for row in await session.execute(rows)} if codes else {}


async def versions_in_force(session: AsyncSession, today: date) -> dict[str, str]:
    """The version of each text that is in force."""
    rows = select(ConsentText.code, ConsentText.version).where(ConsentText.effective_from <= today)
    oldest_first = rows.order_by(ConsentText.effective_from, ConsentText.version)
    return {row.code: row.version for row in await session.execute(oldest_first)}
