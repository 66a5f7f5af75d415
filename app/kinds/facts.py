"""What a kind is told: the price, the bill, the quote, the charges, the slots and the people of an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.calendar import Holidays
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
        if self.mode == "PASS_THROUGH":
            theirs = (
                Text(f"；{posted}，由服务单位收取", f"; {posted}, paid to the provider") if posted else Text("", "")
            )
            return Text(f"平台不收费{theirs.zh}", f"The platform charges nothing{theirs.en}")
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
class SlotFact:
    """A bookable part of a day, of one resource; `resource_code` is what its price lines are found by."""

    id: UUID
    resource: str
    day: date
    code: str
    label: str
    start: datetime
    end: datetime
    closed: bool
    resource_code: str


@dataclass(frozen=True, slots=True)
class DutyFact:
    """Somebody on the duty roster of the compound; the chain of them is the order in which they are called."""

    level: str
    post: str
    phone: str


@dataclass(frozen=True, slots=True)
class Person:
    """The one whom the order is for, as far as a rule may know: never a name or a phone.

    `consents` are the codes that hold now, those about a clinic for the order's own clinic alone; `missed` says how
    often nobody was at home in the last 90 days; `contract` whether the clinic's contract is known.
    """

    orders_himself: bool = True
    age: int | None = None
    consents: frozenset[str] = frozenset()
    missed: int = 0
    contract: bool = False


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the menu says about the item: its form, how far ahead, which consents, and the rules of its kind."""

    code: str
    lead_days: int
    form: Mapping[str, Any] | None
    rules: Any
    consents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a rule may look at. Loaded by `orders`; a kind reads nothing by itself.

    `slots` are held now, `wanted` are those that the body names or that the kind's own span covers; `acks` are the
    warnings that have been acknowledged; `duty` and the `holidays` of the next weeks are there
    for kinds that want them; `displaced` says that a slot of the order has been closed. `owner_known` says
    whether the room has an owner who could accept a quote, `orders_as_owner` whether the one who orders is one.
    """

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
    ends_at: datetime | None = None
    slots: tuple[SlotFact, ...] = ()
    wanted: tuple[SlotFact, ...] = ()
    owner_known: bool = False
    orders_as_owner: bool = False
    acks: frozenset[str] = frozenset()
    duty: tuple[DutyFact, ...] = ()
    person: Person = field(default_factory=Person)
    clinic: str | None = None
    holidays: Holidays = field(default_factory=dict)
    displaced: bool = False
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
