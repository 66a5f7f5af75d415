"""Calls, under which an agent acts for a resident; and what a day's text messages have cost."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actors import Channel
from app.core.flow import Flow, Party, Step
from app.core.text import Text
from app.db.base import Base, Identified, Versioned, one_of
from app.db.types import Sealed

CALL_CHANNELS = tuple(c for c in Channel if c not in {Channel.MINI_PROGRAM, Channel.SYSTEM})


class Direction(StrEnum):
    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class CallStatus(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


AGENT = frozenset({Party.AGENT})

CALL_FLOW = Flow(
    CallStatus.OPEN,
    {CallStatus.OPEN: Text("通话中", "Open"), CallStatus.CLOSED: Text("已结束", "Closed")},
    Step("link", {CallStatus.OPEN}, None, by=AGENT, label=Text("关联市民", "Link")),
    Step("close", {CallStatus.OPEN}, CallStatus.CLOSED, by=AGENT, label=Text("结束", "Close")),
)


class CallOutcome(StrEnum):
    """How a call ended."""

    DONE = "DONE"
    CALL_BACK = "CALL_BACK"
    NOT_REACHED = "NOT_REACHED"
    WRONG_NUMBER = "WRONG_NUMBER"
    TRANSFERRED = "TRANSFERRED"


class Call(Identified, Versioned, Base):
    """One conversation of an agent with somebody, by telephone, at the counter or in a chat group."""

    __tablename__ = "call"
    __table_args__ = (
        one_of("channel", CALL_CHANNELS),
        one_of("direction", Direction),
        one_of("status", CallStatus),
        one_of("outcome", CallOutcome),
        Index("ix_call_staff_id_created_at", "staff_id", "created_at"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    resident_id: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"), index=True)
    channel: Mapped[str]
    direction: Mapped[str]
    caller_phone: Mapped[str | None] = mapped_column(Sealed("call.caller_phone"))
    identity_check: Mapped[list[Any]] = mapped_column(JSONB)
    status: Mapped[str]
    outcome: Mapped[str | None]
    note: Mapped[str | None] = mapped_column(Sealed("call.note"))
    closed_at: Mapped[datetime | None]


class SmsSpending(Base):
    """The cost of the messages of a local day, in fen."""

    __tablename__ = "sms_spending"
    __table_args__ = (CheckConstraint("spent_fen >= 0", name="spent_fen"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    spent_fen: Mapped[int]
