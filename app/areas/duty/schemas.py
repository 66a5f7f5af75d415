"""What crosses the wire about duty: whom to call now, and the rosters."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.areas.duty.models import EVERY_DAY, DutyEntry, DutyLevel
from app.areas.duty.queries import DutyContact, Rosters
from app.core.fields import TimeOfDay
from app.core.phones import PublicLine
from app.core.text import Line, Text

_LABELS = {
    DutyLevel.COMPOUND: Text("小区值班", "Compound"),
    DutyLevel.OPERATOR: Text("管理单位", "Operator"),
    DutyLevel.COMMUNITY: Text("社区", "Community"),
    DutyLevel.STREET: Text("街道", "Street"),
    DutyLevel.TOWN: Text("全市", "Town"),
}
Post = Annotated[str, Field(max_length=100)]
PhoneRead = Annotated[str, Field(max_length=20)]
Weekday = Annotated[int, Field(ge=0, le=6)]
Username = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$")]


class CallNow(BaseModel):
    """Somebody who answers now."""

    level: DutyLevel
    level_label: Annotated[str, Field(max_length=20)]
    post: Post
    phone: PhoneRead

    @classmethod
    def of(cls, contact: DutyContact) -> "CallNow":
        level = DutyLevel(contact.level)
        return cls(level=level, level_label=str(_LABELS[level]), post=contact.post, phone=contact.phone)


class DutyEntryRead(BaseModel):
    """A post, and when it is manned: Monday is 0; without `from` and `until` the whole day.

    `staff`, who stands there, is told only to those who keep the roster.
    """

    model_config = ConfigDict(populate_by_name=True)

    post: Post
    phone: PhoneRead
    weekdays: Annotated[list[Weekday], Field(max_length=7)]
    from_: TimeOfDay | None = Field(alias="from")
    until: TimeOfDay | None
    staff: Annotated[str, Field(max_length=40)] | None

    @classmethod
    def of(cls, entry: DutyEntry, usernames: Mapping[UUID, str]) -> "DutyEntryRead":
        return cls(
            post=entry.post,
            phone=entry.phone,
            weekdays=sorted(entry.weekdays),
            from_=entry.from_time,
            until=entry.until_time,
            staff=usernames.get(entry.staff_id) if entry.staff_id else None,
        )


class RosterRead(BaseModel):
    """The list of one level in the order of calling; version 0 when nobody has made one."""

    level: DutyLevel
    level_label: Annotated[str, Field(max_length=20)]
    contacts: Annotated[list[DutyEntryRead], Field(max_length=30)]
    version: Annotated[int, Field(ge=0, le=1_000_000)]


class DutyRead(BaseModel):
    """`call_now`: whom to call at this moment, the first to call first; never empty."""

    compound: Annotated[str, Field(max_length=40)]
    call_now: Annotated[list[CallNow], Field(max_length=200)]
    rosters: Annotated[list[RosterRead], Field(max_length=5)]

    @classmethod
    def of(cls, compound: str, found: Rosters, chain: list[DutyContact], usernames: Mapping[UUID, str]) -> "DutyRead":
        rosters = [
            RosterRead(
                level=level,
                level_label=str(_LABELS[level]),
                contacts=[DutyEntryRead.of(entry, usernames) for entry in entries],
                version=version,
            )
            for level, (version, entries) in found.lists.items()
        ]
        return cls(compound=compound, call_now=[CallNow.of(contact) for contact in chain], rosters=rosters)


class DutyEntryInput(BaseModel):
    """A post with its public phone; `until` not after `from` is on the next day, `staff` a username."""

    model_config = ConfigDict(extra="forbid")

    post: Line
    phone: PublicLine
    weekdays: Annotated[list[Annotated[int, Field(strict=True, ge=0, le=6)]], Field(min_length=1, max_length=7)] = (
        Field(default_factory=lambda: list(EVERY_DAY))
    )
    from_: TimeOfDay | None = Field(default=None, alias="from")
    until: TimeOfDay | None = None
    staff: Username | None = None

    @model_validator(mode="after")
    def _whole(self) -> "DutyEntryInput":
        if (self.from_ is None) != (self.until is None):
            raise ValueError("times")
        if len(set(self.weekdays)) != len(self.weekdays):
            raise ValueError("weekdays")
        return self

    @property
    def always(self) -> bool:
        return self.from_ is None and len(self.weekdays) == len(EVERY_DAY)


class PutDuty(BaseModel):
    """The whole list of one level, in the order of calling; an empty one leaves it to the next level."""

    model_config = ConfigDict(extra="forbid")

    level: DutyLevel = DutyLevel.COMPOUND
    contacts: Annotated[list[DutyEntryInput], Field(max_length=30)]
