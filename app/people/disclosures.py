"""Disclosures: full names and phones are shown for a reason, and the one whom they belong to can read it."""

from uuid import UUID

import structlog

from app.core.ids import new_id
from app.people import queries
from app.people.models import Disclosure, Resident, RevealOutcome
from app.people.schemas import RevealResident
from app.people.service import ResidentNotFound, require_call
from app.web.work import Work

log = structlog.get_logger(__name__)

FIELDS = ("name", "phone")


async def reveal(work: Work, resident_id: UUID, body: RevealResident) -> tuple[Resident, Disclosure]:
    """Show name and phone; a row says so. A denial leaves a row too, and a line in the log."""
    require_call(work)
    person = await queries.seen(work.session, work.actor, resident_id)
    assert work.actor.id is not None
    row = Disclosure(
        id=new_id(),
        subject_id=person.id if person else None,
        staff_id=work.actor.id,
        role=work.actor.role,
        fields=list(FIELDS) if person else [],
        reason=body.reason,
        note=body.note,
        call_id=work.actor.call_id,
        outcome=RevealOutcome.SHOWN if person else RevealOutcome.DENIED,
        at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    if person is None:
        log.warning("reveal_denied", staff=str(work.actor.id), disclosure=str(row.id))
        raise ResidentNotFound(keep=True)
    return person, row


def shown(work: Work, subject_id: UUID, fields: list[str], body: RevealResident) -> Disclosure:
    """The row that says who was shown what of whom, and why."""
    assert work.actor.id is not None
    return Disclosure(
        id=new_id(),
        subject_id=subject_id,
        staff_id=work.actor.id,
        role=work.actor.role,
        fields=fields,
        reason=body.reason,
        note=body.note,
        call_id=work.actor.call_id,
        outcome=RevealOutcome.SHOWN,
        at=work.now,
    )
