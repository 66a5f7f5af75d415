"""What a kind of service is made of: details, prices, a flow, and rules from facts to effects."""

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.core.flow import Flow, Party, Step
from app.core.money import Fen, line_fen
from app.core.text import Text


class Settlement(StrEnum):
    """The money of an order, apart from its work."""

    NONE = "NONE"
    DUE = "DUE"
    PAID = "PAID"
    REFUND_DUE = "REFUND_DUE"
    REFUNDED = "REFUNDED"


class QuoteState(StrEnum):
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    SUPERSEDED = "SUPERSEDED"
    EXPIRED = "EXPIRED"


class ChargePurpose(StrEnum):
    """What money is asked for; a CREDIT gives back and has a negative amount."""

    DEPOSIT = "DEPOSIT"
    SURVEY = "SURVEY"
    FINAL = "FINAL"
    CANCEL_FEE = "CANCEL_FEE"
    CREDIT = "CREDIT"


class Details(BaseModel):
    """The answers to a kind's form; `kind` says whose they are."""

    model_config = ConfigDict(extra="forbid")

    kind: str


class StepBody(BaseModel):
    """What a step takes; `action` says which one is meant."""

    model_config = ConfigDict(extra="forbid")

    action: str


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A posted price: yuan per unit, a decimal with up to four places."""

    code: str
    label: str
    unit: str
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """The price version that an order was placed with."""

    version: int
    mode: str
    lines: tuple[PriceLine, ...]

    @property
    def text(self) -> Text:
        """The price as the menu shows it: the amount, or the way in which it is found."""
        if self.mode == "FREE":
            return Text("免费", "Free of charge")
        posted = "，".join(f"{line.label} {line.unit_price.normalize():f} 元/{line.unit}" for line in self.lines)
        if self.mode == "QUOTE":
            return Text(
                f"上门查看后报价{f'（{posted}）' if posted else ''}", f"By quote after a visit {posted}".strip()
            )
        return Text(posted, posted)


@dataclass(frozen=True, slots=True)
class BillLine:
    """Quantity times unit price, rounded once to fen, half up."""

    code: str
    label: str
    quantity: Decimal
    unit: str
    unit_price: Decimal

    @property
    def amount_fen(self) -> Fen:
        return line_fen(self.quantity, self.unit_price)


@dataclass(frozen=True, slots=True)
class Bill:
    """What an order costs as far as it is known. `total_fen` is None until a quote says it."""

    lines: tuple[BillLine, ...] = ()
    total_fen: int | None = None
    due_now_fen: int = 0

    @classmethod
    def of(cls, lines: tuple[BillLine, ...], *, due_now_fen: int = 0) -> "Bill":
        return cls(lines, sum(line.amount_fen for line in lines), due_now_fen)


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """What leaving costs, as the item promises it: free until `free_hours` before the start, then a fee in fen."""

    text: str
    free_hours: int = 0
    late_fee_fen: int = 0


@dataclass(frozen=True, slots=True)
class QuoteFact:
    version: int
    state: str
    total_fen: int
    deposit_fen: int
    expires_at: datetime
    lines: tuple[BillLine, ...]


@dataclass(frozen=True, slots=True)
class ChargeFact:
    purpose: str
    state: str
    amount_fen: int
    paid_fen: int
    refunded_fen: int


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the menu says about the item: its form, how far ahead, and its season."""

    code: str
    lead_days: int
    form: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a rule may look at. Loaded by `orders`; a kind reads nothing by itself."""

    now: datetime
    today: date
    status: str
    item: ItemFacts
    details: Any
    price: PriceSheet
    bill: Bill
    cancel_terms: CancelTerms
    quote: QuoteFact | None = None
    charges: tuple[ChargeFact, ...] = ()
    starts_at: datetime | None = None
    memory: Mapping[str, Any] = field(default_factory=dict)

    @property
    def charged_fen(self) -> int:
        return sum(c.amount_fen for c in self.charges if c.state != "VOID")

    @property
    def paid_fen(self) -> int:
        return sum(c.paid_fen - c.refunded_fen for c in self.charges)

    @property
    def balance_fen(self) -> int:
        """What is still to be paid; negative when money has to go back."""
        return self.charged_fen - self.paid_fen


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
    """Money that a clerk has taken in, in fen."""

    amount_fen: int
    method: str
    receipt_no: str | None


@dataclass(frozen=True, slots=True)
class Amendment:
    room: str | None
    contact: Mapping[str, Any] | None
    details: Any | None


@dataclass(frozen=True, slots=True)
class Effects:
    """What a step brings about. `orders` alone writes it down, all of it or nothing."""

    status: str | None = None
    bill: Bill | None = None
    quote: QuoteDraft | None = None
    quote_state: QuoteState | None = None
    charges: tuple[ChargeDraft, ...] = ()
    void_charges: bool = False
    payment: PaymentDraft | None = None
    clocks: Mapping[str, datetime | None] = field(default_factory=dict)
    schedule: tuple[datetime, datetime] | None = None
    assign: tuple[UUID, ...] | None = None
    amendment: Amendment | None = None
    memory: Mapping[str, Any] | None = None
    reason: str | None = None
    tell: str | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a step will cost or give back, in words and in fen."""

    text: Text
    fee_fen: int | None = None
    refund_fen: int | None = None


class Kind(ABC):
    """One kind of service. Instances hold no state; the registry keeps one of each."""

    code: ClassVar[str]
    title: ClassVar[Text]
    details: ClassVar[type[Details]]
    flow: ClassVar[Flow]
    bodies: ClassVar[Mapping[str, type[StepBody]]]
    waits: ClassVar[Mapping[str, tuple[Party | None, Text]]]
    counts_as_open: ClassVar[bool] = True

    def form(self, item_form: Mapping[str, Any] | None) -> dict[str, Any]:
        """The JSON Schema of the details, `kind` left out, in the dialect of the contract."""
        schema = self.details.model_json_schema()
        schema["properties"] = {k: v for k, v in schema["properties"].items() if k != "kind"}
        schema["required"] = [name for name in schema.get("required", []) if name != "kind"]
        return schema

    def check(self, facts: Facts) -> None:  # noqa: B027 most kinds have no rule beyond their schema
        """Raise a problem when the details break a rule of this kind."""

    def estimate(self, facts: Facts) -> Bill:
        """What the details cost by the posted prices."""
        raise NotImplementedError(self.code)

    def begin(self, facts: Facts) -> Effects:
        """What placing the order brings about beside the order itself."""
        return Effects()

    def allows(self, step: Step, facts: Facts) -> bool:
        """Whether a row of the flow holds in this case; the flow has been asked already."""
        return True

    def decide(self, step: Step, body: Any, facts: Facts) -> Effects:
        """The effects of a step: the method `on_<action>`, or just the status of the table."""
        handler = getattr(self, f"on_{step.action.replace('-', '_')}", None)
        return handler(step, body, facts) if handler else Effects(status=step.target)

    def consequence(self, step: Step, facts: Facts) -> Consequence | None:
        """What to warn of before the step is taken."""
        return None
