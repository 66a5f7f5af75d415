"""What crosses the wire about proxies."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.core.actors import Actor, Role
from app.core.flow import Party
from app.core.phones import Phone
from app.core.text import Line, mask_name, mask_phone
from app.people.homes.schemas import RoomCode
from app.people.models import Resident
from app.people.proxies.models import PROXY_FLOW, Proxy, ProxyEvidence, ProxyScope, ProxyStatus
from app.people.schemas import PhoneCodeText

Input = ConfigDict(extra="forbid")
Name = Annotated[str, Field(max_length=100)]


def _each_once(scopes: list[ProxyScope]) -> list[ProxyScope]:
    return [scope for scope in ProxyScope if scope in scopes]


Scopes = Annotated[list[ProxyScope], Field(min_length=1, max_length=5), AfterValidator(_each_once)]
Months = Annotated[int, Field(strict=True, ge=1, le=12)]


class AskProxy(BaseModel):
    """`role` is the part of the one who is named, by phone or by a room of which he is the owner.

    `relation` is what the holder is to the principal, such as 女儿.
    """

    model_config = Input

    role: Literal["PRINCIPAL", "PROXY"]
    phone: Phone | None = None
    room: RoomCode | None = None
    relation: Line
    scopes: Scopes
    months: Months = 12

    @model_validator(mode="after")
    def _one(self) -> "AskProxy":
        if (self.phone is None) == (self.room is None):
            raise ValueError("one")
        return self


class RecordProxy(BaseModel):
    """What a clerk has on paper: signed by the principal, or the proof of a guardianship."""

    model_config = Input

    holder_id: UUID
    relation: Line
    scopes: Scopes
    evidence: Literal["SIGNED_PAPER", "GUARDIANSHIP"]
    paper_number: Line
    months: Months = 12


class ConfirmProxy(BaseModel):
    """The code that the principal got; his name too where his number has not been verified for long."""

    model_config = Input

    action: Literal["confirm"]
    code: PhoneCodeText
    name: Line | None = None


class ResendProxyCode(BaseModel):
    model_config = Input

    action: Literal["resend"]


class DeclineProxy(BaseModel):
    model_config = Input

    action: Literal["decline"]


class RevokeProxy(BaseModel):
    model_config = Input

    action: Literal["revoke"]


TakeProxyStep = Annotated[ConfirmProxy | ResendProxyCode | DeclineProxy | RevokeProxy, Field(discriminator="action")]


class SideRead(BaseModel):
    """One side of a proxy, masked. Whoever asked sees of the other what he typed, until the code was brought."""

    resident_id: UUID | None
    name_masked: Name | None
    phone_masked: Annotated[str, Field(max_length=20)] | None
    room: Annotated[str, Field(max_length=40)] | None


class ProxyRead(BaseModel):
    """A proxy over a half-open period of local days."""

    id: UUID
    principal: SideRead
    holder: SideRead
    relation: Name | None
    scopes: Annotated[list[ProxyScope], Field(max_length=5)]
    evidence: ProxyEvidence
    paper_number: Name | None
    status: ProxyStatus
    status_label: Annotated[str, Field(max_length=40)]
    valid_from: date
    valid_until: date
    actions: Annotated[list[str], Field(max_length=10)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, row: Proxy, actor: Actor, parties: frozenset[Party]) -> "ProxyRead":
        return cls.model_validate(
            {
                "id": row.id,
                "principal": _side(row, actor, row.principal_id, row.principal),
                "holder": _side(row, actor, row.holder_id, row.holder),
                "relation": row.relation,
                "scopes": row.scopes,
                "evidence": row.evidence,
                "paper_number": row.paper_number,
                "status": row.status,
                "status_label": str(PROXY_FLOW.label(row.status)),
                "valid_from": row.valid_from,
                "valid_until": row.valid_until,
                "actions": [step.action for step in PROXY_FLOW.choices(row.status, parties)],
                "version": row.version,
            }
        )


def _side(row: Proxy, actor: Actor, resident_id: UUID | None, person: Resident | None) -> SideRead:
    """Who asked learns nothing about the one he named before the code came back: not even whether he is known."""
    guessed = row.confirmed_at is None and row.asked_by is not None and resident_id != row.asked_by
    named = row.named or ""
    if guessed and actor.role in {Role.RESIDENT, Role.AGENT} and row.asked_by in {actor.id, actor.for_id}:
        by_phone = named.startswith("+")
        return SideRead(
            resident_id=None,
            name_masked=None,
            phone_masked=mask_phone(named) if by_phone else None,
            room=None if by_phone or not named else named,
        )
    if person is None:
        return SideRead(resident_id=None, name_masked=None, phone_masked=None, room=None)
    return SideRead(
        resident_id=person.id,
        name_masked=mask_name(person.name) if person.name else None,
        phone_masked=mask_phone(person.phone) if person.phone else None,
        room=None,
    )
