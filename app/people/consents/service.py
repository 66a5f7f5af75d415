"""Giving and withdrawing consent: the newest word counts, and none is ever overwritten."""

from hashlib import sha256
from uuid import UUID

from app.areas import queries as areas
from app.core.actors import Role
from app.core.ids import new_id
from app.people.consents import problems, queries
from app.people.consents.models import TO_SOMEBODY, Consent, ConsentCode, ConsentEvidence, ConsentText
from app.web.work import Work


async def give(
    work: Work,
    subject_id: UUID,
    code: ConsentCode,
    *,
    version: str,
    recipient: str | None,
    evidence: ConsentEvidence,
    call_id: UUID | None,
) -> Consent:
    """Write down that the subject agrees to the text in force; what was said to an older one is replaced.

    The caller has made sure that it is the subject's own word, or a guardian's. Saying it again changes nothing.
    """
    text = await _in_force(work, code, version, recipient)
    before = await queries.current(work.session, subject_id, code, recipient)
    if before is not None and before.version == version:
        return before
    if before is not None:
        before.replaced_at = work.now
        await work.session.flush()
    row = Consent(
        id=new_id(),
        subject_id=subject_id,
        code=code,
        version=version,
        text_hash=sha256(text.body.encode()).hexdigest(),
        recipient=recipient,
        channel=work.actor.channel,
        evidence=evidence,
        call_id=call_id,
        given_by_id=work.actor.id if work.actor.role is Role.RESIDENT else None,
        recorded_by=work.actor.id if work.actor.is_staff else None,
        given_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.defer("orders.consents_changed", resident_id=str(subject_id))
    return row


async def _in_force(work: Work, code: ConsentCode, version: str, recipient: str | None) -> ConsentText:
    if (recipient is not None) != (code in TO_SOMEBODY):
        raise problems.RecipientWrong(pointer="/recipient")
    if recipient is not None and await areas.clinic(work.session, recipient) is None:
        raise problems.RecipientWrong(pointer="/recipient")
    text = await queries.text(work.session, code, work.today)
    if text is None or text.version != version:
        raise problems.ConsentVersionUnknown(pointer="/version", consent=code)
    return text


async def withdraw(work: Work, subject_id: UUID, code: ConsentCode, *, recipient: str | None) -> Consent | None:
    """End what stands; what was done while it stood stays lawful and stays. None when nothing stood."""
    row = await queries.current(work.session, subject_id, code, recipient)
    if row is None:
        return None
    await _end(work, row)
    await work.defer("orders.consents_changed", resident_id=str(subject_id))
    return row


async def withdraw_all(work: Work, subject_id: UUID) -> None:
    """Everything that stands ends with the account."""
    for row in await queries.standing(work.session, subject_id):
        await _end(work, row)


async def _end(work: Work, row: Consent) -> None:
    row.withdrawn_at, row.withdrawn_channel = work.now, work.actor.channel
    await work.session.flush()
