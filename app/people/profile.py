"""A resident's own name and phone: another phone needs a code, and nothing is inherited with a number."""

from app.core.errors import Invalid, Unauthenticated
from app.core.text import Text
from app.db.types import blind
from app.people import codes, queries, sessions
from app.people.consents import texts
from app.people.models import PHONE, Resident
from app.people.schemas import PutMe
from app.web.work import Work


class CodeRequired(Invalid):
    code = "code-required"
    title = Text("换手机号需要验证码", "Another phone needs a code")
    detail = Text(
        "请先用 POST /v1/auth/otp 向新号码发送验证码，再把它填进 code。",
        "Ask POST /v1/auth/otp to send a code to the new phone, and put it into `code`.",
    )


async def put_me(work: Work, body: PutMe) -> Resident:
    """Change name and phone. Whoever had the new number loses it; every other sign-in of this resident ends."""
    assert work.actor.id is not None
    person = await queries.locked_resident(work.session, work.actor.id)
    if person is None:
        raise Unauthenticated
    work.expect(person.version, required=True)
    privacy = await texts.privacy_in_force(work, body.privacy_version)
    if body.phone is not None and body.phone != person.phone:
        await _change_phone(work, person, body.phone, body.code)
    person.known_by(None, body.name)
    if body.privacy_version is not None:
        texts.accept(work, person, privacy)
    person.version += 1
    await work.session.flush()
    return person


async def _change_phone(work: Work, person: Resident, phone: str, code: str | None) -> None:
    if code is None:
        raise CodeRequired(pointer="/code")
    await codes.spend(work, await codes.check(work, phone, code))
    before = await queries.locked_by_phone(work.session, blind(phone, PHONE))
    if before is not None:
        await codes.detach(work, before)
    person.known_by(phone, None)
    person.phone_verified_at, person.landline_only = work.now, False
    await sessions.end_others(work, person.id, "phone-changed")
