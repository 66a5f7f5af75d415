"""What crosses the wire about sign-in and people."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.actors import Role
from app.core.clock import local
from app.core.fields import Flag, Instant
from app.core.phones import Phone
from app.core.text import Line, Reason, Text, UpperCode, mask_name, mask_phone
from app.people.consents.models import ConsentText
from app.people.models import Disclosure, Residency, ResidencyRole, Resident, RevealReason
from app.people.tokens import Issued

Input = ConfigDict(extra="forbid")
Token = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(max_length=100)]


BirthYear = Annotated[int, Field(strict=True, ge=1900, le=2100, examples=[1944])]
"""Of the birth only the year is asked for; it says who is a minor, and in which band of ages somebody is."""


class RequestCode(BaseModel):
    model_config = Input

    phone: Phone


class CodeSent(BaseModel):
    """Always the same, whoever has the phone."""

    expires_in: Annotated[int, Field(ge=1, le=3600, description="验证码有效的秒数")]


PhoneCodeText = Annotated[str, Field(min_length=6, max_length=6, pattern=r"^[0-9]{6}$")]
TextVersion = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[0-9A-Za-z.-]+$", examples=["2026-01"])]


class VerifyCode(BaseModel):
    """`name` or `new_person` when the number has not been used for long; `privacy_version` is what was agreed to.

    `link_token` comes from a sign-in by WeChat whose account nobody is linked to yet.
    """

    model_config = Input

    phone: Phone
    code: PhoneCodeText
    name: Line | None = None
    new_person: Flag = False
    privacy_version: TextVersion | None = None
    link_token: Token | None = None


class TokenRead(BaseModel):
    """RFC 6749, section 5.1."""

    access_token: Token
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(ge=1, le=1_000_000)]
    refresh_token: Token | None

    @classmethod
    def of(cls, issued: Issued) -> "TokenRead":
        return cls(
            access_token=issued.access_token,
            token_type="Bearer",  # noqa: S106 the scheme's name
            expires_in=issued.expires_in,
            refresh_token=issued.refresh_token,
        )


class SignedIn(TokenRead):
    """A resident's tokens; `new_resident` says that the phone was not known before.

    `privacy_version` is the privacy notice in force, `privacy_accepted` whether this very one has been agreed to.
    """

    resident_id: UUID
    new_resident: bool
    privacy_version: TextVersion | None
    privacy_accepted: bool


class OAuthError(BaseModel):
    """RFC 6749, section 5.2."""

    error: Annotated[str, Field(max_length=40, pattern="^[a-z_]+$")]
    error_description: Annotated[str, Field(max_length=300)]


class RoomOfMine(BaseModel):
    room: Annotated[str, Field(max_length=40)]
    label: Name
    role: ResidencyRole


class MeRead(BaseModel):
    """The one who is signed in. A resident's year of birth is None while nobody has told it."""

    role: Role
    id: UUID
    name: Name
    phone: Annotated[str, Field(max_length=20)] | None
    birth_year: BirthYear | None
    rooms: Annotated[list[RoomOfMine], Field(max_length=100)]
    all_areas: bool
    area_ids: Annotated[list[UUID], Field(max_length=1000)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]


class PutMe(BaseModel):
    """A resident's own name, year of birth and phone; what is left out stays. Another phone needs its code."""

    model_config = Input

    name: Line
    phone: Phone | None = None
    code: PhoneCodeText | None = None
    birth_year: BirthYear | None = None
    privacy_version: TextVersion | None = None


class PutResident(BaseModel):
    """What a clerk sets right; what is left out stays."""

    model_config = Input

    name: Line
    birth_year: BirthYear | None = None
    landline_only: Flag | None = None


class RevealResident(BaseModel):
    model_config = Input

    reason: RevealReason
    note: Reason | None = None


class ResidentRevealed(BaseModel):
    """Name and phone in full; the subject can read that they were shown."""

    id: UUID
    name: Name | None
    phone: Annotated[str, Field(max_length=20)] | None
    disclosure_id: UUID


REVEAL_REASONS = {
    RevealReason.CALL_BACK: Text("回电联系", "To call back"),
    RevealReason.EMERGENCY: Text("紧急情况", "Emergency"),
    RevealReason.IDENTITY_CHECK: Text("核对身份", "To check the identity"),
    RevealReason.CARE: Text("上门医疗服务", "For a visit at home"),
    RevealReason.COMPLAINT: Text("处理投诉", "To handle a complaint"),
    RevealReason.OTHER: Text("其他", "Other"),
}


class DisclosureRead(BaseModel):
    """Who was shown one's data, by post and role, without that person's own name."""

    id: UUID
    at: Instant
    role: Role
    post: Name
    fields: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=10)]
    reason: RevealReason
    reason_label: Name

    @classmethod
    def of(cls, row: Disclosure) -> "DisclosureRead":
        return cls(
            id=row.id,
            at=local(row.at),
            role=Role(row.role),
            post=row.staff.post,
            fields=row.fields,
            reason=RevealReason(row.reason),
            reason_label=str(REVEAL_REASONS[RevealReason(row.reason)]),
        )


class ConsentTextRead(BaseModel):
    """The version that is in force; a text never changes under its version."""

    code: UpperCode
    version: TextVersion
    title: Name
    body: Annotated[str, Field(max_length=20_000)]
    effective_from: date

    @classmethod
    def of(cls, row: ConsentText) -> "ConsentTextRead":
        return cls(
            code=row.code, version=row.version, title=row.title, body=row.body, effective_from=row.effective_from
        )


class ChangePassword(BaseModel):
    model_config = Input

    old_password: Annotated[str, Field(min_length=1, max_length=200)]
    new_password: Annotated[str, Field(min_length=10, max_length=200)]


class SearchResidents(BaseModel):
    """What the caller is known by; all that are given must fit, and one must be."""

    model_config = Input

    phone: Phone | None = None
    phone_last4: Annotated[str, Field(min_length=4, max_length=4, pattern=r"^[0-9]{4}$")] | None = None
    room: Annotated[str, Field(min_length=3, max_length=40, pattern=r"^[A-Z0-9-]+$")] | None = None
    name: Line | None = None

    @model_validator(mode="after")
    def _one(self) -> "SearchResidents":
        if not (self.phone or self.phone_last4 or self.room or self.name):
            raise ValueError("empty")
        return self


class RegisterResident(BaseModel):
    """A caller whom the system does not know yet. A child, or one of two with one phone, comes without a phone."""

    model_config = Input

    name: Line
    phone: Phone | None = None
    birth_year: BirthYear | None = None
    landline_only: Flag = False


class ResidentFound(BaseModel):
    """Masked: enough to recognise somebody on the phone, not enough to write it down."""

    id: UUID
    name_masked: Name
    phone_masked: Annotated[str, Field(max_length=20)]
    landline_only: bool
    rooms: Annotated[list[RoomOfMine], Field(max_length=100)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, person: Resident, rooms: list[Residency]) -> "ResidentFound":
        return cls(
            id=person.id,
            name_masked=mask_name(person.name or ""),
            phone_masked=mask_phone(person.phone or ""),
            landline_only=person.landline_only,
            rooms=[room_of_mine(row) for row in rooms],
            version=person.version,
        )


class ResidentsFound(BaseModel):
    items: Annotated[list[ResidentFound], Field(max_length=20)]


def room_of_mine(row: Residency) -> RoomOfMine:
    return RoomOfMine(room=row.room.code, label=row.room.label, role=ResidencyRole(row.role))


class NewStaff(BaseModel):
    """What `diandan staff add` asks."""

    model_config = Input

    username: Annotated[str, Field(min_length=2, max_length=40, pattern=r"^[a-z][a-z0-9_.-]*$")]
    name: Line
    role: Role
    post: Line
    areas: list[Annotated[str, Field(max_length=40)]]
