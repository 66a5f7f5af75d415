"""Bindings: asked for, proven by roster, invitation or clerk, frozen in a dispute, and ended on a day."""

from datetime import date
from typing import Any
from uuid import UUID

from app.areas import queries as areas
from app.calendar import add_working_days
from app.core.actors import Actor, Role
from app.core.flow import Party, Step
from app.core.ids import new_id
from app.db.types import blind
from app.people import queries as people
from app.people.homes import invitations, problems, queries
from app.people.homes.models import ROSTER_PHONE
from app.people.homes.schemas import BindRoom, EndResidency, RejectResidency, SuspendResidency, VerifyResidency
from app.people.models import (
    OWNERS,
    RESIDENCY_FLOW,
    Residency,
    ResidencyStatus,
    Resident,
    VerifiedBy,
)
from app.people.proxies import ending
from app.people.service import require_call
from app.web.work import Work

MOST_PENDING = 5
"""So many requests of one resident may wait for a clerk at a time."""

DECISION_DAYS = 3
"""Working days within which a clerk decides; by weekdays, as this floor knows no holidays."""


def parties(actor: Actor, residency: Residency) -> frozenset[Party]:
    """The parts that somebody who sees this binding plays towards it."""
    if actor.role is Role.CLERK:
        return frozenset({Party.CLERK})
    return frozenset({Party.RESIDENT if residency.resident_id == actor.id else Party.OWNER})


async def bind(work: Work, body: BindRoom) -> Residency:
    """Ask to be bound to a room: at once by roster or invitation, else a clerk decides within three working days."""
    require_call(work)
    person = await _for_whom(work, body.on_behalf_of_id)
    room = await areas.room(work.session, body.room)
    if room is None:
        raise problems.RoomUnknown(pointer="/room", room=body.room)
    live = await queries.live_rooms(work.session, person.id, work.today)
    if room.id in live:
        raise problems.AlreadyBound(pointer="/room", state=RESIDENCY_FLOW.label(live[room.id]))
    residency = Residency(
        id=new_id(),
        resident_id=person.id,
        room_id=room.id,
        role=body.role,
        status=RESIDENCY_FLOW.initial,
        start_on=work.today,
        requested_by=work.actor.id if work.actor.role is Role.AGENT else None,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    residency.room, residency.resident = room, person
    await _prove(work, residency, body, live)
    work.session.add(residency)
    await work.session.flush()
    await _owner_found(work, residency)
    return residency


async def _for_whom(work: Work, named: UUID | None) -> Resident:
    if work.actor.role is Role.RESIDENT:
        if named not in {None, work.actor.id}:
            raise problems.NotForOthers
        named = work.actor.id
    if named is None:
        raise problems.OnBehalfRequired(pointer="/on_behalf_of_id")
    person = await people.locked_resident(work.session, named)
    if person is None:
        raise problems.ResidentUnknown(pointer="/on_behalf_of_id")
    return person


async def _prove(work: Work, residency: Residency, body: BindRoom, live: dict[UUID, str]) -> None:
    """The roster goes first: an invitation that is not needed is not spent."""
    if await _by_roster(work, residency, residency.resident):
        return
    if body.invitation_code is not None:
        await invitations.use(work, residency, body.invitation_code)
        return
    if sum(status == ResidencyStatus.PENDING for status in live.values()) >= MOST_PENDING:
        raise problems.TooManyPending(most=MOST_PENDING)
    residency.due_on = add_working_days(work.today, DECISION_DAYS, {})


async def _by_roster(work: Work, residency: Residency, person: Resident) -> bool:
    if person.phone is None:
        return False
    roles = {str(role) for role in OWNERS} if residency.role in OWNERS else {residency.role}
    phone = blind(person.phone, ROSTER_PHONE)
    entry = await queries.roster_match(work.session, residency.room_id, phone, roles, work.today)
    if entry is None:
        return False
    residency.role, residency.start_on, residency.end_on = entry.role, entry.start_on, entry.end_on
    residency.status, residency.verified_by, residency.verified_at = (
        ResidencyStatus.VERIFIED,
        VerifiedBy.ROSTER,
        work.now,
    )
    return True


async def _owner_found(work: Work, residency: Residency) -> None:
    """Whoever waits for an owner of the room hears of him."""
    if residency.role in OWNERS and residency.status == ResidencyStatus.VERIFIED:
        await work.defer("orders.owner_found", room_id=str(residency.room_id))


async def take_step(work: Work, residency_id: UUID, body: Any) -> Residency:
    """Refusals come in one order: 404 unseen, 403 not yours, 412 stale, 409 wrong moment, then 422."""
    residency = await queries.locked(work.session, work.actor, residency_id, work.today)
    if residency is None:
        raise problems.ResidencyNotFound
    mine = parties(work.actor, residency)
    RESIDENCY_FLOW.permit(body.action, mine)
    work.expect(residency.version)
    step = RESIDENCY_FLOW.choose(body.action, residency.status, mine)
    _bring_about(work, residency, step, body)
    if work.actor.role is Role.CLERK:
        residency.decided_by = work.actor.id
    residency.version += 1
    await work.session.flush()
    if body.action in {"verify", "resume"}:
        await _owner_found(work, residency)
    if residency.status == ResidencyStatus.ENDED and residency.verified_by is not None:
        await _moved_out(work, residency.resident_id)
    return residency


async def _moved_out(work: Work, resident_id: UUID) -> None:
    """Whoever lives nowhere here any more has nobody acting for him."""
    if not await people.residencies(work.session, [resident_id], work.today):
        await ending.moved_out(work, resident_id)


def _bring_about(work: Work, residency: Residency, step: Step, body: Any) -> None:
    if isinstance(body, EndResidency):
        _end(work, residency, body.on)
        return
    assert step.target is not None
    if isinstance(body, VerifyResidency):
        _verify(work, residency, body)
    if isinstance(body, RejectResidency | SuspendResidency):
        residency.reason = body.reason
    if step.action == "resume":
        residency.reason = None
    if step.action == "withdraw":
        residency.end_on = max(work.today, residency.start_on)
    residency.status = step.target


def _verify(work: Work, residency: Residency, body: VerifyResidency) -> None:
    residency.role = body.role or residency.role
    residency.start_on = body.start_on or residency.start_on
    if body.end_on is not None and body.end_on <= residency.start_on:
        raise problems.PeriodWrong(pointer="/end_on")
    residency.end_on = body.end_on
    residency.verified_by, residency.verified_at, residency.due_on = VerifiedBy.CLERK, work.now, None


def _end(work: Work, residency: Residency, on: date | None) -> None:
    """From `on` it no longer holds: today's move ends sight today. Nobody lengthens anything by ending it."""
    last = residency.end_on
    day = on or max(residency.start_on, min(work.today, last or work.today))
    too_late = last is not None and day > last
    too_early = day < residency.start_on or (work.actor.role is not Role.CLERK and on is not None and on < work.today)
    if too_late or too_early:
        raise problems.PeriodWrong(pointer="/on")
    residency.end_on = day
    if day <= work.today:
        residency.status = ResidencyStatus.ENDED
