"""The words that the kinds share: what a step takes, the same for every kind that has it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.fields import Flag, Instant
from app.core.money import MAX_FEN
from app.core.text import Code, Line, Note, Reason, UpperCode
from app.kinds.base import StepBody
from app.kinds.facts import BillLine

Fen = Annotated[int, Field(strict=True, ge=0, le=MAX_FEN)]
DecimalText = Annotated[str, Field(min_length=1, max_length=16, pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?$")]
"""A decimal as text, up to nine digits and four places: `42.00`."""


class PaymentMethod(StrEnum):
    CASH = "CASH"
    POS = "POS"
    TRANSFER = "TRANSFER"


class DisputeOutcome(StrEnum):
    """How a dispute ends: done again, made cheaper, or left as it is."""

    REDO = "REDO"
    REDUCE = "REDUCE"
    UPHOLD = "UPHOLD"


Acks = Annotated[list[Code], Field(max_length=20)] | None
"""Warnings that have been read and are answered with “all the same”."""
Workers = Annotated[list[UUID], Field(min_length=1, max_length=10)]


class QuoteLine(BaseModel):
    """One line of a quote; amount is quantity times unit price, rounded once to fen."""

    model_config = ConfigDict(extra="forbid")

    label: Line
    quantity: DecimalText
    unit: Annotated[str, Field(min_length=1, max_length=20, pattern="^[^\\u0000]*$")]
    unit_price: DecimalText


class ConsentGiven(BaseModel):
    """A consent in the version that its subject was shown."""

    model_config = ConfigDict(extra="forbid")

    code: UpperCode
    version: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[0-9A-Za-z.-]+$")]


class Accept(StepBody):
    """Take the order on, or accept a quote: then `quote_version` names the one that was read."""

    action: Literal["accept"]
    quote_version: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None
    read_back: Flag = False


class Reject(StepBody):
    action: Literal["reject"]
    reason: Reason | None = None
    acks: Acks = None


class Decline(StepBody):
    action: Literal["decline"]
    reason: Reason


class MakeQuote(StepBody):
    action: Literal["quote"]
    lines: Annotated[list[QuoteLine], Field(min_length=1, max_length=50)]
    note: Note | None = None
    valid_days: Annotated[int, Field(strict=True, ge=1, le=30)] = 15


class Assign(StepBody):
    """Who does the next piece of work."""

    action: Literal["assign"]
    worker_ids: Workers


class Reschedule(StepBody):
    """Other slots instead of those that the order has; all of them or none."""

    action: Literal["reschedule"]
    slot_ids: Annotated[list[UUID], Field(min_length=1, max_length=40)]


class Schedule(StepBody):
    """When the work is done (half-open, at most 14 days) and by whom; in a blocked season only with a reason."""

    action: Literal["schedule"]
    start: Instant
    end: Instant
    worker_ids: Workers
    emergency_reason: Reason | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Schedule":
        start: datetime = self.start
        if not 0 < (self.end - start).total_seconds() <= 14 * 86400:
            raise ValueError("period")
        return self


class Start(StepBody):
    action: Literal["start"]


class Finish(StepBody):
    action: Literal["finish"]
    report: Note


class Confirm(StepBody):
    action: Literal["confirm"]


class Dispute(StepBody):
    action: Literal["dispute"]
    reason: Reason
    acks: Acks = None


class Resolve(StepBody):
    action: Literal["resolve"]
    outcome: DisputeOutcome
    note: Note
    reduce_fen: Fen | None = None


class Settle(StepBody):
    """Money taken in at the counter, in fen; a part of the balance is possible, more than it is not."""

    action: Literal["settle"]
    method: PaymentMethod
    amount_fen: Annotated[int, Field(strict=True, ge=1, le=MAX_FEN)]
    receipt_no: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")] | None = None


class Refund(StepBody):
    """Money given back at the counter, in fen; not more than is to be given back."""

    action: Literal["refund"]
    method: PaymentMethod
    amount_fen: Annotated[int, Field(strict=True, ge=1, le=MAX_FEN)]
    receipt_no: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")] | None = None


class Cancel(StepBody):
    action: Literal["cancel"]
    reason: Reason
    acks: Acks = None


def bill_lines(rows: list[QuoteLine]) -> tuple[BillLine, ...]:
    """The lines as they are billed: each rounded once to fen."""
    return tuple(
        BillLine(f"L{n}", row.label, decimal(row.quantity), row.unit, decimal(row.unit_price))
        for n, row in enumerate(rows, 1)
    )


def decimal(text: str) -> Decimal:
    return Decimal(text)
