"""What crosses the wire about orders."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.core import clock
from app.core.actors import Channel
from app.core.flow import Party
from app.core.text import Code, Note
from app.kinds.contact import Contact
from app.kinds.facts import BillLine, QuoteState, Settlement
from app.kinds.registry import AnyDetails, AnyStep

Input = ConfigDict(extra="forbid")
Amount = Annotated[int, Field(ge=-10_000_000_000, le=10_000_000_000)]
Words = Annotated[str, Field(max_length=1000)]
Label = Annotated[str, Field(max_length=100)]
Local = Annotated[
    datetime,
    PlainSerializer(clock.wire, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T08:30:00+08:00"]}),
]
CompoundRef = Annotated[str, Field(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$")]
RoomRef = Annotated[str, Field(min_length=3, max_length=40, pattern=r"^[A-Z0-9-]+$")]


class PlaceOrder(BaseModel):
    """An order. `on_behalf_of_id` is the person who orders when an agent types; `beneficiary_id` whom it is for."""

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


TakeStep = AnyStep


class LineRead(BaseModel):
    """Quantity times unit price (yuan), rounded once to fen."""

    code: Annotated[str, Field(max_length=40)]
    label: Label
    quantity: Annotated[str, Field(max_length=20)]
    unit: Annotated[str, Field(max_length=20)]
    unit_price: Annotated[str, Field(max_length=20)]
    amount_fen: Amount


Lines = Annotated[list[LineRead], Field(max_length=100)]


class WarningRead(BaseModel):
    code: Annotated[str, Field(max_length=40)]
    text: Words
    source: Words


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


class ConsequenceRead(BaseModel):
    text: Words
    fee_fen: Amount | None
    refund_fen: Amount | None


class ActionRead(BaseModel):
    """Enough to draw the button, its form and its warning; `takes` is null when nothing is asked."""

    action: Annotated[str, Field(max_length=40)]
    label: Label
    takes: Annotated[dict[str, Any], Field(max_length=10)] | None
    consequence: ConsequenceRead | None


class WaitingFor(BaseModel):
    role: Party | None
    known: Label | None


class NextRead(BaseModel):
    """What an agent reads out: what happens next, who has to act, and until when."""

    text: Words
    waiting_for: WaitingFor
    due: Local | None


class MoneyRead(BaseModel):
    quoted_fen: Amount | None
    due_fen: Amount
    due_by: Local | None
    paid_fen: Amount
    refunded_fen: Amount
    balance_fen: Amount


class QuoteRead(BaseModel):
    """The current version of the quote."""

    version: Annotated[int, Field(ge=1, le=1000)]
    state: QuoteState
    lines: Lines
    total_fen: Amount
    deposit_fen: Amount
    note: Words | None
    expires_at: Local


class ChargeRead(BaseModel):
    """A settlement list: shown before anything is paid (明码标价和禁止价格欺诈规定, art. 15)."""

    purpose: Annotated[str, Field(max_length=40)]
    state: Annotated[str, Field(max_length=40)]
    lines: Lines
    amount_fen: Amount
    paid_fen: Amount
    refunded_fen: Amount
    due_by: Local | None


class ContactRead(BaseModel):
    """Masked for everybody but the one who ordered; `reveal` shows it, with a reason."""

    name: Label
    phone: Annotated[str, Field(max_length=20)]
    relation: Label | None
    call_before: bool


class PersonRead(BaseModel):
    id: UUID
    name: Label


class PlacedBy(BaseModel):
    role: Annotated[str, Field(max_length=20)]
    name: Label
    call_id: UUID | None


class HistoryRow(BaseModel):
    """One thing that happened: who, for whom, by which channel, from where to where."""

    at: Local
    action: Annotated[str, Field(max_length=40)]
    label: Label
    from_status: Annotated[str, Field(max_length=40)] | None
    to_status: Annotated[str, Field(max_length=40)]
    actor_role: Annotated[str, Field(max_length=20)]
    actor_name: Label
    on_behalf_of_id: UUID | None
    channel: Channel
    reason: Words | None


class ScheduleRead(BaseModel):
    start: Local
    end: Local
    workers: Annotated[list[Label], Field(max_length=10)]


class SlotOfOrder(BaseModel):
    """A bookable time that the order has; `closed` asks for another one."""

    id: UUID
    resource: Label
    date: date
    part: Label
    start: Local
    end: Local
    closed: bool


class RatingRead(BaseModel):
    score: Annotated[int, Field(ge=1, le=5)]
    comment: Words | None
    at: Local


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
    placed_at: Local
    starts_at: Local | None
    version: Annotated[int, Field(ge=1, le=1_000_000)]


class OrderRead(BaseModel):
    """An order as this caller sees it now."""

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
    displaced: bool
    findings: Annotated[dict[str, Any], Field(max_length=20)]
    warranty_until: date | None
    contact: ContactRead
    requester: PersonRead
    beneficiary: PersonRead
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


def line_read(line: BillLine) -> LineRead:
    return LineRead(
        code=line.code,
        label=line.label,
        quantity=f"{line.quantity.normalize():f}",
        unit=line.unit,
        unit_price=f"{line.unit_price:f}",
        amount_fen=line.amount_fen,
    )
