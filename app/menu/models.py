"""The menu: items for the whole town, offers of a compound, and price versions that never change."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.flow import COMMITTEE, MANAGER, Flow, Step
from app.core.text import Text
from app.db.base import Base, Created, Identified, Versioned, one_of


class Pricing(StrEnum):
    """How an item is paid: 明码标价 asks for the price or for the way it is found."""

    FIXED = "FIXED"
    TIERED = "TIERED"
    QUOTE = "QUOTE"
    FREE = "FREE"
    PASS_THROUGH = "PASS_THROUGH"  # noqa: S105 a way of pricing


class PriceState(StrEnum):
    PREPARED = "PREPARED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


PRICE_FLOW = Flow(
    PriceState.PREPARED,
    {
        PriceState.PREPARED: Text("待审核", "Prepared"),
        PriceState.APPROVED: Text("已批准", "Approved"),
        PriceState.REJECTED: Text("未批准", "Rejected"),
    },
    Step("approve", {PriceState.PREPARED}, PriceState.APPROVED, by=COMMITTEE, label=Text("批准", "Approve")),
    Step("reject", {PriceState.PREPARED}, PriceState.REJECTED, by=COMMITTEE, label=Text("不批准", "Reject")),
    Step("withdraw", {PriceState.PREPARED}, PriceState.REJECTED, by=MANAGER, label=Text("撤回", "Withdraw")),
)


class MenuItem(Versioned, Base):
    """A service as the town describes it. `form` is the JSON Schema of what an order must tell.

    `rules` are the limits and deadlines that the item's kind lets an operator set; what is left out has its default.
    """

    __tablename__ = "menu_item"
    __table_args__ = (one_of("pricing", Pricing), CheckConstraint("lead_days BETWEEN 0 AND 180", name="lead_days"))

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str]
    content: Mapped[str]
    standard: Mapped[str]
    pricing: Mapped[str]
    lead_days: Mapped[int]
    cancel_terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    consents: Mapped[list[Any]] = mapped_column(JSONB)
    season: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    form: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'::jsonb"))
    form_version: Mapped[int] = mapped_column(default=1)
    ordinal: Mapped[int]
    published_at: Mapped[datetime | None]


class MenuOffer(Identified, Versioned, Base):
    """That a compound offers an item, from and until which local day (half-open)."""

    __tablename__ = "menu_offer"
    __table_args__ = (UniqueConstraint("compound_id", "item_code"),)

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compound.id"))
    item_code: Mapped[str] = mapped_column(ForeignKey("menu_item.code"), index=True)
    enabled: Mapped[bool]
    offered_from: Mapped[date]
    offered_until: Mapped[date | None]


class MenuPrice(Identified, Created, Base):
    """One price version of an item in a compound: prepared by a manager, approved by a committee, never edited."""

    __tablename__ = "menu_price"
    __table_args__ = (
        UniqueConstraint("compound_id", "item_code", "number"),
        one_of("state", PriceState),
        CheckConstraint("decided_by IS NULL OR decided_by <> prepared_by", name="two_persons"),
        Index("ix_menu_price_current", "compound_id", "item_code", "state", "effective_from"),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compound.id"))
    item_code: Mapped[str] = mapped_column(ForeignKey("menu_item.code"))
    number: Mapped[int]
    state: Mapped[str]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    effective_from: Mapped[date]
    prepared_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
