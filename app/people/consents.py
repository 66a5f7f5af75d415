"""Consent texts: the version in force, and that somebody has agreed to it."""

from app.core.errors import Invalid, NotFound
from app.core.text import Text
from app.people import queries
from app.people.models import ConsentText, Resident
from app.web.work import Work

PRIVACY = "PRIVACY"


class ConsentTextNotFound(NotFound):
    code = "consent-text-not-found"
    title = Text("没有这个告知文本", "No such text")


class PrivacyVersionUnknown(Invalid):
    code = "privacy-version-unknown"
    title = Text("不是现行的隐私告知", "Not the privacy notice in force")
    detail = Text(
        "请重新读取 GET /v1/consent-texts/PRIVACY，同意现行的版本。",
        "Read GET /v1/consent-texts/PRIVACY again and agree to the version in force.",
    )


async def current(work: Work, code: str) -> ConsentText:
    found = await queries.consent_text(work.session, code, work.today)
    if found is None:
        raise ConsentTextNotFound
    return found


async def privacy_in_force(work: Work, given: str | None) -> str | None:
    """The version of the privacy notice in force; refuses another one that somebody says to agree to."""
    notice = await queries.consent_text(work.session, PRIVACY, work.today)
    version = notice.version if notice else None
    if given is not None and given != version:
        raise PrivacyVersionUnknown(pointer="/privacy_version")
    return version


def accept(work: Work, person: Resident, version: str | None) -> None:
    """Write down that the person agreed; the first time counts."""
    if version is not None and person.privacy_version != version:
        person.privacy_version, person.privacy_accepted_at = version, work.now
