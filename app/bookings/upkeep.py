"""Keeping the calendar: templates and closures become slots, 180 days ahead; holidays are imported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.areas import queries as areas
from app.bookings import queries
from app.bookings.models import (
    Closure,
    Holiday,
    HolidayYear,
    Reservation,
    Resource,
    ResourceUse,
    Slot,
    SlotTemplate,
)
from app.bookings.schemas import NewClosure, PutHolidays
from app.bookings.weeks import NewResource, PutTemplate
from app.calendar import Holidays
from app.core.actors import Role
from app.core.clock import SHANGHAI
from app.core.errors import Forbidden, Invalid, NotFound, Problem
from app.core.ids import new_id
from app.core.text import Text
from app.web.work import Work

AHEAD = timedelta(days=190)
"""Slots are made so far ahead; at least 180 days are promised."""


class ResourceNotFound(NotFound):
    code = "resource-not-found"
    title = Text("没有这个可预约的资源", "No such resource")


class ResourceExists(Problem):
    status, code = 409, "resource-exists"
    title = Text("这个代码已经用过了", "The code is taken")


class CompoundsApart(Invalid):
    code = "compounds-apart"
    title = Text(
        "小区不存在，或不在同一个片区、不由这个卫生服务中心服务",
        "The compounds do not lie in one area, or are not served by the clinic",
    )


class HolidayOutside(Invalid):
    code = "holiday-outside-year"
    title = Text("日期不在这一年，或重复", "A day is outside the year, or named twice")


@dataclass(frozen=True, slots=True)
class Part:
    """One wanted slot."""

    day: date
    part: SlotTemplate
    closed: bool

    def row(self, resource_id: UUID) -> dict[str, Any]:
        start = datetime.combine(self.day, self.part.start_time, SHANGHAI)
        over = self.part.end_time <= self.part.start_time
        end = datetime.combine(self.day + timedelta(days=over), self.part.end_time, SHANGHAI)
        return {
            "id": new_id(),
            "resource_id": resource_id,
            "day": self.day,
            "code": self.part.code,
            "label": self.part.label,
            "start_at": start,
            "end_at": end,
            "capacity": self.part.capacity,
            "booked": 0,
            "closed": self.closed,
        }


def wanted(
    template: Sequence[SlotTemplate], closures: Sequence[Closure], holidays: Holidays, first: date, last: date
) -> list[Part]:
    """What the week's template says for each day of a span."""
    by_weekday: dict[int, list[SlotTemplate]] = {}
    for part in template:
        by_weekday.setdefault(part.weekday, []).append(part)
    found = []
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        special = holidays.get(day)
        off = special is not None and special.off
        closed = any(c.starts_on <= day < c.ends_on for c in closures)
        found += [Part(day, p, closed) for p in by_weekday.get(day.weekday(), ()) if p.on_holidays or not off]
    return found


async def refresh(work: Work, resource: Resource) -> None:
    """Make the slots of today and later what template, closures and holidays say; what is booked stays booked.

    A slot that is not wanted any more is closed, never deleted; its capacity never falls below what is booked.
    """
    first, last = work.today, work.today + AHEAD
    there = {(s.day, s.code): s for s in await queries.lock_future(work.session, resource.id, first)}
    closures = await queries.closures(work.session, resource.id, first)
    holidays = await queries.holidays(work.session, first, last)
    parts = {(p.day, p.part.code): p for p in wanted(resource.template, closures, holidays, first, last)}
    for key, slot in there.items():
        part = parts.pop(key, None)
        if part is None:
            slot.closed = True
        else:
            _fit(slot, part, resource.id)
    await work.session.flush()
    if parts:
        rows = insert(Slot).on_conflict_do_nothing(index_elements=["resource_id", "day", "code"])
        await work.session.execute(rows, [part.row(resource.id) for part in parts.values()])


def _fit(slot: Slot, part: Part, resource_id: UUID) -> None:
    row = part.row(resource_id)
    slot.closed = part.closed
    slot.capacity = max(slot.booked, row["capacity"])
    if slot.booked == 0:
        slot.label, slot.start_at, slot.end_at = row["label"], row["start_at"], row["end_at"]


async def add_resource(work: Work, body: NewResource) -> Resource:
    """A resource of the one area in which its compounds lie, or of the clinic that serves them all."""
    if body.clinic is not None:
        owner, compounds = await _of_clinic(work, body.clinic)
    else:
        owner, compounds = await _of_area(work, body)
    if not set(body.compounds) <= compounds.keys():
        raise CompoundsApart(pointer="/compounds")
    values = {"code": body.code, "type": body.type, "name": body.name, "active": True, "version": 1, **owner}
    row = insert(Resource).values(id=new_id(), **values).on_conflict_do_nothing().returning(Resource.id)
    made = (await work.session.execute(row)).scalar_one_or_none()
    if made is None:
        raise ResourceExists(pointer="/code")
    resource = await _locked(work, made)
    parts = {row.item: row.parts for row in body.day_parts}
    for compound_id in sorted(compounds[code] for code in set(body.compounds)):
        for item in sorted(set(body.items)):
            resource.uses.append(ResourceUse(compound_id=compound_id, item_code=item, parts=parts.get(item)))
    await work.session.flush()
    return resource


async def _of_clinic(work: Work, code: str) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """A team of doctors: the town's administrator alone adds one."""
    if work.actor.role is not Role.ADMIN:
        raise Forbidden
    clinic = await areas.clinic(work.session, code)
    if clinic is None:
        raise CompoundsApart(pointer="/clinic")
    return {"clinic_id": clinic.id}, await areas.compounds_of_clinic(work.session, clinic.id)


async def _of_area(work: Work, body: NewResource) -> tuple[dict[str, UUID], dict[str, UUID]]:
    area_id = await queries.compound_area(work.session, body.compounds[0])
    if area_id is None:
        raise CompoundsApart(pointer="/compounds")
    if not work.actor.serves(area_id):
        raise Forbidden
    return {"area_id": area_id}, await queries.compounds_of_area(work.session, area_id, set(body.compounds))


async def _locked(work: Work, resource_id: UUID) -> Resource:
    resource = await queries.locked_resource(work.session, work.actor, resource_id)
    if resource is None:
        raise ResourceNotFound
    return resource


async def _own(work: Work, resource_id: UUID) -> Resource:
    """The resource to be changed: doctors' time is their clinic's alone, whoever else sees it."""
    resource = await _locked(work, resource_id)
    if resource.clinic_id is not None and work.actor.role is not Role.CLINIC:
        raise Forbidden
    return resource


async def put_template(work: Work, resource_id: UUID, body: PutTemplate) -> tuple[Resource, Sequence[Reservation]]:
    """The new week, its slots, and who loses his place by it; the orders are told by a job."""
    resource = await _own(work, resource_id)
    work.expect(resource.version, required=True)
    resource.template.clear()
    await work.session.flush()
    for part in body.parts:
        values = part.model_dump(exclude={"start", "end"})
        resource.template.append(SlotTemplate(id=new_id(), start_time=part.start, end_time=part.end, **values))
    resource.version += 1
    await work.session.flush()
    return resource, await _displace(work, resource)


async def close(work: Work, resource_id: UUID, body: NewClosure) -> tuple[Closure, Sequence[Reservation]]:
    """Close the resource for some days; lists the orders that have to be given another time."""
    resource = await _own(work, resource_id)
    assert work.actor.id is not None
    closure = Closure(
        id=new_id(),
        resource_id=resource.id,
        starts_on=body.since,
        ends_on=body.until,
        reason=body.reason,
        note=body.note,
        created_by=work.actor.id,
    )
    work.session.add(closure)
    await work.session.flush()
    return closure, await _displace(work, resource)


async def _displace(work: Work, resource: Resource) -> Sequence[Reservation]:
    before = {row.id for row in await queries.displaced(work.session, resource.id, work.today)}
    await refresh(work, resource)
    now = await queries.displaced(work.session, resource.id, work.today)
    for order_id in sorted({row.order_id for row in now if row.id not in before}):
        await work.defer("orders.displaced", order_id=str(order_id))
    return now


async def put_holidays(work: Work, year: int, body: PutHolidays) -> HolidayYear:
    """Replace the special days of a year; the calendars follow by a job."""
    if any(day.date.year != year for day in body.days) or len({d.date for d in body.days}) != len(body.days):
        raise HolidayOutside(pointer="/days")
    found = await queries.holiday_year(work.session, year, lock=True)
    if found is None:
        made = HolidayYear(year=year, version=1, days=[])
        work.session.add(made)
    else:
        work.expect(found.version, required=True)
        made = found
        made.days.clear()
        made.version += 1
    await work.session.flush()
    made.days.extend(Holiday(day=day.date, name=day.name, off=day.off) for day in body.days)
    await work.session.flush()
    await work.defer("bookings.refresh_all")
    return made
