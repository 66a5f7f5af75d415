"""Consents that come along with an order or a step: only the subject's own word counts."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from app.areas.models import Clinic
from app.core.actors import Role
from app.kinds.facts import Person
from app.orders import problems
from app.orders.persons.resolve import speaks_for_himself
from app.people.consents import service as people_consents
from app.people.consents.models import TO_SOMEBODY, ConsentCode, ConsentEvidence
from app.web.work import Work


class Given(Protocol):
    """A consent in the version that was shown."""

    @property
    def code(self) -> str: ...
    @property
    def version(self) -> str: ...


def coming(work: Work, given: Sequence[Given], subject_id: UUID) -> frozenset[str]:
    """The codes that come along; refused when it is not the subject who speaks."""
    if given and not speaks_for_himself(work.actor, subject_id):
        raise problems.ConsentNotYours(pointer="/consents")
    for row in given:
        _known(row.code)
    return frozenset(row.code for row in given)


def _known(code: str) -> ConsentCode:
    try:
        return ConsentCode(code)
    except ValueError as error:
        raise problems.ConsentUnknown(pointer="/consents", consent=code) from error


def require_own(work: Work, wanted: Iterable[str], person: Person) -> None:
    """Who orders for himself agrees first; for everybody else the order waits for the subject's word."""
    missing = [code for code in wanted if code not in person.consents]
    if missing and person.orders_himself and work.actor.role is Role.RESIDENT:
        raise problems.ConsentRequired(
            pointer="/consents", extra={"missing_consents": missing}, codes="、".join(missing)
        )


async def give(work: Work, given: Sequence[Given], subject_id: UUID, clinic: Clinic | None) -> None:
    """Write down what the subject agrees to; what is handed to a clinic names it."""
    spoken = work.actor.role is Role.AGENT
    for row in given:
        code = _known(row.code)
        await people_consents.give(
            work,
            subject_id,
            code,
            version=row.version,
            recipient=clinic.code if clinic and code in TO_SOMEBODY else None,
            evidence=ConsentEvidence.SPOKEN_ON_CALL if spoken else ConsentEvidence.IN_APP,
            call_id=work.actor.call_id,
        )
