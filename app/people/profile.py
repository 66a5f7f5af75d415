"""A resident's own name, year of birth and phone: another phone needs a code, and nothing is inherited with a number."""

from app.core.ages import ADULT_AT, is_under
from app.core.errors import Invalid, Problem, Unauthenticated
from app.core.text import Text
from app.db.types import blind
from app.people import codes, queries, sessions
from app.people.consents import texts
from app.people.models import PHONE, Resident
from app.people.schemas import PutMe
from app.people.service import check_birth_year
from app.people.wechat import accounts
from app.web.work import Work


class CodeRequired(Invalid):
    code = "code-required"
    title = Text("换手机号需要验证码", "Another phone needs a code")
    detail = Text(
        "请先用 POST /v1/auth/otp 向新号码发送验证码，再把它填进 code。",
        "Ask POST /v1/auth/otp to send a code to the new phone, and put it into `code`.",
    )


class BirthYearFixed(Problem):
    status, code = 409, "birth-year-fixed"
    title = Text("出生年份要由服务中心更正", "The service centre sets this year right")
    detail = Text(
        "登记的是未成年人，出生年份请监护人带证件到服务中心更正。",
        "A minor is registered. His guardian brings the papers to the service centre.",
    )


async def put_me(work: Work, body: PutMe) -> Resident:
    """Change name, year of birth and phone. Whoever had the new number loses it; every other sign-in of this resident
    ends, and no WeChat account signs him in."""
    assert work.actor.id is not None
    person = await queries.locked_resident(work.session, work.actor.id)
    if person is None:
        raise Unauthenticated
    work.expect(person.version, required=True)
    privacy = await texts.privacy_in_force(work, body.privacy_version)
    if body.phone is not None and body.phone != person.phone:
        await _change_phone(work, person, body.phone, body.code)
    person.known_by(None, body.name)
    _tell_birth_year(work, person, body.birth_year)
    if body.privacy_version is not None:
        texts.accept(work, person, privacy)
    person.version += 1
    await work.session.flush()
    return person


def _tell_birth_year(work: Work, person: Resident, year: int | None) -> None:
    """A minor does not make himself an adult."""
    check_birth_year(work, year)
    if year is None or year == person.birth_year:
        return
    if is_under(ADULT_AT, person.birth_year, work.today):
        raise BirthYearFixed
    person.birth_year = year


async def _change_phone(work: Work, person: Resident, phone: str, code: str | None) -> None:
    if code is None:
        raise CodeRequired(pointer="/code")
    await codes.spend(work, await codes.check(work, phone, code))
    before = await queries.locked_by_phone(work.session, blind(phone, PHONE))
    if before is not None:
        await codes.detach(work, before)
    await accounts.unlink(work, person.id)
    person.known_by(phone, None)
    person.phone_verified_at, person.landline_only = work.now, False
    await sessions.end_others(work, person.id, "phone-changed")
