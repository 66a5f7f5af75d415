"""What a kind answers: the effects of a step, the consequences to warn of, and what to say in a preview."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from app.core.text import Text
from app.kinds.facts import Bill, BillLine, ChargePurpose, QuoteState


@dataclass(frozen=True, slots=True)
class QuoteDraft:
    lines: tuple[BillLine, ...]
    deposit_fen: int
    expires_at: datetime
    note: str | None


@dataclass(frozen=True, slots=True)
class ChargeDraft:
    purpose: ChargePurpose
    lines: tuple[BillLine, ...]
    due_by: datetime | None

    @property
    def amount_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class PaymentDraft:
    """Money that a clerk has taken in or given back, in fen."""

    amount_fen: int
    method: str
    receipt_no: str | None


@dataclass(frozen=True, slots=True)
class Amendment:
    room: str | None
    contact: Mapping[str, Any] | None
    details: Any | None
    acks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotDraft:
    """The places that the order has from now on, all or nothing; `until` makes holds of the new ones.

    With `or_clash` nobody is refused: when one of them is taken the order gets none, and the kind's `on_clash` says
    what follows. With `begun` a part of a day that has started and is not over can be taken too.
    """

    ids: tuple[UUID, ...] = ()
    until: datetime | None = None
    or_clash: bool = False
    begun: bool = False


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """Somebody is to be called: a person of the order, or the place `level` of the duty chain."""

    type: str
    due_at: datetime
    to: Literal["REQUESTER", "SUBJECT", "DUTY", "CLINIC"] = "REQUESTER"
    level: int = 0
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """A consent that its subject gives with a step, in the version that he was shown."""

    code: str
    version: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What a step brings about. `orders` alone writes it down, all of it or nothing.

    `unschedule` says that there is no time any more, nor anybody who would come; `clinic` gives the order to another one, by its code; `door_code` makes four new digits for the door;
    `delay_minutes` moves the visits that follow on the same day; `life` is an event of the subject's life that the
    step has brought to light; a higher `priority` stands further up on every desk.
    """

    status: str | None = None
    bill: Bill | None = None
    quote: QuoteDraft | None = None
    quote_state: QuoteState | None = None
    charges: tuple[ChargeDraft, ...] = ()
    void_unpaid: frozenset[ChargePurpose] = frozenset()
    payment: PaymentDraft | None = None
    refund: PaymentDraft | None = None
    clocks: Mapping[str, datetime | None] = field(default_factory=dict)
    schedule: tuple[datetime, datetime] | None = None
    unschedule: bool = False
    slots: SlotDraft | None = None
    used: bool = False
    assign: tuple[UUID, ...] | None = None
    amendment: Amendment | None = None
    memory: Mapping[str, Any] | None = None
    reason: str | None = None
    tell: str | None = None
    tasks: tuple[TaskDraft, ...] = ()
    end_tasks: frozenset[str] = frozenset()
    consents: tuple[ConsentDraft, ...] = ()
    clinic: str | None = None
    door_code: bool = False
    delay_minutes: int | None = None
    life: str | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a step will cost or give back, in words and in fen."""

    text: Text
    fee_fen: int | None = None
    refund_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say before an order is placed; `source` is the law or the rule that says it.

    With `ack` the one who orders is asked to acknowledge it; without his word the order is taken all the same.
    """

    code: str
    text: Text
    source: str
    ack: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """The time that an order takes by itself, half-open, in one venue or in whichever the item has."""

    start: datetime
    end: datetime
    resource_code: str | None = None
