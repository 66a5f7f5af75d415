"""Orders: the work (`status`), the money (`settlement`) and the quote are axes of their own."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.areas.models import Clinic, Compound, Room
from app.bookings.models import ACTIVE, Reservation
from app.core.actors import Channel, Role
from app.core.flow import Party
from app.db.base import Base, Created, Identified, Versioned, one_of
from app.db.types import Sealed, SealedJSON
from app.kinds.facts import ChargePurpose, QuoteState, Settlement
from app.menu.models import MenuItem
from app.people.models import Resident, Staff


class ChargeState(StrEnum):
    OPEN = "OPEN"
    PAID = "PAID"
    REFUNDED = "REFUNDED"
    VOID = "VOID"


class PaidBy(StrEnum):
    """How money came in at the counter; a pay button is a later piece."""

    CASH = "CASH"
    POS = "POS"
    TRANSFER = "TRANSFER"


class Order(Identified, Versioned, Base):
    """One order. `price`, `rules` and `form_version` are as they were when it was placed; they never change under it.

    `waits_for` and `due_at` are what the last step left: whose turn it is and until when, to sort a desk by; a higher
    `priority` goes before both. `proxy_id` is the grant under which somebody else ordered. `warnings` are what was said
    before ordering, each with whether it was acknowledged; `red_flags` the words of an emergency that were written all
    the same. `note` is for the clinic alone and is forgotten some time after the end.
    """

    __tablename__ = "service_order"
    __table_args__ = (
        one_of("settlement", Settlement),
        one_of("channel", Channel),
        one_of("placed_role", Role),
        Index("ix_service_order_requester_id_id", "requester_id", "id"),
        Index("ix_service_order_beneficiary_id_id", "beneficiary_id", "id"),
        Index("ix_service_order_compound_id_id", "compound_id", "id"),
        Index("ix_service_order_clinic_id_id", "clinic_id", "id", postgresql_where=text("clinic_id IS NOT NULL")),
        Index("ix_service_order_open", "requester_id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_service_order_waiting", "area_id", "waits_for", "due_at", postgresql_where=text("closed_at IS NULL")),
        one_of("waits_for", Party),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    item_code: Mapped[str] = mapped_column(ForeignKey("menu_item.code"), index=True)
    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compound.id"))
    area_id: Mapped[UUID] = mapped_column(ForeignKey("management_area.id"), index=True)
    room_id: Mapped[UUID | None] = mapped_column(ForeignKey("room.id"), index=True)
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("resident.id"))
    beneficiary_id: Mapped[UUID] = mapped_column(ForeignKey("resident.id"))
    proxy_id: Mapped[UUID | None] = mapped_column(ForeignKey("proxy_grant.id"), index=True)
    clinic_id: Mapped[UUID | None] = mapped_column(ForeignKey("clinic.id"))
    placed_role: Mapped[str]
    placed_by: Mapped[UUID]
    channel: Mapped[str]
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("call.id"))
    contact: Mapped[dict[str, Any]] = mapped_column(SealedJSON("service_order.contact"))
    details: Mapped[dict[str, Any]] = mapped_column(SealedJSON("service_order.details"))
    note: Mapped[str | None] = mapped_column(Sealed("service_order.note"))
    door_code: Mapped[str | None] = mapped_column(Sealed("service_order.door_code"))
    warnings: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    red_flags: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    priority: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    form_version: Mapped[int]
    price_version: Mapped[int]
    price: Mapped[dict[str, Any]] = mapped_column(JSONB)
    cancel_terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    bill: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str]
    settlement: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    waits_for: Mapped[str | None]
    due_at: Mapped[datetime | None]
    displaced: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    compound: Mapped[Compound] = relationship(lazy="raise")
    room: Mapped[Room | None] = relationship(lazy="raise")
    item: Mapped[MenuItem] = relationship(lazy="raise")
    clinic: Mapped[Clinic | None] = relationship(lazy="raise")
    requester: Mapped[Resident] = relationship(lazy="raise", foreign_keys=[requester_id])
    beneficiary: Mapped[Resident] = relationship(lazy="raise", foreign_keys=[beneficiary_id])
    events: Mapped[list["OrderEvent"]] = relationship(lazy="raise", order_by="OrderEvent.id", viewonly=True)
    quotes: Mapped[list["OrderQuote"]] = relationship(lazy="raise", order_by="OrderQuote.version")
    charges: Mapped[list["OrderCharge"]] = relationship(lazy="raise", order_by="OrderCharge.id")
    clocks: Mapped[list["OrderClock"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    assignees: Mapped[list["OrderAssignee"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    rating: Mapped["OrderRating | None"] = relationship(lazy="raise")
    reservations: Mapped[list[Reservation]] = relationship(
        lazy="raise",
        viewonly=True,
        primaryjoin=lambda: (Order.id == foreign(Reservation.order_id)) & Reservation.state.in_(ACTIVE),
        order_by=Reservation.id,
    )


class OrderEvent(Identified, Base):
    """A row of history. Nothing in it is ever changed."""

    __tablename__ = "order_event"
    __table_args__ = (Index("ix_order_event_order_id_id", "order_id", "id"), one_of("channel", Channel))

    order_id: Mapped[UUID] = mapped_column(ForeignKey("service_order.id"))
    action: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    actor_role: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    on_behalf_of_id: Mapped[UUID | None]
    channel: Mapped[str]
    reason: Mapped[str | None] = mapped_column(Sealed("order_event.reason"))
    at: Mapped[datetime]


class OrderQuote(Identified, Created, Base):
    """A version of a quote. The next one supersedes it; none is edited."""

    __tablename__ = "order_quote"
    __table_args__ = (
        UniqueConstraint("order_id", "version"),
        one_of("state", QuoteState),
        CheckConstraint("total_fen BETWEEN 0 AND 10000000000", name="total_fen"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("service_order.id"))
    version: Mapped[int]
    state: Mapped[str]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    total_fen: Mapped[int]
    deposit_fen: Mapped[int]
    note: Mapped[str | None]
    expires_at: Mapped[datetime]
    prepared_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class OrderCharge(Identified, Created, Base):
    """Money that an order asks for, or gives back; the fees domain mirrors these rows into notices."""

    __tablename__ = "order_charge"
    __table_args__ = (
        one_of("purpose", ChargePurpose),
        one_of("state", ChargeState),
        one_of("paid_via", PaidBy),
        CheckConstraint("paid_fen >= 0 AND refunded_fen >= 0 AND refunded_fen <= paid_fen", name="paid"),
        Index("ix_order_charge_order_id_id", "order_id", "id"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("service_order.id"))
    purpose: Mapped[str]
    state: Mapped[str]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    amount_fen: Mapped[int]
    due_by: Mapped[datetime | None]
    paid_fen: Mapped[int] = mapped_column(default=0)
    refunded_fen: Mapped[int] = mapped_column(default=0)
    paid_at: Mapped[datetime | None]
    paid_via: Mapped[str | None]
    receipt_no: Mapped[str | None]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))


class OrderClock(Base):
    """Something that happens by itself when its time has come: a reminder, an expiry, an escalation."""

    __tablename__ = "order_clock"
    __table_args__ = (Index("ix_order_clock_due_at", "due_at"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("service_order.id"), primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]


class OrderAssignee(Base):
    """Who does the work."""

    __tablename__ = "order_assignee"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("service_order.id"), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True, index=True)

    staff: Mapped[Staff] = relationship(lazy="raise")


class OrderRating(Created, Base):
    """One rating of one order."""

    __tablename__ = "order_rating"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="score"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("service_order.id"), primary_key=True)
    score: Mapped[int]
    comment: Mapped[str | None] = mapped_column(Sealed("order_rating.comment"))
    rated_by: Mapped[UUID] = mapped_column(ForeignKey("resident.id"))
