"""Finding and registering residents, and staff accounts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.areas import queries as areas
from app.core.actors import STAFF, Role
from app.core.errors import Invalid, NotFound, Problem
from app.core.ids import new_id
from app.core.text import Text
from app.db.types import blind
from app.people import queries
from app.people.codes import find_or_create
from app.people.models import NAME, PHONE, PHONE_LAST4, Residency, Resident, Staff, StaffArea
from app.people.passwords import hash_password
from app.people.queries import Criteria
from app.people.schemas import MeRead, NewStaff, PutResident, RegisterResident, SearchResidents, room_of_mine
from app.web.work import Work

MOST_FOUND = 20


class CallRequired(Problem):
    status, code = 409, "call-required"
    title = Text("请先登记来电", "Open a call first")
    detail = Text(
        "话务员的操作要在一条来电记录下进行：先 POST /v1/calls，再带上 Call-Id。",
        "An agent works under a call record: POST /v1/calls first, then send its number in Call-Id.",
    )


class ResidentNotFound(NotFound):
    code = "resident-not-found"
    title = Text("没有这位市民", "No such resident")


class ResidentKnown(Problem):
    status, code = 409, "resident-known"
    title = Text("这个号码已经登记过", "The phone is known already")
    detail = Text("这个号码已经登记为 {name}。", "The phone is registered as {name}.")


class PhoneRequired(Invalid):
    code = "phone-required"
    title = Text("请填写电话", "A phone is needed")
    detail = Text(
        "没有自己电话的人（孩子、与家人共用电话的老人）由服务中心登记。",
        "Whoever has no phone of his own (a child, one of two with one phone) is registered by the service centre.",
    )


class BirthYearWrong(Invalid):
    code = "birth-year-wrong"
    title = Text("出生年份不对", "The year of birth is wrong")


class StaffRefused(Problem):
    status, code = 422, "staff-refused"
    title = Text("不能建立这个员工账号", "The account cannot be made")
    detail = Text("{why}", "{why}")


def require_call(work: Work) -> None:
    """An agent does nothing for a resident outside an open call."""
    if work.actor.role is Role.AGENT and work.actor.call_id is None:
        raise CallRequired


async def search(work: Work, body: SearchResidents) -> tuple[Sequence[Resident], Sequence[Residency]]:
    """At most twenty residents that fit every criterion, and where they live."""
    require_call(work)
    criteria = Criteria(
        phone_index=blind(body.phone, PHONE) if body.phone else None,
        last4_index=blind(body.phone_last4, PHONE_LAST4) if body.phone_last4 else None,
        name_index=blind(body.name, NAME) if body.name else None,
        room=body.room,
    )
    people = await queries.search(work.session, work.actor, criteria, work.today, limit=MOST_FOUND)
    homes = await queries.residencies(work.session, [p.id for p in people], work.today) if people else []
    return people, homes


async def register(work: Work, body: RegisterResident) -> Resident:
    """Make a resident of a caller. A phone that is known already is refused with the one who has it, masked."""
    require_call(work)
    check_birth_year(work, body.birth_year)
    person = await _unnamed(work, body.phone)
    person.known_by(None, body.name)
    person.birth_year = body.birth_year
    person.landline_only = body.landline_only
    person.registered_by = work.actor.id
    person.version += 1
    await work.session.flush()
    return person


async def _unnamed(work: Work, phone: str | None) -> Resident:
    """Whoever has the phone and no name yet, or somebody new; without a phone only a clerk registers."""
    if phone is None:
        if work.actor.role is not Role.CLERK:
            raise PhoneRequired(pointer="/phone")
        person = Resident(id=new_id(), landline_only=False, demo=False, version=0)
        work.session.add(person)
        return person
    person, new = await find_or_create(work, phone)
    if not new and person.name is not None:
        raise ResidentKnown(pointer="/phone", extra={"resident_id": str(person.id)}, name=f"{person.name[0]}{'*' * 2}")
    return person


def check_birth_year(work: Work, year: int | None) -> None:
    if year is not None and year > work.today.year:
        raise BirthYearWrong(pointer="/birth_year")


async def correct(work: Work, resident_id: UUID, body: PutResident) -> Resident:
    """A clerk sets name and year of birth right, by the papers that he has seen."""
    served = await queries.is_served(work.session, work.actor, resident_id, work.today)
    person = await queries.locked_resident(work.session, resident_id) if served else None
    if person is None or person.closed_at is not None:
        raise ResidentNotFound
    work.expect(person.version, required=True)
    check_birth_year(work, body.birth_year)
    person.known_by(None, body.name)
    person.birth_year = body.birth_year or person.birth_year
    person.landline_only = person.landline_only if body.landline_only is None else body.landline_only
    person.version += 1
    await work.session.flush()
    return person


async def me(work: Work) -> MeRead:
    """The one who is signed in, with rooms or areas."""
    actor = work.actor
    assert actor.id is not None
    if actor.role is not Role.RESIDENT:
        return MeRead(
            role=actor.role,
            id=actor.id,
            name=actor.name,
            phone=None,
            birth_year=None,
            rooms=[],
            all_areas=actor.area_ids is None,
            area_ids=sorted(actor.area_ids or ()),
            version=await queries.account_version(work.session, actor),
        )
    person = await queries.resident(work.session, actor.id)
    assert person is not None
    homes = await queries.residencies(work.session, [person.id], work.today)
    return MeRead(
        role=actor.role,
        id=person.id,
        name=person.name or "",
        phone=person.phone,
        birth_year=person.birth_year,
        rooms=[room_of_mine(row) for row in homes],
        all_areas=False,
        area_ids=[],
        version=person.version,
    )


async def add_staff(session: AsyncSession, wanted: NewStaff, password: str) -> Staff:
    """A staff account; without areas it serves all of them."""
    if wanted.role not in STAFF:
        raise StaffRefused(why=f"{wanted.role} 不是员工角色")
    if await queries.staff_by_name(session, wanted.username) is not None:
        raise StaffRefused(why=f"用户名 {wanted.username} 已经存在")
    found = await areas.areas_by_code(session, wanted.areas)
    missing = set(wanted.areas) - {area.code for area in found}
    if missing:
        raise StaffRefused(why=f"没有片区 {'、'.join(sorted(missing))}")
    staff = Staff(
        id=new_id(),
        username=wanted.username,
        name=wanted.name,
        role=wanted.role,
        post=wanted.post,
        password_hash=await hash_password(password),
        all_areas=not wanted.areas,
        active=True,
        demo=False,
    )
    session.add(staff)
    await session.flush()
    session.add_all(StaffArea(staff_id=staff.id, area_id=area.id) for area in found)
    await session.flush()
    return staff
