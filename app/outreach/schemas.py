"""What crosses the wire about calls."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.core import clock
from app.core.phones import Phone
from app.core.text import Note, mask_phone
from app.outreach.models import CALL_FLOW, Call, CallOutcome, CallStatus, Direction
from app.people.models import Residency, Resident
from app.people.schemas import ResidentFound

Input = ConfigDict(extra="forbid")
Local = Annotated[
    datetime, PlainSerializer(clock.wire, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]


class CallChannel(StrEnum):
    PHONE = "PHONE"
    COUNTER = "COUNTER"
    CHAT_GROUP = "CHAT_GROUP"
    HOTLINE_12345 = "HOTLINE_12345"
    VISIT = "VISIT"


class IdentityCheck(StrEnum):
    """What the caller was asked to prove who he is; two of them make a check."""

    ROOM = "ROOM"
    NAME = "NAME"
    PHONE_LAST4 = "PHONE_LAST4"
    CALL_BACK = "CALL_BACK"
    IN_PERSON = "IN_PERSON"


class OpenCall(BaseModel):
    """The beginning of a conversation."""

    model_config = Input

    channel: CallChannel
    direction: Direction
    caller_phone: Phone | None = None
    identity_check: Annotated[list[IdentityCheck], Field(max_length=5)]


class LinkCall(BaseModel):
    """Whose call it is."""

    model_config = Input

    action: Literal["link"]
    resident_id: UUID


class CloseCall(BaseModel):
    """How it ended."""

    model_config = Input

    action: Literal["close"]
    outcome: CallOutcome
    note: Note | None = None


TakeCallStep = Annotated[LinkCall | CloseCall, Field(discriminator="action")]


class CallRead(BaseModel):
    """A call record; its `number` goes into the header `Call-Id` of what is done under it."""

    id: UUID
    number: Annotated[str, Field(max_length=24)]
    channel: CallChannel
    direction: Direction
    caller_phone_masked: Annotated[str, Field(max_length=20)] | None
    identity_check: Annotated[list[IdentityCheck], Field(max_length=5)]
    resident_id: UUID | None
    status: CallStatus
    status_label: Annotated[str, Field(max_length=40)]
    outcome: CallOutcome | None
    actions: Annotated[list[str], Field(max_length=5)]
    opened_at: Local
    closed_at: Local | None
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, call: Call) -> "CallRead":
        return cls(**_call(call))


class CallOpened(CallRead):
    """The new record, and the residents who may be calling."""

    candidates: Annotated[list[ResidentFound], Field(max_length=20)]

    @classmethod
    def with_candidates(cls, call: Call, people: list[Resident], homes: list[Residency]) -> "CallOpened":
        found = [ResidentFound.of(p, [row for row in homes if row.resident_id == p.id]) for p in people]
        return cls(**_call(call), candidates=found)


def _call(call: Call) -> dict[str, object]:
    return {
        "id": call.id,
        "number": call.number,
        "channel": call.channel,
        "direction": call.direction,
        "caller_phone_masked": mask_phone(call.caller_phone) if call.caller_phone else None,
        "identity_check": call.identity_check,
        "resident_id": call.resident_id,
        "status": call.status,
        "status_label": str(CALL_FLOW.label(call.status)),
        "outcome": call.outcome,
        "actions": [step.action for step in CALL_FLOW.choices(call.status, frozenset(CALL_FLOW.steps[0].by))],
        "opened_at": call.created_at,
        "closed_at": call.closed_at,
        "version": call.version,
    }
