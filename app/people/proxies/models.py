"""Proxies: what somebody may do for somebody else, on what it stands, and how it ends."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.flow import SYSTEM, Flow, Party, Step
from app.core.text import Text
from app.db.base import Base, Identified, Versioned, one_of
from app.db.types import Sealed
from app.people.models import Resident


class ProxyScope(StrEnum):
    """What the holder may do. OWNER_DECISION: decide on quotes as the owner would."""

    ORDER = "ORDER"
    DOCTOR_VISIT = "DOCTOR_VISIT"
    VIEW_FEES = "VIEW_FEES"
    PAY = "PAY"
    OWNER_DECISION = "OWNER_DECISION"


class ProxyEvidence(StrEnum):
    CODE_SMS = "CODE_SMS"
    SIGNED_PAPER = "SIGNED_PAPER"
    GUARDIANSHIP = "GUARDIANSHIP"


class ProxyStatus(StrEnum):
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    DECLINED = "DECLINED"


_S = ProxyStatus
_PRINCIPAL = frozenset({Party.SUBJECT, Party.AGENT, Party.CLERK})
_EITHER = _PRINCIPAL | {Party.RESIDENT}
PROXY_FLOW = Flow(
    _S.PENDING,
    {
        _S.PENDING: Text("待本人确认", "Waits for the principal"),
        _S.ACTIVE: Text("有效", "Active"),
        _S.REVOKED: Text("已撤销", "Revoked"),
        _S.EXPIRED: Text("已到期", "Expired"),
        _S.DECLINED: Text("本人不同意", "Declined"),
    },
    Step("confirm", {_S.PENDING}, _S.ACTIVE, by=_EITHER, label=Text("确认委托", "Confirm")),
    Step("resend", {_S.PENDING}, None, by=_EITHER, label=Text("再发验证码", "Send another code")),
    Step("decline", {_S.PENDING}, _S.DECLINED, by=_PRINCIPAL, label=Text("不同意", "Decline")),
    Step("revoke", {_S.PENDING, _S.ACTIVE}, _S.REVOKED, by=_EITHER, label=Text("撤销委托", "Revoke")),
    Step("expire", {_S.PENDING, _S.ACTIVE}, _S.EXPIRED, by=SYSTEM, label=Text("到期", "Expire")),
    Step("end", {_S.PENDING, _S.ACTIVE}, _S.REVOKED, by=SYSTEM, label=Text("随人终止", "End with the person")),
)
"""The SUBJECT is the principal, the RESIDENT the holder; whoever confirms brings the code that the principal got."""


class Proxy(Identified, Versioned, Base):
    """A grant of a principal to a holder, over a half-open period of local days, at most twelve months.

    While it is pending a side may be None: the named one could not be told without giving somebody away. `named` is the
    phone or the room by which the one who asked named the other. `paper_number` is what a clerk has on file.
    """

    __tablename__ = "proxy_grant"
    __table_args__ = (
        one_of("evidence", ProxyEvidence),
        one_of("status", ProxyStatus),
        CheckConstraint("principal_id IS NOT NULL OR holder_id IS NOT NULL", name="somebody"),
        CheckConstraint("status <> 'ACTIVE' OR (principal_id IS NOT NULL AND holder_id IS NOT NULL)", name="both"),
        CheckConstraint("principal_id <> holder_id", name="two"),
        CheckConstraint("valid_until > valid_from AND valid_until <= valid_from + '1 year'::interval", name="period"),
        CheckConstraint("(evidence = 'CODE_SMS') = (paper_number IS NULL)", name="paper"),
        Index(
            "uq_proxy_grant_active",
            "holder_id",
            "principal_id",
            unique=True,
            postgresql_where=text("status = 'ACTIVE'"),
        ),
    )

    principal_id: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"), index=True)
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"), index=True)
    scopes: Mapped[list[Any]] = mapped_column(JSONB)
    relation: Mapped[str | None] = mapped_column(Sealed("proxy_grant.relation"))
    evidence: Mapped[str]
    status: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"))
    named: Mapped[str | None] = mapped_column(Sealed("proxy_grant.named"))
    paper_number: Mapped[str | None] = mapped_column(Sealed("proxy_grant.paper_number"))
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    call_id: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    principal: Mapped[Resident | None] = relationship(foreign_keys=[principal_id], lazy="raise")
    holder: Mapped[Resident | None] = relationship(foreign_keys=[holder_id], lazy="raise")
