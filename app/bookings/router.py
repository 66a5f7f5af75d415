"""Slots of a menu item, public; and the staff's routes: resources, templates, closures, a day, holidays."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Body, Path, Query

from app.bookings import examples, queries, upkeep
from app.bookings.models import ClosureReason, Reservation, ReservationState, Resource
from app.bookings.schemas import (
    ClosureRead,
    DayRead,
    DaySlotRead,
    DisplacedRead,
    HolidayYearRead,
    NewClosure,
    PartRead,
    PutHolidays,
    ResourceRef,
    SlotRead,
    SlotsRead,
    TakenRead,
)
from app.bookings.weeks import NewResource, PutTemplate, ResourceRead, TemplateChanged
from app.calendar import is_working_day, lunar_text
from app.core.actors import Role
from app.core.errors import Invalid, NotFound
from app.core.fields import Day
from app.core.text import Code, Text
from app.web.paging import Page, PagingDep
from app.web.problems import problems
from app.web.route import only, public, router
from app.web.work import PutDep, ResourceDep, SnapshotDep, Work, WorkDep

compounds = router("/v1/compounds", "预约")
resources = router("/v1/resources", "预约")
holidays = router("/v1/holidays", "预约")

MOST_DAYS = 62
STAFF = (Role.MANAGER, Role.CLERK, Role.CLINIC, Role.ADMIN)
CompoundCode = Annotated[str, Path(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$", examples=["QHC"])]
ItemCode = Annotated[Code, Path(examples=["heating-retrofit"])]
Year = Annotated[int, Path(ge=1900, le=2199, examples=[2028])]


class TooManyDays(Invalid):
    code = "too-many-days"
    title = Text("一次最多查询 62 天", "At most 62 days at a time")


class YearUnknown(NotFound):
    code = "holiday-year-unknown"
    title = Text("这一年的节假日还没有导入", "The holidays of that year have not been imported")


@compounds.get("/{code}/menu/{item}/slots", operation_id="listSlots", responses=problems(TooManyDays))
@public
async def list_slots(
    work: SnapshotDep,
    code: CompoundCode,
    item: ItemCode,
    since: Annotated[Day | None, Query(alias="from", description="从哪天起，默认今天")] = None,
    until: Annotated[Day | None, Query(alias="to", description="到哪天止（含），默认起始日后第 13 天")] = None,
) -> SlotsRead:
    """一项服务可预约的时段：哪天、哪个时段、还剩几个位置。一次最多 62 天，可预约到 180 天以后。"""
    first = since or work.today
    last = until or first + timedelta(days=13)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise TooManyDays(pointer="/to")
    slots = await queries.slots_between(work.session, code, item, first, last)
    special = await queries.holidays(work.session, first, last)
    full = [slot.id for slot in slots if slot.booked >= slot.capacity]
    freed = await queries.held_now(work.session, full, work.now) if full else {}
    return SlotsRead(items=[SlotRead.of(s, special, work.now, freed=freed.get(s.id, 0)) for s in slots])


@resources.get("", operation_id="listResources")
@only(*STAFF)
async def list_resources(work: SnapshotDep, paging: PagingDep) -> Page[ResourceRead]:
    """本人所管片区的可预约资源：场地、医生团队、施工队。"""
    cursor = paging.open()
    rows = await queries.resources(work.session, work.actor, after=cursor.after_id, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.id])
    codes = await queries.compound_codes(work.session, {use.compound_id for row in kept for use in row.uses})
    return Page(items=[ResourceRead.of(row, codes) for row in kept], next_cursor=following)


@resources.post(
    "",
    status_code=201,
    operation_id="addResource",
    responses=problems(upkeep.ResourceExists, upkeep.CompoundsApart),
)
@only(Role.MANAGER, Role.ADMIN)
async def add_resource(
    work: WorkDep, body: Annotated[NewResource, Body(openapi_examples=examples.NEW)]
) -> ResourceRead:
    """新增可预约的资源，并说明哪些小区的哪些服务用它。"""
    return await _read(work, await upkeep.add_resource(work, body))


@resources.get("/{resource_id}", operation_id="readResource", responses=problems(upkeep.ResourceNotFound))
@only(*STAFF)
async def read_resource(work: ResourceDep, resource_id: UUID) -> ResourceRead:
    """一个资源和它每周的时段。"""
    found = await queries.resource(work.session, work.actor, resource_id)
    if found is None:
        raise upkeep.ResourceNotFound
    return await _read(work, found)


@resources.put("/{resource_id}/template", operation_id="putTemplate", responses=problems(upkeep.ResourceNotFound))
@only(Role.MANAGER, Role.CLINIC)
async def put_template(
    work: PutDep, resource_id: UUID, body: Annotated[PutTemplate, Body(openapi_examples=examples.TEMPLATE)]
) -> TemplateChanged:
    """每周的时段；改动后列出受影响、需要改约的订单。"""
    resource, moved = await upkeep.put_template(work, resource_id, body)
    return TemplateChanged(resource=await _read(work, resource), displaced=_displaced(moved))


@resources.post(
    "/{resource_id}/closures",
    status_code=201,
    operation_id="closeResource",
    responses=problems(upkeep.ResourceNotFound),
)
@only(Role.MANAGER, Role.CLINIC)
async def close_resource(
    work: WorkDep, resource_id: UUID, body: Annotated[NewClosure, Body(openapi_examples=examples.CLOSURE)]
) -> ClosureRead:
    """停用几天（节假日、生病、天气）；列出受影响的订单，市民会收到改约通知。"""
    closure, moved = await upkeep.close(work, resource_id, body)
    return ClosureRead(
        id=closure.id,
        since=closure.starts_on,
        until=closure.ends_on,
        reason=ClosureReason(closure.reason),
        displaced=_displaced(moved),
    )


@resources.get("/{resource_id}/day", operation_id="readResourceDay", responses=problems(upkeep.ResourceNotFound))
@only(*STAFF)
async def read_day(work: SnapshotDep, resource_id: UUID, date: Annotated[Day, Query()]) -> DayRead:
    """一天的安排：每个时段有哪些订单。"""
    resource = await queries.resource(work.session, work.actor, resource_id)
    if resource is None:
        raise upkeep.ResourceNotFound
    special = await queries.holidays(work.session, date, date)
    rows = await queries.day(work.session, resource_id, date)
    name = special.get(date)
    slots = [
        DaySlotRead(
            id=slot.id,
            part=PartRead(code=slot.code, label=slot.label),
            start=slot.start_at,
            end=slot.end_at,
            capacity=slot.capacity,
            booked=slot.booked,
            closed=slot.closed,
            taken=[_taken(row) for row in taken],
        )
        for slot, taken in rows
    ]
    return DayRead(
        resource=ResourceRef(id=resource.id, code=resource.code, name=resource.name),
        date=date,
        lunar=lunar_text(date),
        holiday=name.name if name else None,
        working_day=is_working_day(date, special),
        slots=slots,
    )


@holidays.get("/{year}", operation_id="readHolidays", responses=problems(YearUnknown))
@public
async def read_holidays(work: ResourceDep, year: Year) -> HolidayYearRead:
    """一年的法定节假日和调休上班日。"""
    found = await queries.holiday_year(work.session, year)
    if found is None:
        raise YearUnknown
    work.shows(found.version)
    return HolidayYearRead.of(found)


@holidays.put("/{year}", operation_id="putHolidays", responses=problems(upkeep.HolidayOutside))
@only(Role.ADMIN)
async def put_holidays(
    work: PutDep, year: Year, body: Annotated[PutHolidays, Body(openapi_examples=examples.HOLIDAYS)]
) -> HolidayYearRead:
    """导入一年的节假日（国务院办公厅每年公布）；已有的要带 `If-Match`。"""
    made = await upkeep.put_holidays(work, year, body)
    work.shows(made.version)
    return HolidayYearRead.of(made)


async def _read(work: Work, resource: Resource) -> ResourceRead:
    work.shows(resource.version)
    codes = await queries.compound_codes(work.session, {use.compound_id for use in resource.uses})
    return ResourceRead.of(resource, codes)


def _taken(row: Reservation) -> TakenRead:
    return TakenRead(order_id=row.order_id, state=ReservationState(row.state), expires_at=row.expires_at)


def _displaced(rows: Sequence[Reservation]) -> list[DisplacedRead]:
    return [
        DisplacedRead(
            order_id=row.order_id,
            slot_id=row.slot_id,
            date=row.slot.day,
            part=PartRead(code=row.slot.code, label=row.slot.label),
            start=row.slot.start_at,
        )
        for row in rows
    ]


ROUTERS = (compounds, resources, holidays)
