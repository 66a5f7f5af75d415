"""Notifications, and how each of them went out."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Created, Identified, one_of
from app.db.types import SealedJSON


class DeliveryChannel(StrEnum):
    """The ways out to a person, the gentlest first; a call is a task for somebody."""

    WECHAT = "WECHAT"
    SMS = "SMS"
    CALL = "CALL"


class DeliveryState(StrEnum):
    """What failed is tried again, what was refused is not: then it takes another way."""

    SENDING = "SENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    REFUSED = "REFUSED"


class Notification(Identified, Created, Base):
    """Something that a resident was told. `params` hold a number, a title in two languages, day and time, and who
    will ring with which code: nothing else that is personal, nothing of health.

    `order_id` is a plain id: orders lie a floor above.
    """

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_resident_id_id", "resident_id", "id"),
        Index("ix_notification_unread", "resident_id", postgresql_where=text("read_at IS NULL")),
    )

    resident_id: Mapped[UUID] = mapped_column(ForeignKey("resident.id"))
    template: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(SealedJSON("notification.params"))
    order_id: Mapped[UUID | None]
    compound_id: Mapped[UUID | None] = mapped_column(ForeignKey("compound.id"))
    urgent: Mapped[bool]
    read_at: Mapped[datetime | None]
    dedup_key: Mapped[str] = mapped_column(unique=True)


class NotificationDelivery(Base):
    """How one notification went out on one way; a row that says SENT is never sent again."""

    __tablename__ = "notification_delivery"
    __table_args__ = (
        one_of("channel", DeliveryChannel),
        one_of("state", DeliveryState),
        CheckConstraint("tries >= 1", name="tries"),
    )

    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notification.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    tries: Mapped[int]
    tried_at: Mapped[datetime]
