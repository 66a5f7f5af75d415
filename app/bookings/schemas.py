"""What crosses the wire about bookable time."""

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from app.bookings.models import ClosureReason, HolidayYear, ReservationState, Resource, ResourceType, Slot
from app.calendar import Holidays, lunar_text
from app.core import clock
from app.core.fields import Day, Flag
from app.core.text import Code, Line, Note, UpperCode

Input = ConfigDict(extra="forbid")
Local = Annotated[
    datetime, PlainSerializer(clock.wire, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
Label = Annotated[str, Field(max_length=100)]
CompoundRef = Annotated[str, Field(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$")]
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _time(value: object) -> object:
    if isinstance(value, str):
        parts = value.split(":")
        if len(value) == 5 and len(parts) == 2 and all(len(part) == 2 and part.isdigit() for part in parts):
            return time(int(parts[0]), int(parts[1]))
    elif isinstance(value, time):
        return value
    raise ValueError("time")


TimeOfDay = Annotated[
    time,
    BeforeValidator(_time),
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "minLength": 5, "maxLength": 5, "pattern": _TIME, "examples": ["08:30"]}),
]
"""A local time of day, `HH:MM`."""


class SlotState(StrEnum):
    FREE = "FREE"
    FULL = "FULL"
    CLOSED = "CLOSED"
    PAST = "PAST"


class ResourceRef(BaseModel):
    id: UUID
    name: Label


class PartRead(BaseModel):
    code: Annotated[str, Field(max_length=40)]
    label: Label


class SlotRead(BaseModel):
    """A bookable part of a day; `lunar` is for display, the Gregorian date is the truth."""

    id: UUID
    resource: ResourceRef
    date: date
    part: PartRead
    start: Local
    end: Local
    state: SlotState
    free: Annotated[int, Field(ge=0, le=1000)]
    lunar: Annotated[str, Field(max_length=20)]
    holiday: Label | None

    @classmethod
    def of(cls, slot: Slot, holidays: Holidays, now: datetime, *, freed: int) -> "SlotRead":
        """`freed` places are still counted although their holds have expired."""
        free = slot.capacity - slot.booked + freed
        special = holidays.get(slot.day)
        if slot.closed:
            state = SlotState.CLOSED
        elif slot.start_at <= now:
            state = SlotState.PAST
        else:
            state = SlotState.FREE if free > 0 else SlotState.FULL
        return cls(
            id=slot.id,
            resource=ResourceRef(id=slot.resource_id, name=slot.resource.name),
            date=slot.day,
            part=PartRead(code=slot.code, label=slot.label),
            start=slot.start_at,
            end=slot.end_at,
            state=state,
            free=free if state is SlotState.FREE else 0,
            lunar=lunar_text(slot.day),
            holiday=special.name if special and special.off else None,
        )


class SlotsRead(BaseModel):
    items: Annotated[list[SlotRead], Field(max_length=2000)]


class NewResource(BaseModel):
    """A hall, a team or a crew, and the menu items that book it."""

    model_config = Input

    code: UpperCode
    type: ResourceType
    name: Line
    compounds: Annotated[list[CompoundRef], Field(min_length=1, max_length=50)]
    items: Annotated[list[Code], Field(min_length=1, max_length=20)]


class TemplatePart(BaseModel):
    """One part of a weekday, Monday is 0; an end that is not after the start is on the next day."""

    model_config = Input

    weekday: Annotated[int, Field(strict=True, ge=0, le=6)]
    code: UpperCode
    label: Line
    start: TimeOfDay
    end: TimeOfDay
    capacity: Annotated[int, Field(strict=True, ge=1, le=1000)]
    on_holidays: Flag = False


class PutTemplate(BaseModel):
    """The whole week; parts that are left out are offered no more."""

    model_config = Input

    parts: Annotated[list[TemplatePart], Field(max_length=140)]

    @model_validator(mode="after")
    def _once(self) -> "PutTemplate":
        if len({(part.weekday, part.code) for part in self.parts}) != len(self.parts):
            raise ValueError("twice")
        return self


class TemplatePartRead(BaseModel):
    weekday: Annotated[int, Field(ge=0, le=6)]
    code: Annotated[str, Field(max_length=40)]
    label: Label
    start: TimeOfDay
    end: TimeOfDay
    capacity: Annotated[int, Field(ge=1, le=1000)]
    on_holidays: bool


class ResourceRead(BaseModel):
    id: UUID
    code: Annotated[str, Field(max_length=40)]
    type: ResourceType
    name: Label
    active: bool
    compounds: Annotated[list[str], Field(max_length=50)]
    items: Annotated[list[str], Field(max_length=20)]
    template: Annotated[list[TemplatePartRead], Field(max_length=140)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, resource: Resource, codes: Mapping[UUID, str]) -> "ResourceRead":
        parts = [
            TemplatePartRead(
                weekday=part.weekday,
                code=part.code,
                label=part.label,
                start=part.start_time,
                end=part.end_time,
                capacity=part.capacity,
                on_holidays=part.on_holidays,
            )
            for part in sorted(resource.template, key=lambda p: (p.weekday, p.start_time, p.code))
        ]
        return cls(
            id=resource.id,
            code=resource.code,
            type=ResourceType(resource.type),
            name=resource.name,
            active=resource.active,
            compounds=sorted({codes[use.compound_id] for use in resource.uses}),
            items=sorted({use.item_code for use in resource.uses}),
            template=parts,
            version=resource.version,
        )


class DisplacedRead(BaseModel):
    """An order that has to be given another time."""

    order_id: UUID
    slot_id: UUID
    date: date
    part: PartRead
    start: Local


class TemplateChanged(BaseModel):
    """The resource as it is now, and the orders whose slot no longer exists in the new week."""

    resource: ResourceRead
    displaced: Annotated[list[DisplacedRead], Field(max_length=2000)]


class NewClosure(BaseModel):
    """Days on which the resource is not to be had; `until` is the first day on which it is again."""

    model_config = Input

    since: Day
    until: Day
    reason: ClosureReason
    note: Note | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "NewClosure":
        if not 0 < (self.until - self.since).days <= 366:
            raise ValueError("period")
        return self


class ClosureRead(BaseModel):
    id: UUID
    since: date
    until: date
    reason: ClosureReason
    displaced: Annotated[list[DisplacedRead], Field(max_length=2000)]


class TakenRead(BaseModel):
    order_id: UUID
    state: ReservationState
    expires_at: Local | None


class DaySlotRead(BaseModel):
    """A slot of the day as the staff see it: who has which place."""

    id: UUID
    part: PartRead
    start: Local
    end: Local
    capacity: Annotated[int, Field(ge=0, le=1000)]
    booked: Annotated[int, Field(ge=0, le=1000)]
    closed: bool
    taken: Annotated[list[TakenRead], Field(max_length=1000)]


class DayRead(BaseModel):
    resource: ResourceRef
    date: date
    lunar: Annotated[str, Field(max_length=20)]
    holiday: Label | None
    working_day: bool
    slots: Annotated[list[DaySlotRead], Field(max_length=100)]


class HolidayInput(BaseModel):
    """A public holiday; `off` false marks a weekend day that is worked."""

    model_config = Input

    date: Day
    name: Line
    off: Flag = True


class PutHolidays(BaseModel):
    """All special days of the year as the State Council announces them."""

    model_config = Input

    days: Annotated[list[HolidayInput], Field(max_length=120)]


class HolidayRead(BaseModel):
    date: date
    name: Label
    off: bool


class HolidayYearRead(BaseModel):
    year: Annotated[int, Field(ge=1900, le=2199)]
    days: Annotated[list[HolidayRead], Field(max_length=120)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, year: HolidayYear) -> "HolidayYearRead":
        days = [HolidayRead(date=row.day, name=row.name, off=row.off) for row in sorted(year.days, key=lambda r: r.day)]
        return cls(year=year.year, days=days, version=year.version)
