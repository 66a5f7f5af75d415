"""Duty rosters: one per compound, operator, community, street and for the town, each a list in the order of calling."""

from datetime import time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.areas.models import Compound
from app.db.base import Base, Identified, Versioned, one_of


class DutyLevel(StrEnum):
    """Who answers, from the nearest to the last; what is empty falls through to the next."""

    COMPOUND = "COMPOUND"
    OPERATOR = "OPERATOR"
    COMMUNITY = "COMMUNITY"
    STREET = "STREET"
    TOWN = "TOWN"


EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
TOWN = ""
"""The one subject of the town's level."""


def subjects(compound: Compound) -> dict[DutyLevel, str]:
    """Whose rosters count for a compound (loaded with its area's operator): codes, and names of street and community."""
    area = compound.area
    return {
        DutyLevel.COMPOUND: compound.code,
        DutyLevel.OPERATOR: area.operator.code,
        DutyLevel.COMMUNITY: f"{area.street}/{area.neighbourhood}",
        DutyLevel.STREET: area.street,
        DutyLevel.TOWN: TOWN,
    }


class DutyRoster(Identified, Versioned, Base):
    """The list of one level for one subject, replaced as a whole."""

    __tablename__ = "duty_roster"
    __table_args__ = (one_of("level", DutyLevel), UniqueConstraint("level", "subject"))

    level: Mapped[str]
    subject: Mapped[str]


class DutyEntry(Identified, Base):
    """A post with its duty phone, public and kept as it is read out, and when it is manned.

    Monday is 0. `from_time` and `until_time` are local and half-open, both null for the whole day; an end that is not
    after the start is on the next day. `staff_id` is who stands there; people are a floor above.
    """

    __tablename__ = "duty_entry"
    __table_args__ = (
        UniqueConstraint("roster_id", "ordinal"),
        CheckConstraint("weekdays <> '{}' AND weekdays <@ ARRAY[0, 1, 2, 3, 4, 5, 6]", name="weekdays"),
        CheckConstraint("(from_time IS NULL) = (until_time IS NULL)", name="times"),
    )

    roster_id: Mapped[UUID] = mapped_column(ForeignKey("duty_roster.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    post: Mapped[str]
    phone: Mapped[str]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"), index=True)
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    from_time: Mapped[time | None]
    until_time: Mapped[time | None]
