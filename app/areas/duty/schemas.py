"""What crosses the wire about duty: whom to call now, and the rosters."""

from datetime import time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.areas.duty.models import DutyEntry, DutyLevel
from app.areas.duty.queries import DutyContact, Rosters
from app.core.text import Text

_LABELS = {
    DutyLevel.COMPOUND: Text("小区值班", "Compound"),
    DutyLevel.OPERATOR: Text("管理单位", "Operator"),
    DutyLevel.COMMUNITY: Text("社区", "Community"),
    DutyLevel.STREET: Text("街道", "Street"),
    DutyLevel.TOWN: Text("全市", "Town"),
}
Post = Annotated[str, Field(max_length=100)]
PhoneRead = Annotated[str, Field(max_length=20)]
TimeRead = Annotated[
    time,
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "minLength": 5, "maxLength": 5, "examples": ["20:00"]}),
]
Weekday = Annotated[int, Field(ge=0, le=6)]


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
    """A post, and when it is manned: Monday is 0; without `from` and `until` the whole day."""

    model_config = ConfigDict(populate_by_name=True)

    post: Post
    phone: PhoneRead
    weekdays: Annotated[list[Weekday], Field(max_length=7)]
    from_: TimeRead | None = Field(alias="from")
    until: TimeRead | None

    @classmethod
    def of(cls, entry: DutyEntry) -> "DutyEntryRead":
        return cls(
            post=entry.post,
            phone=entry.phone,
            weekdays=sorted(entry.weekdays),
            from_=entry.from_time,
            until=entry.until_time,
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
    def of(cls, compound: str, found: Rosters, chain: list[DutyContact]) -> "DutyRead":
        rosters = [
            RosterRead(
                level=level,
                level_label=str(_LABELS[level]),
                contacts=[DutyEntryRead.of(entry) for entry in entries],
                version=version,
            )
            for level, (version, entries) in found.lists.items()
        ]
        return cls(compound=compound, call_now=[CallNow.of(contact) for contact in chain], rosters=rosters)
