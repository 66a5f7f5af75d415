"""Invitations: an owner gives a code away, and whoever brings it within a week is bound at once."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from app.core.actors import Role
from app.core.errors import Forbidden
from app.core.ids import new_id
from app.db.types import blind
from app.people.codes import count_day
from app.people.homes import problems, queries
from app.people.homes.models import Invitation, code_index
from app.people.homes.schemas import InvitePerson
from app.people.models import OWNERS, Residency, ResidencyStatus, VerifiedBy
from app.web.work import Work

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody mistakes for each other: no 0, O, 1, I."""

LENGTH = 8
VALID = timedelta(days=7)
TRIES_PER_DAY = 10
INVITATIONS_PER_DAY = 20


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


async def invite(work: Work, residency_id: UUID, body: InvitePerson) -> tuple[str, Invitation]:
    """A fresh code of a current owner; it is told once, only its digest is kept."""
    mine = await queries.locked(work.session, work.actor, residency_id, work.today)
    if mine is None:
        raise problems.ResidencyNotFound
    if work.actor.role is not Role.RESIDENT or mine.resident_id != work.actor.id or mine.role not in OWNERS:
        raise Forbidden
    if not is_current(mine, work.today):
        raise problems.OwnerRequired
    _check_period(body.start_on or work.today, body.end_on)
    await count_day(work, blind(str(mine.resident_id), "attempts.invitations"), INVITATIONS_PER_DAY)
    code = new_code()
    row = Invitation(
        id=new_id(),
        room_id=mine.room_id,
        invited_by=mine.resident_id,
        role=body.role,
        start_on=body.start_on,
        end_on=body.end_on,
        code_index=code_index(code),
        expires_at=work.now + VALID,
    )
    work.session.add(row)
    await work.session.flush()
    return code, row


def is_current(residency: Residency, today: date) -> bool:
    """Whether it gives sight on this day."""
    begun = residency.status == ResidencyStatus.VERIFIED and residency.start_on <= today
    return begun and (residency.end_on is None or residency.end_on > today)


def _check_period(start: date, end: date | None) -> None:
    if end is not None and end <= start:
        raise problems.PeriodWrong(pointer="/end_on")


async def use(work: Work, residency: Residency, code: str) -> None:
    """Bind by an invitation into the room; a wrong code counts, whatever is wrong with it."""
    await count_day(work, blind(str(residency.resident_id), "attempts.invitation_codes"), TRIES_PER_DAY)
    found = await queries.invitation(work.session, residency.room_id, code_index(code), work.today)
    if found is None or found.invited_by == residency.resident_id:
        raise problems.InvitationWrong(keep=True, pointer="/invitation_code")
    start = max(found.start_on or work.today, work.today)
    if found.end_on is not None and found.end_on <= start:
        raise problems.InvitationWrong(keep=True, pointer="/invitation_code")
    if found.role != residency.role:
        raise problems.InvitationRole(keep=True, pointer="/role", role=found.role)
    found.used_at, found.used_by = work.now, residency.resident_id
    residency.start_on, residency.end_on, residency.invited_by = start, found.end_on, found.invited_by
    residency.status, residency.verified_by, residency.verified_at = (
        ResidencyStatus.VERIFIED,
        VerifiedBy.INVITATION,
        work.now,
    )
