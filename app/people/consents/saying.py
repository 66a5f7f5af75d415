"""Who may say yes or no: the subject himself, a guardian for a ward, and whoever writes down the subject's own word."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from app.core.actors import Role
from app.core.ages import CONSENTS_AT, is_under
from app.people import queries as people
from app.people.codes import refuse_gone
from app.people.consents import problems, queries, service
from app.people.consents.models import Consent, ConsentEvidence
from app.people.consents.schemas import ConsentRead, RecordConsent, SayConsent
from app.people.models import Resident
from app.people.proxies import queries as proxies
from app.people.service import ResidentNotFound, require_call
from app.web.work import Work


class Said(NamedTuple):
    """A consent with what is shown of it."""

    consent: Consent
    recipient_name: str | None
    in_force: bool


async def say(work: Work, body: SayConsent) -> Said:
    """A resident's own word, or a guardian's for his ward; under fourteen the guardian alone speaks."""
    assert work.actor.id is not None
    subject_id = body.subject_id or work.actor.id
    guardians = await proxies.guardians(work.session, subject_id, work.today)
    if work.actor.id not in guardians | {subject_id}:
        raise problems.NotTheSubject
    subject = await people.locked_resident(work.session, subject_id)
    assert subject is not None
    refuse_gone(subject)
    if subject_id == work.actor.id and _is_child(work, subject):
        raise problems.GuardianRequired
    return await _write(work, subject_id, body, ConsentEvidence.IN_APP)


async def record(work: Work, subject_id: UUID, body: RecordConsent) -> Said:
    """An agent writes down what the subject says on the call at hand, a clerk what stands on paper."""
    require_call(work)
    served = await people.is_served(work.session, work.actor, subject_id, work.today)
    subject = await people.locked_resident(work.session, subject_id) if served else None
    if subject is None:
        raise ResidentNotFound
    refuse_gone(subject)
    guardians = await proxies.guardians(work.session, subject_id, work.today)
    if _is_child(work, subject) and not guardians:
        raise problems.GuardianRequired
    if work.actor.role is Role.AGENT:
        speakers = guardians if _is_child(work, subject) else guardians | {subject_id}
        if work.actor.for_id not in speakers:
            raise problems.CallNotLinked
        return await _write(work, subject_id, body, ConsentEvidence.SPOKEN_ON_CALL)
    return await _write(work, subject_id, body, ConsentEvidence.PAPER)


def _is_child(work: Work, subject: Resident) -> bool:
    return is_under(CONSENTS_AT, subject.birth_year, work.today)


async def _write(work: Work, subject_id: UUID, body: RecordConsent, evidence: ConsentEvidence) -> Said:
    row: Consent | None
    if body.given:
        row = await service.give(
            work,
            subject_id,
            body.code,
            version=body.version,
            recipient=body.recipient,
            evidence=evidence,
            call_id=work.actor.call_id,
        )
    else:
        row = await service.withdraw(work, subject_id, body.code, recipient=body.recipient)
    if row is None:
        raise problems.ConsentNotFound
    return (await told(work, [row]))[0]


def read(said: Said) -> ConsentRead:
    return ConsentRead.of(said.consent, said.recipient_name, in_force=said.in_force)


async def told(work: Work, rows: Sequence[Consent]) -> list[Said]:
    """The consents with the names of the recipients, and whether their versions are in force."""
    names = await queries.recipient_names(work.session, {row.recipient for row in rows if row.recipient})
    versions = await queries.versions_in_force(work.session, work.today)
    return [Said(row, names.get(row.recipient or ""), versions.get(row.code) == row.version) for row in rows]
