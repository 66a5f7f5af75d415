"""What crosses the wire about menus and prices."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.fields import Day, Flag
from app.core.flow import Party
from app.core.text import NO_NUL, Line, Note, Reason, UpperCode
from app.kinds.facts import PriceLine, PriceSheet
from app.kinds.registry import kind_of
from app.kinds.steps import DecimalText
from app.menu.models import PRICE_FLOW, MenuItem, MenuOffer, MenuPrice, PriceState, Pricing
from app.people.consents.models import ConsentCode

Input = ConfigDict(extra="forbid")
MonthDay = Annotated[str, Field(min_length=5, max_length=5, pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class PriceLineRead(BaseModel):
    """One posted price: yuan per unit as a decimal string."""

    code: Annotated[str, Field(max_length=40)]
    label: Annotated[str, Field(max_length=100)]
    unit: Annotated[str, Field(max_length=20)]
    unit_price: Annotated[str, Field(max_length=16)]


class PriceLineInput(PriceLineRead):
    model_config = Input

    code: UpperCode
    label: Line
    unit: Annotated[str, Field(min_length=1, max_length=20, pattern=NO_NUL)]
    unit_price: DecimalText


class Season(BaseModel):
    """The days of a year on which the item can be ordered, `MM-DD`, half-open; it may run over New Year."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: MonthDay = Field(alias="from")
    until: MonthDay
    reason: Line


class Orderable(BaseModel):
    """From and until which day the item can be had; `reason` says why not now."""

    model_config = ConfigDict(populate_by_name=True)

    from_: date | None = Field(alias="from")
    until: date | None
    reason: Annotated[str, Field(max_length=200)] | None


class CancelTermsModel(BaseModel):
    """Free until so many hours before the start, then a fee in fen."""

    model_config = Input

    text: Line
    free_hours: Annotated[int, Field(strict=True, ge=0, le=720)]
    late_fee_fen: Annotated[int, Field(strict=True, ge=0, le=100_000_00)]


class PriceRead(BaseModel):
    """The approved price version; an order names it as `price_version`."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    mode: Pricing
    lines: Annotated[list[PriceLineRead], Field(max_length=20)]
    effective_from: date


class MenuRow(BaseModel):
    code: Annotated[str, Field(max_length=40)]
    kind: Annotated[str, Field(max_length=40)]
    kind_label: Annotated[str, Field(max_length=40)]
    title: Annotated[str, Field(max_length=100)]
    pricing: Pricing
    price_text: Annotated[str, Field(max_length=500)]
    price_version: Annotated[int, Field(ge=1, le=1_000_000)]
    orderable: Orderable


class MenuRead(BaseModel):
    """The menu of a compound."""

    compound: Annotated[str, Field(max_length=40)]
    compound_name: Annotated[str, Field(max_length=100)]
    items: Annotated[list[MenuRow], Field(max_length=200)]


class ItemRead(MenuRow):
    """One item in full: content, standard, price, form and terms."""

    content: Annotated[str, Field(max_length=4000)]
    standard: Annotated[str, Field(max_length=4000)]
    price: PriceRead
    form: Annotated[dict[str, Any], Field(max_length=10)]
    form_version: Annotated[int, Field(ge=1, le=1_000_000)]
    lead_days: Annotated[int, Field(ge=0, le=180)]
    season: Season | None
    cancel_terms: CancelTermsModel
    consents: Annotated[list[str], Field(max_length=10)]


class PutItem(BaseModel):
    """A service of the town's menu. `form` is needed for the kind GENERAL only; the other kinds bring theirs.

    `rules` sets limits and deadlines of the kind (`silence_days`, …); what is left out has its default.
    """

    model_config = Input

    kind: UpperCode
    title: Line
    title_en: Line
    content: Note
    standard: Note
    pricing: Pricing
    lead_days: Annotated[int, Field(strict=True, ge=0, le=180)]
    cancel_terms: CancelTermsModel
    consents: Annotated[list[ConsentCode], Field(max_length=10)]
    season: Season | None = None
    form: Annotated[dict[str, Any], Field(max_length=6)] | None = None
    rules: Annotated[dict[str, Any], Field(max_length=40)] = Field(default_factory=dict)
    ordinal: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    published: Flag


class ItemAdmin(BaseModel):
    """The item as the administrator keeps it."""

    code: Annotated[str, Field(max_length=40)]
    kind: Annotated[str, Field(max_length=40)]
    title: Annotated[str, Field(max_length=100)]
    pricing: Pricing
    form_version: Annotated[int, Field(ge=1, le=1_000_000)]
    rules: Annotated[dict[str, Any], Field(max_length=40)]
    published: bool
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, item: MenuItem) -> "ItemAdmin":
        return cls(
            code=item.code,
            kind=item.kind,
            title=item.title,
            pricing=Pricing(item.pricing),
            form_version=item.form_version,
            rules=kind_of(item.kind).rules.model_validate(item.rules).model_dump(mode="json"),
            published=item.published_at is not None,
            version=item.version,
        )


class NewPrice(BaseModel):
    """A price to be approved; it holds from a day on that is not in the past."""

    model_config = Input

    lines: Annotated[list[PriceLineInput], Field(max_length=20)]
    effective_from: Day


class PutOffer(BaseModel):
    """That the compound offers the item, over a half-open period; with `price` a new price version is prepared."""

    model_config = Input

    enabled: Flag
    offered_from: Day
    offered_until: Day | None = None
    price: NewPrice | None = None


class PriceVersionRead(BaseModel):
    """One price version and what may be done with it now."""

    id: UUID
    compound_id: UUID
    item: Annotated[str, Field(max_length=40)]
    number: Annotated[int, Field(ge=1, le=1_000_000)]
    status: PriceState
    status_label: Annotated[str, Field(max_length=40)]
    lines: Annotated[list[PriceLineRead], Field(max_length=20)]
    effective_from: date
    reason: Annotated[str, Field(max_length=300)] | None
    actions: Annotated[list[str], Field(max_length=10)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, price: MenuPrice, parties: frozenset[Party]) -> "PriceVersionRead":
        return cls(
            id=price.id,
            compound_id=price.compound_id,
            item=price.item_code,
            number=price.number,
            status=PriceState(price.state),
            status_label=str(PRICE_FLOW.label(price.state)),
            lines=[PriceLineRead.model_validate(line) for line in price.lines],
            effective_from=price.effective_from,
            reason=price.reason,
            actions=[step.action for step in PRICE_FLOW.choices(price.state, parties)],
            version=price.version,
        )


class OfferRead(BaseModel):
    """The offer, and the price version that was prepared with it."""

    compound: Annotated[str, Field(max_length=40)]
    item: Annotated[str, Field(max_length=40)]
    enabled: bool
    offered_from: date
    offered_until: date | None
    prepared_price: PriceVersionRead | None
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, compound: str, offer: MenuOffer, price: PriceVersionRead | None) -> "OfferRead":
        return cls(
            compound=compound,
            item=offer.item_code,
            enabled=offer.enabled,
            offered_from=offer.offered_from,
            offered_until=offer.offered_until,
            prepared_price=price,
            version=offer.version,
        )


class ApprovePrice(BaseModel):
    model_config = Input

    action: Literal["approve"]


class RejectPrice(BaseModel):
    model_config = Input

    action: Literal["reject"]
    reason: Reason


class WithdrawPrice(BaseModel):
    model_config = Input

    action: Literal["withdraw"]


TakePriceStep = Annotated[ApprovePrice | RejectPrice | WithdrawPrice, Field(discriminator="action")]


def sheet(mode: str, price: MenuPrice) -> PriceSheet:
    """The price version as the kinds see it."""
    lines = tuple(PriceLine(r["code"], r["label"], r["unit"], Decimal(r["unit_price"])) for r in price.lines)
    return PriceSheet(price.number, mode, lines)


def consents_of(item: MenuItem) -> tuple[str, ...]:
    """What an order asks to agree to: by its kind, and by the item."""
    return tuple(dict.fromkeys((*kind_of(item.kind).consents, *item.consents)))


def form_of(item: MenuItem) -> dict[str, Any]:
    return kind_of(item.kind).form(item.form)
