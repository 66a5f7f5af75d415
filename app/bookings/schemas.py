"""What crosses the wire about bookable time."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from app.bookings.models import ClosureReason, HolidayYear, ReservationState, Slot
from app.calendar import Holidays, lunar_text
from app.core import clock
from app.core.fields import Day, Flag
from app.core.text import Line, Note

Input = ConfigDict(extra="forbid")
Local = Annotated[
    datetime, PlainSerializer(clock.wire, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
Label = Annotated[str, Field(max_length=100)]
CompoundRef = Annotated[str, Field(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$")]


class SlotState(StrEnum):
    FREE = "FREE"
    FULL = "FULL"
    CLOSED = "CLOSED"
    PAST = "PAST"


class ResourceRef(BaseModel):
    id: UUID
    code: Annotated[str, Field(max_length=40)]
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
            resource=ResourceRef(id=slot.resource_id, code=slot.resource.code, name=slot.resource.name),
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


class DisplacedRead(BaseModel):
    """An order that has to be given another time."""

    order_id: UUID
    slot_id: UUID
    date: date
    part: PartRead
    start: Local


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
