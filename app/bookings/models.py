"""What can be booked and when: capacity is a slot's row, never a count of what was inserted."""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.areas.models import Clinic
from app.db.base import Base, Created, Identified, Versioned, one_of
from app.db.types import Sealed


class ResourceType(StrEnum):
    VENUE = "VENUE"
    DOCTOR_TEAM = "DOCTOR_TEAM"
    CREW = "CREW"


class ReservationState(StrEnum):
    """A hold counts until it expires; a booking until it is released; a used one stays counted."""

    HELD = "HELD"
    BOOKED = "BOOKED"
    USED = "USED"
    RELEASED = "RELEASED"


ACTIVE = (ReservationState.HELD, ReservationState.BOOKED)


class ClosureReason(StrEnum):
    HOLIDAY = "HOLIDAY"
    SICK = "SICK"
    WEATHER = "WEATHER"
    OTHER = "OTHER"


class Resource(Identified, Versioned, Base):
    """A hall or a crew of one management area, or a doctor's team of a clinic that serves several."""

    __tablename__ = "resource"
    __table_args__ = (
        one_of("type", ResourceType),
        CheckConstraint("(area_id IS NULL) = (clinic_id IS NOT NULL)", name="owner"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("management_area.id"), index=True)
    clinic_id: Mapped[UUID | None] = mapped_column(ForeignKey("clinic.id"), index=True)
    type: Mapped[str]
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)

    clinic: Mapped[Clinic | None] = relationship(lazy="raise")
    uses: Mapped[list["ResourceUse"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    template: Mapped[list["SlotTemplate"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="(SlotTemplate.weekday, SlotTemplate.start_time)"
    )


class ResourceUse(Base):
    """Which item of which compound's menu books the resource; of its day parts only `parts`, or all of them."""

    __tablename__ = "resource_use"
    __table_args__ = (Index("ix_resource_use_compound_id_item_code", "compound_id", "item_code"),)

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compound.id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(primary_key=True)
    parts: Mapped[list[str] | None] = mapped_column(ARRAY(Text))


class SlotTemplate(Identified, Base):
    """One part of a weekday (Monday is 0), local time; an end that is not after the start is on the next day."""

    __tablename__ = "slot_template"
    __table_args__ = (
        UniqueConstraint("resource_id", "weekday", "code"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("capacity BETWEEN 1 AND 1000", name="capacity"),
    )

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"))
    weekday: Mapped[int]
    code: Mapped[str]
    label: Mapped[str]
    start_time: Mapped[time]
    end_time: Mapped[time]
    capacity: Mapped[int]
    on_holidays: Mapped[bool]


class Slot(Identified, Base):
    """One part of one day. `booked` is changed by conditional UPDATEs alone."""

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("resource_id", "day", "code"),
        CheckConstraint("booked BETWEEN 0 AND capacity", name="booked"),
    )

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"))
    day: Mapped[date]
    code: Mapped[str]
    label: Mapped[str]
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)
    closed: Mapped[bool] = mapped_column(default=False)

    resource: Mapped[Resource] = relationship(lazy="raise")


class Reservation(Identified, Created, Base):
    """An order's place in a slot; `order_id` belongs to a floor above."""

    __tablename__ = "reservation"
    __table_args__ = (
        one_of("state", ReservationState),
        CheckConstraint("(state = 'HELD') = (expires_at IS NOT NULL)", name="hold_expires"),
        Index(
            "uq_reservation_active",
            "order_id",
            "slot_id",
            unique=True,
            postgresql_where=text("state IN ('HELD', 'BOOKED')"),
        ),
        Index("ix_reservation_expires_at", "expires_at", postgresql_where=text("state = 'HELD'")),
    )

    slot_id: Mapped[UUID] = mapped_column(ForeignKey("slot.id"), index=True)
    order_id: Mapped[UUID] = mapped_column(index=True)
    state: Mapped[str]
    expires_at: Mapped[datetime | None]

    slot: Mapped[Slot] = relationship(lazy="raise")


class Closure(Identified, Created, Base):
    """Days on which a resource is not to be had, half-open."""

    __tablename__ = "closure"
    __table_args__ = (
        one_of("reason", ClosureReason),
        CheckConstraint("ends_on > starts_on", name="period"),
        Index("ix_closure_resource_id_ends_on", "resource_id", "ends_on"),
    )

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str]
    note: Mapped[str | None] = mapped_column(Sealed("closure.note"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))


class HolidayYear(Versioned, Base):
    """A year whose public holidays somebody has imported."""

    __tablename__ = "holiday_year"

    year: Mapped[int] = mapped_column(primary_key=True)

    days: Mapped[list["Holiday"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="Holiday.day")


class Holiday(Base):
    """A public holiday, or (`off` false) a weekend day that is worked."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("holiday_year.year"), index=True)
    name: Mapped[str]
    off: Mapped[bool]
