"""What crosses the wire about orders."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actors import Channel
from app.core.flow import Party
from app.core.text import Code, Note
from app.kinds.contact import Contact
from app.kinds.facts import Settlement
from app.kinds.registry import AnyDetails, AnyStep
from app.kinds.steps import Acks, ConsentGiven
from app.orders.parts import (
    ActionRead,
    Amount,
    ChargeRead,
    ClinicOfOrder,
    ContactRead,
    DutyPhone,
    EmergencyRead,
    HistoryRow,
    Label,
    Lines,
    Local,
    MoneyRead,
    NextRead,
    OfferedTime,
    PersonRead,
    PlacedBy,
    QuoteRead,
    RatingRead,
    ScheduleRead,
    SlotOfOrder,
    VisitorRead,
    WarningRead,
    Words,
)

Input = ConfigDict(extra="forbid")
CompoundRef = Annotated[str, Field(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$")]
RoomRef = Annotated[str, Field(min_length=3, max_length=40, pattern=r"^[A-Z0-9-]+$")]


class PlaceOrder(BaseModel):
    """An order. `on_behalf_of_id` is the person who orders when an agent or a proxy types; `beneficiary_id` whom it is for.

    `consents` are those of the subject himself, in the versions that he was shown; `acks` are the codes of warnings
    that have been read (after the refusal `emergency-words`: that very code).
    """

    model_config = Input

    compound: CompoundRef
    item: Code
    room: RoomRef | None = None
    price_version: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    details: AnyDetails
    slot_ids: Annotated[list[UUID], Field(max_length=40)] | None = None
    contact: Contact
    on_behalf_of_id: UUID | None = None
    beneficiary_id: UUID | None = None
    consents: Annotated[list[ConsentGiven], Field(max_length=5)] | None = None
    acks: Acks = None


TakeStep = AnyStep


class PreviewRead(BaseModel):
    """What the order would cost and what it still lacks; nothing is stored."""

    lines: Lines
    total_fen: Amount | None
    price_text: Words
    due_now_fen: Amount
    cancel_terms: Words
    warnings: Annotated[list[WarningRead], Field(max_length=20)]
    missing_consents: Annotated[list[str], Field(max_length=10)]
    slots_ok: bool
    emergency: EmergencyRead | None


class OrderRow(BaseModel):
    """An order in a list; `due` is until when the one whose turn it is should act."""

    id: UUID
    number: Annotated[str, Field(max_length=24)]
    kind: Annotated[str, Field(max_length=40)]
    item: Annotated[str, Field(max_length=40)]
    title: Label
    compound: CompoundRef
    room: RoomRef | None
    status: Annotated[str, Field(max_length=40)]
    status_label: Label
    settlement: Settlement
    actions: Annotated[list[str], Field(max_length=20)]
    waiting_for: Party | None
    due: Local | None
    displaced: bool
    flagged: bool
    placed_at: Local
    starts_at: Local | None
    version: Annotated[int, Field(ge=1, le=1_000_000)]


class OrderRead(BaseModel):
    """An order as this caller sees it now; `flagged` puts it first in line, `note` is there for the clinic alone.

    Property staff see of a clinic's visit only when and at which door: the people and the rest are null or empty.
    """

    id: UUID
    number: Annotated[str, Field(max_length=24)]
    kind: Annotated[str, Field(max_length=40)]
    item: Annotated[str, Field(max_length=40)]
    title: Label
    compound: CompoundRef
    compound_name: Label
    room: RoomRef | None
    room_label: Label | None
    status: Annotated[str, Field(max_length=40)]
    status_label: Label
    settlement: Settlement
    settlement_label: Label
    price_version: Annotated[int, Field(ge=1, le=1_000_000)]
    price_text: Words
    details: Annotated[dict[str, Any], Field(max_length=60)]
    lines: Lines
    money: MoneyRead
    quote: QuoteRead | None
    charges: Annotated[list[ChargeRead], Field(max_length=100)]
    schedule: ScheduleRead | None
    slots: Annotated[list[SlotOfOrder], Field(max_length=40)]
    offers: Annotated[list[OfferedTime], Field(max_length=3)]
    displaced: bool
    flagged: bool
    warnings: Annotated[list[WarningRead], Field(max_length=20)]
    call_now: Annotated[list[DutyPhone], Field(max_length=20)]
    confirm_by: Local | None
    clinic: ClinicOfOrder | None
    visitor: VisitorRead | None
    note: Annotated[str, Field(max_length=200)] | None
    findings: Annotated[dict[str, Any], Field(max_length=20)]
    warranty_until: date | None
    contact: ContactRead | None
    requester: PersonRead | None
    beneficiary: PersonRead | None
    placed_by: PlacedBy
    channel: Channel
    history: Annotated[list[HistoryRow], Field(max_length=10)]
    rating: RatingRead | None
    actions: Annotated[list[ActionRead], Field(max_length=20)]
    next: NextRead
    placed_at: Local
    closed_at: Local | None
    version: Annotated[int, Field(ge=1, le=1_000_000)]


class RateOrder(BaseModel):
    """One to five, once."""

    model_config = Input

    score: Annotated[int, Field(strict=True, ge=1, le=5)]
    comment: Note | None = None
