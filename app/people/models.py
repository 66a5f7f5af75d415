"""People: residents, staff and API clients. Names and phones lie sealed, with blind indexes to find them by."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.areas.models import Room
from app.core.actors import STAFF
from app.core.flow import Flow, Party, Step
from app.core.text import Text
from app.db.base import Base, Created, Identified, Versioned, one_of
from app.db.types import Sealed, SealedJSON, blind


class ResidencyRole(StrEnum):
    OWNER = "OWNER"
    CO_OWNER = "CO_OWNER"
    FAMILY = "FAMILY"
    TENANT = "TENANT"
    CAREGIVER = "CAREGIVER"


OWNERS = frozenset({ResidencyRole.OWNER, ResidencyRole.CO_OWNER})


class ResidencyStatus(StrEnum):
    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    SUSPENDED = "SUSPENDED"
    REJECTED = "REJECTED"
    ENDED = "ENDED"


class VerifiedBy(StrEnum):
    """What a binding stands on: the phone in the roster, an owner's invitation, or a clerk's eyes."""

    ROSTER = "ROSTER"
    INVITATION = "INVITATION"
    CLERK = "CLERK"


_S = ResidencyStatus
_CLERK = frozenset({Party.CLERK})
RESIDENCY_FLOW = Flow(
    _S.PENDING,
    {
        _S.PENDING: Text("待核实", "Pending"),
        _S.VERIFIED: Text("已绑定", "Verified"),
        _S.SUSPENDED: Text("已冻结", "Suspended"),
        _S.REJECTED: Text("未通过", "Rejected"),
        _S.ENDED: Text("已解除", "Ended"),
    },
    Step("verify", {_S.PENDING}, _S.VERIFIED, by=_CLERK, label=Text("核实通过", "Verify")),
    Step("reject", {_S.PENDING}, _S.REJECTED, by=_CLERK, label=Text("不通过", "Reject")),
    Step("withdraw", {_S.PENDING}, _S.ENDED, by=frozenset({Party.RESIDENT}), label=Text("撤回申请", "Withdraw")),
    Step("suspend", {_S.VERIFIED}, _S.SUSPENDED, by=_CLERK, label=Text("冻结", "Suspend")),
    Step("resume", {_S.SUSPENDED}, _S.VERIFIED, by=_CLERK, label=Text("恢复", "Resume")),
    Step(
        "end",
        {_S.VERIFIED, _S.SUSPENDED},
        {_S.ENDED, _S.VERIFIED, _S.SUSPENDED},
        by=frozenset({Party.RESIDENT, Party.OWNER, Party.CLERK}),
        label=Text("解除绑定", "End"),
    ),
)
"""An end on a later day is written down and leaves the status; on that day the residency no longer holds."""


PHONE, PHONE_LAST4, NAME = "resident.phone", "resident.phone_last4", "resident.name"


class Resident(Identified, Versioned, Base):
    """A person who may live here or act for one who does. The phone is E.164 (`+8613800000001`).

    `phone_verified_at` says when somebody last showed to hold the phone; None for one whom an agent registered. Of the
    birth only the year is kept. `away_since`: in hospital from that day; `closed_at`: the account was closed, and nothing
    personal is left.
    """

    __tablename__ = "resident"

    phone: Mapped[str | None] = mapped_column(Sealed(PHONE))
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    phone_last4_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    name: Mapped[str | None] = mapped_column(Sealed(NAME))
    name_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    landline_only: Mapped[bool] = mapped_column(default=False)
    demo: Mapped[bool] = mapped_column(default=False)
    registered_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    phone_verified_at: Mapped[datetime | None]
    privacy_version: Mapped[str | None]
    privacy_accepted_at: Mapped[datetime | None]
    birth_year: Mapped[int | None] = mapped_column(SealedJSON("resident.birth_year"))
    away_since: Mapped[date | None]
    deceased_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]

    def known_by(self, phone: str | None, name: str | None) -> None:
        """Set phone and name together with the indexes that find them."""
        if phone is not None:
            self.phone, self.phone_index = phone, blind(phone, PHONE)
            self.phone_last4_index = blind(phone[-4:], PHONE_LAST4)
        if name is not None:
            self.name, self.name_index = name, blind(name, NAME)

    def lose_phone(self) -> None:
        """The number belongs to somebody else now; the person stays, and nobody inherits anything."""
        self.phone = self.phone_index = self.phone_last4_index = self.phone_verified_at = None


class Residency(Identified, Versioned, Base):
    """Who lives in or owns a room, over a half-open period of local days.

    `requested_by` is the agent who asked for it on the resident's behalf, `invited_by` the owner whose invitation it
    stands on, `decided_by` the clerk. `due_on`: the day by which a clerk decides about a pending one.
    """

    __tablename__ = "residency"
    __table_args__ = (
        one_of("role", ResidencyRole),
        one_of("status", ResidencyStatus),
        one_of("verified_by", VerifiedBy),
        CheckConstraint("end_on IS NULL OR end_on >= start_on", name="period"),
        Index("ix_residency_resident_id_room_id", "resident_id", "room_id"),
    )

    resident_id: Mapped[UUID] = mapped_column(ForeignKey("resident.id"))
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id"), index=True)
    role: Mapped[str]
    status: Mapped[str]
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    verified_by: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    due_on: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(Sealed("residency.reason"))

    room: Mapped[Room] = relationship(lazy="raise")
    resident: Mapped[Resident] = relationship(foreign_keys=[resident_id], lazy="raise")


class PhoneCode(Identified, Created, Base):
    """A code on its way: to sign in, or to confirm a proxy. It waits sealed until it is sent, then its digest stays."""

    __tablename__ = "phone_code"
    __table_args__ = (Index("ix_phone_code_phone_index_created_at", "phone_index", "created_at"),)

    phone_index: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[str | None] = mapped_column(Sealed("phone_code.phone"))
    code: Mapped[str | None] = mapped_column(Sealed("phone_code.code"))
    code_index: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    proxy_id: Mapped[UUID | None]


class Attempts(Base):
    """How often something was tried in a period: codes asked for a phone on a day, from an address in an hour."""

    __tablename__ = "attempts"

    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    period_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]


class TokenFamily(Identified, Created, Base):
    """One sign-in of a resident on one device; reuse of a spent refresh token ends it."""

    __tablename__ = "token_family"

    resident_id: Mapped[UUID] = mapped_column(ForeignKey("resident.id"), index=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]


class RefreshToken(Created, Base):
    __tablename__ = "refresh_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    family_id: Mapped[UUID] = mapped_column(ForeignKey("token_family.id"), index=True)
    used_at: Mapped[datetime | None]


class Staff(Identified, Versioned, Base):
    """Someone who works here. `all_areas` spares the rows for those who serve the whole town.

    `clinic_id` is the clinic of a doctor or a nurse: what the clinic alone may see, its own staff see.
    """

    __tablename__ = "staff"
    __table_args__ = (one_of("role", sorted(STAFF)),)

    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    post: Mapped[str]
    password_hash: Mapped[str]
    clinic_id: Mapped[UUID | None] = mapped_column(ForeignKey("clinic.id"))
    all_areas: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)


class StaffArea(Base):
    __tablename__ = "staff_area"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    area_id: Mapped[UUID] = mapped_column(ForeignKey("management_area.id"), primary_key=True, index=True)


class ApiClient(Identified, Versioned, Base):
    """An integrator's machine. Its secret is long and random, so a plain digest is enough."""

    __tablename__ = "api_client"

    client_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary)
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)


class ApiClientCompound(Base):
    """A compound whose notices and payments the client was granted."""

    __tablename__ = "api_client_compound"

    api_client_id: Mapped[UUID] = mapped_column(ForeignKey("api_client.id"), primary_key=True)
    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compound.id"), primary_key=True)


class AccessSession(Identified, Created, Base):
    """A sign-in of staff or of an API client: an opaque token that slides, ends, and can be revoked at once."""

    __tablename__ = "access_session"
    __table_args__ = (Index("ix_access_session_staff_id", "staff_id", postgresql_where=text("staff_id IS NOT NULL")),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    api_client_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_client.id"))
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RevealReason(StrEnum):
    """Why somebody's full name and phone were asked for."""

    CALL_BACK = "CALL_BACK"
    EMERGENCY = "EMERGENCY"
    IDENTITY_CHECK = "IDENTITY_CHECK"
    CARE = "CARE"
    COMPLAINT = "COMPLAINT"
    OTHER = "OTHER"


class RevealOutcome(StrEnum):
    SHOWN = "SHOWN"
    DENIED = "DENIED"


class Disclosure(Identified, Base):
    """That a staff member was shown somebody's personal data, or was denied it: then without a subject."""

    __tablename__ = "disclosure"
    __table_args__ = (
        one_of("role", sorted(STAFF)),
        one_of("reason", RevealReason),
        one_of("outcome", RevealOutcome),
        Index("ix_disclosure_subject_id_id", "subject_id", "id"),
    )

    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    role: Mapped[str]
    fields: Mapped[list[str]] = mapped_column(JSONB)
    reason: Mapped[str]
    note: Mapped[str | None] = mapped_column(Sealed("disclosure.note"))
    call_id: Mapped[UUID | None]
    outcome: Mapped[str]
    at: Mapped[datetime]

    staff: Mapped[Staff] = relationship(lazy="raise")
