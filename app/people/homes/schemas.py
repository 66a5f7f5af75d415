"""What crosses the wire about bindings and invitations."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.clock import local
from app.core.fields import Day, Instant
from app.core.flow import Party
from app.core.text import Reason, mask_name, mask_phone
from app.people.homes.models import Invitation
from app.people.models import (
    RESIDENCY_FLOW,
    Residency,
    ResidencyRole,
    ResidencyStatus,
    VerifiedBy,
)

Input = ConfigDict(extra="forbid")
RoomCode = Annotated[str, Field(min_length=3, max_length=40, pattern=r"^[A-Z0-9-]+$", examples=["QHC-1-1-101"])]
InvitationCode = Annotated[str, Field(min_length=8, max_length=8, pattern=r"^[A-HJ-NP-Z2-9]{8}$")]
Name = Annotated[str, Field(max_length=100)]
GuestRole = Literal["FAMILY", "TENANT", "CAREGIVER"]


class BindRoom(BaseModel):
    """A room and what one is there; `on_behalf_of_id` when an agent types."""

    model_config = Input

    room: RoomCode
    role: ResidencyRole
    invitation_code: InvitationCode | None = None
    on_behalf_of_id: UUID | None = None


class InvitePerson(BaseModel):
    """What the invited one will be, over a half-open period of local days."""

    model_config = Input

    role: GuestRole
    start_on: Day | None = None
    end_on: Day | None = None


class InvitationRead(BaseModel):
    """The code is told this once."""

    code: InvitationCode
    role: GuestRole
    expires_at: Instant

    @classmethod
    def of(cls, code: str, row: Invitation) -> "InvitationRead":
        return cls.model_validate({"code": code, "role": row.role, "expires_at": local(row.expires_at)})


class VerifyResidency(BaseModel):
    """What is left out stays as it was asked for; without `end_on` the binding has no end."""

    model_config = Input

    action: Literal["verify"]
    start_on: Day | None = None
    end_on: Day | None = None
    role: ResidencyRole | None = None


class RejectResidency(BaseModel):
    model_config = Input

    action: Literal["reject"]
    reason: Reason


class WithdrawResidency(BaseModel):
    model_config = Input

    action: Literal["withdraw"]


class SuspendResidency(BaseModel):
    model_config = Input

    action: Literal["suspend"]
    reason: Reason


class ResumeResidency(BaseModel):
    model_config = Input

    action: Literal["resume"]


class EndResidency(BaseModel):
    """The first day on which it no longer holds; today when it is left out."""

    model_config = Input

    action: Literal["end"]
    on: Day | None = None


TakeResidencyStep = Annotated[
    VerifyResidency | RejectResidency | WithdrawResidency | SuspendResidency | ResumeResidency | EndResidency,
    Field(discriminator="action"),
]


class ResidencyRead(BaseModel):
    """A binding, its resident masked. `end_on` is the first day on which it no longer holds."""

    id: UUID
    room: Annotated[str, Field(max_length=40)]
    room_label: Name
    resident_id: UUID
    name_masked: Name
    phone_masked: Annotated[str, Field(max_length=20)]
    role: ResidencyRole
    status: ResidencyStatus
    status_label: Annotated[str, Field(max_length=40)]
    verified_by: VerifiedBy | None
    verified_at: Instant | None
    invited: bool
    start_on: date
    end_on: date | None
    due_on: date | None
    reason: Annotated[str, Field(max_length=300)] | None
    actions: Annotated[list[str], Field(max_length=10)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, row: Residency, parties: frozenset[Party]) -> "ResidencyRead":
        return cls.model_validate(_read(row, parties))


def _read(row: Residency, parties: frozenset[Party]) -> dict[str, object]:
    return {
        "id": row.id,
        "room": row.room.code,
        "room_label": row.room.label,
        "resident_id": row.resident_id,
        "name_masked": mask_name(row.resident.name or ""),
        "phone_masked": mask_phone(row.resident.phone or ""),
        "role": row.role,
        "status": row.status,
        "status_label": str(RESIDENCY_FLOW.label(row.status)),
        "verified_by": row.verified_by,
        "verified_at": local(row.verified_at) if row.verified_at else None,
        "invited": row.invited_by is not None,
        "start_on": row.start_on,
        "end_on": row.end_on,
        "due_on": row.due_on,
        "reason": row.reason,
        "actions": [step.action for step in RESIDENCY_FLOW.choices(row.status, parties)],
        "version": row.version,
    }


class MyResidencyRead(ResidencyRead):
    """One's own binding; an owner also sees whom an owner has let in."""

    guests: Annotated[list[ResidencyRead], Field(max_length=100)]

    @classmethod
    def with_guests(cls, row: Residency, parties: frozenset[Party], guests: Sequence[Residency]) -> "MyResidencyRead":
        owner = frozenset({Party.OWNER})
        return cls.model_validate({**_read(row, parties), "guests": [ResidencyRead.of(g, owner) for g in guests]})
