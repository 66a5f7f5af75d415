"""The parts that an order's answer is made of: lines, money, quotes, slots, people, warnings, what happens next."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

from app.core import clock
from app.core.actors import Channel
from app.core.flow import Party
from app.kinds.facts import BillLine, QuoteState

Amount = Annotated[int, Field(ge=-10_000_000_000, le=10_000_000_000)]
Words = Annotated[str, Field(max_length=1000)]
Label = Annotated[str, Field(max_length=100)]
Local = Annotated[
    datetime,
    PlainSerializer(clock.wire, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T08:30:00+08:00"]}),
]


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
    """Something to know before ordering, and the rule that says it; `ack` asks to answer with its code in `acks`."""

    code: Annotated[str, Field(max_length=40)]
    text: Words
    source: Words
    ack: bool
    acknowledged: bool


class NumberToCall(BaseModel):
    number: Annotated[str, Field(max_length=20)]
    text: Words


class EmergencyRead(BaseModel):
    """What was written sounds like an emergency: whom to call now."""

    text: Words
    call: Annotated[list[NumberToCall], Field(max_length=10)]


class DutyPhone(BaseModel):
    """Somebody on duty now."""

    post: Label
    phone: Annotated[str, Field(max_length=20)]


class ClinicOfOrder(BaseModel):
    """The clinic that visits and charges."""

    code: Annotated[str, Field(max_length=40)]
    name: Label
    phone: Annotated[str, Field(max_length=20)]


class VisitorRead(BaseModel):
    """Who will ring the bell; whoever cannot say the code is somebody else."""

    name: Label
    post: Label
    door_code: Annotated[str, Field(max_length=4)] | None


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
    lunar: Label
    part: Label
    start: Local
    end: Local
    closed: bool


class OfferedTime(BaseModel):
    """A time that is held for this order until somebody chooses."""

    slot: SlotOfOrder
    until: Local


class RatingRead(BaseModel):
    score: Annotated[int, Field(ge=1, le=5)]
    comment: Words | None
    at: Local


def line_read(line: BillLine) -> LineRead:
    return LineRead(
        code=line.code,
        label=line.label,
        quantity=f"{line.quantity.normalize():f}",
        unit=line.unit,
        unit_price=f"{line.unit_price:f}",
        amount_fen=line.amount_fen,
    )
