"""Phone codes: six digits from `secrets`, five tries each, so many a phone and day; every try counts.

A code serves the purpose it was sent for: one that confirms a proxy signs nobody in.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.core.clock import start_of
from app.core.errors import Problem, RateLimited
from app.core.ids import new_id
from app.core.text import Text
from app.db.types import blind
from app.people import queries
from app.people.models import NAME, PHONE, Attempts, PhoneCode, Resident
from app.people.schemas import VerifyCode
from app.people.wechat import accounts
from app.web.work import Work

VALID = timedelta(minutes=5)


class CodeWrong(Problem):
    status, code = 401, "code-wrong"
    title = Text("验证码不对", "The code is wrong")
    detail = Text(
        "验证码不对或已过期，请核对或重新获取。", "The code is wrong or has expired. Check it or ask for a new one."
    )


async def count_try(work: Work, subject: bytes, period_start: datetime, most: int) -> bool:
    """Count one try of a subject in a period, unless the limit is reached: exact, however many try at once."""
    table = Attempts.__table__
    row = insert(Attempts).values(subject=subject, period_start=period_start, count=1)
    row = row.on_conflict_do_update(
        index_elements=["subject", "period_start"], set_={"count": table.c.count + 1}, where=table.c.count < most
    )
    return (await work.session.execute(row.returning(Attempts.count))).scalar_one_or_none() is not None


async def count_day(work: Work, subject: bytes, most: int) -> None:
    """So many a local day, else 429; the count stays, whatever becomes of the request."""
    day = start_of(work.today)
    if not await count_try(work, subject, day, most):
        left = int((day + timedelta(days=1) - work.now).total_seconds()) + 1
        raise RateLimited(keep=True, retry_after=left, seconds=left)


async def request_code(work: Work, phone: str) -> None:
    """Send a code to the phone, whether anybody is known by it or not."""
    hour = work.now.replace(minute=0, second=0, microsecond=0)
    address = blind(work.address, "attempts.address")
    if not await count_try(work, address, hour, work.settings.codes_per_address_hour):
        raise RateLimited(keep=True, retry_after=3600, seconds=3600)
    await count_day(work, blind(phone, "attempts.phone"), work.settings.codes_per_phone_day)
    await issue(work, phone, VALID)


async def issue(work: Work, phone: str, valid: timedelta, *, proxy_id: UUID | None = None) -> None:
    """Make a code and have it sent; `proxy_id` is the proxy that it confirms, without one it signs in."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = PhoneCode(
        id=new_id(),
        phone_index=blind(phone, PHONE),
        phone=phone,
        code=code,
        code_index=blind(code, "phone_code.code"),
        expires_at=work.now + valid,
        tries=0,
        proxy_id=proxy_id,
    )
    work.session.add(row)
    await work.session.flush()
    await work.defer("people.send_code", code_id=str(row.id))


class PhoneHolderUnsure(Problem):
    status, code = 409, "phone-holder-unsure"
    title = Text("不能确定您是这个号码的登记人", "Somebody else may have had this number")
    detail = Text(
        "这个号码很久没有验证过。请填写登记的姓名（name）；如果您是新的使用人，请用 new_person: true 重新登记。",
        "The number has not been verified for long. Send the registered name, or new_person: true if you are new.",
    )


class AccountResting(Problem):
    status, code = 409, "account-resting"
    title = Text("登记在这个号码下的账户已停用", "The account of this number rests")
    detail = Text(
        "如果您是这个号码现在的使用人，请用 new_person: true 重新登记；如果有误，请联系服务中心。",
        "Send new_person: true if the number is yours now. If something is wrong, ask the service centre.",
    )


async def verify(work: Work, body: VerifyCode) -> tuple[Resident, bool]:
    """The resident of the phone, made now if need be; says whether it is new. A wrong code is counted and refused.

    Numbers are given out anew: when nobody has shown to hold this one for long, the caller says whose it is, or that
    he is somebody else; then the one before him loses the number and keeps the rest.
    """
    code_id = await check(work, body.phone, body.code)
    await make_way(work, body.phone, body)
    await spend(work, code_id)
    return await holder(work, body.phone)


class Claim(Protocol):
    """Who the caller says that he is, when a number has not been used for long."""

    name: str | None
    new_person: bool


async def make_way(work: Work, phone: str, claim: Claim) -> None:
    """See that the phone is this caller's and not that of one before him, who then loses it."""
    found = await queries.locked_by_phone(work.session, blind(phone, PHONE))
    if found is not None and (found.deceased_on is not None or await is_unsure(work, found)):
        if claim.new_person:
            await detach(work, found)
        else:
            demand_name(found, claim.name)


async def holder(work: Work, phone: str) -> tuple[Resident, bool]:
    """The resident of a phone that has just been proved, and whether he is new."""
    person, new = await find_or_create(work, phone)
    person.phone_verified_at = work.now
    await work.session.flush()
    return person, new


async def is_unsure(work: Work, person: Resident) -> bool:
    """Whether so much time has passed that the number may be somebody else's, and there is something to inherit."""
    fresh_since = work.now - timedelta(days=work.settings.phone_trust_days)
    if (person.phone_verified_at or person.created_at) >= fresh_since:
        return False
    return person.name is not None or await queries.has_had_home(work.session, person.id)


def demand_name(person: Resident, name: str | None) -> None:
    """Whoever speaks for this person says his name; for a dead one nobody speaks."""
    if person.deceased_on is not None:
        raise AccountResting(keep=True)
    known = person.name_index
    if name is None or known is None or not hmac.compare_digest(bytes(known), blind(name, NAME)):
        raise PhoneHolderUnsure(keep=True)


def refuse_gone(*people: Resident) -> None:
    """Nobody acts for a dead person, and none for one who has left."""
    if any(person.deceased_on is not None or person.closed_at is not None for person in people):
        raise AccountResting(keep=True)


async def detach(work: Work, person: Resident) -> None:
    """Take the number from whoever has it, at once: the index is free for another."""
    await accounts.unlink(work, person.id)
    person.lose_phone()
    person.version += 1
    await work.session.flush()


async def check(work: Work, phone: str, code: str, *, proxy_id: UUID | None = None) -> UUID | None:
    """Count the try and say which code it is; None for the one that always fits in demonstrations."""
    fixed = work.settings.fixed_otp
    if fixed is not None and hmac.compare_digest(code, fixed):
        return None
    newest = queries.newest_code(blind(phone, PHONE), proxy_id)
    counted = (
        update(PhoneCode)
        .where(PhoneCode.id == newest, PhoneCode.tries < work.settings.otp_tries, PhoneCode.used_at.is_(None))
        .values(tries=PhoneCode.tries + 1)
        .returning(PhoneCode.id, PhoneCode.code_index)
        .execution_options(synchronize_session=False)
    )
    row = (await work.session.execute(counted)).one_or_none()
    given = blind(code, "phone_code.code")
    if row is None or not hmac.compare_digest(bytes(row.code_index), given):
        raise CodeWrong(keep=True)
    code_id: UUID = row.id
    return code_id


async def spend(work: Work, code_id: UUID | None) -> None:
    """A code serves once."""
    if code_id is not None:
        spent = update(PhoneCode).where(PhoneCode.id == code_id).values(used_at=work.now, code=None, phone=None)
        await work.session.execute(spent.execution_options(synchronize_session=False))


async def find_or_create(work: Work, phone: str) -> tuple[Resident, bool]:
    index = blind(phone, PHONE)
    found = await queries.resident_by_phone(work.session, index)
    if found is not None:
        return found, False
    fresh = Resident(id=new_id(), landline_only=False, demo=False, version=1)
    fresh.known_by(phone, None)
    columns = ("id", "phone", "phone_index", "phone_last4_index", "landline_only", "demo", "version")
    row = insert(Resident).values({name: getattr(fresh, name) for name in columns})
    made = await work.session.execute(row.on_conflict_do_nothing().returning(Resident.id))
    new = made.scalar_one_or_none() is not None
    found = await queries.resident_by_phone(work.session, index)
    assert found is not None
    return found, new
