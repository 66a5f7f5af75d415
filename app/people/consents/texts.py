"""Consent texts: the version in force, and that somebody has agreed to the privacy notice."""

from app.people.consents import queries
from app.people.consents.models import ConsentText
from app.people.consents.problems import ConsentTextNotFound, PrivacyVersionUnknown
from app.people.models import Resident
from app.web.work import Work

PRIVACY = "PRIVACY"


async def current(work: Work, code: str) -> ConsentText:
    found = await queries.text(work.session, code, work.today)
    if found is None:
        raise ConsentTextNotFound
    return found


async def privacy_in_force(work: Work, given: str | None) -> str | None:
    """The version of the privacy notice in force; refuses another one that somebody says to agree to."""
    notice = await queries.text(work.session, PRIVACY, work.today)
    version = notice.version if notice else None
    if given is not None and given != version:
        raise PrivacyVersionUnknown(pointer="/privacy_version")
    return version


def accept(work: Work, person: Resident, version: str | None) -> None:
    """Write down that the person agreed; the first time counts."""
    if version is not None and person.privacy_version != version:
        person.privacy_version, person.privacy_accepted_at = version, work.now
