"""Which WeChat account is whose, offers to link one, how many messages are agreed to, and the mini-program's token."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Created, Identified
from app.db.types import Sealed

OPENID = "wechat_account.openid"


class WechatAccount(Identified, Base):
    """A WeChat account that signs a resident in, for as long as he has the phone that proved it: `phone_index`."""

    __tablename__ = "wechat_account"

    openid: Mapped[str] = mapped_column(Sealed(OPENID))
    openid_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("resident.id"), index=True)
    phone_index: Mapped[bytes] = mapped_column(LargeBinary)
    linked_at: Mapped[datetime]


class WechatLink(Created, Base):
    """An openid that nobody is known by yet: whoever shows the token with a phone's code is linked to it, once."""

    __tablename__ = "wechat_link"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    openid: Mapped[str | None] = mapped_column(Sealed("wechat_link.openid"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WechatSubscription(Base):
    """How many messages of a template the resident has still agreed to: WeChat counts one for each tap on “allow”."""

    __tablename__ = "wechat_subscription"
    __table_args__ = (CheckConstraint("remaining BETWEEN 0 AND 100", name="remaining"),)

    resident_id: Mapped[UUID] = mapped_column(ForeignKey("resident.id"), primary_key=True)
    template: Mapped[str] = mapped_column(primary_key=True)
    remaining: Mapped[int]
    rejected_at: Mapped[datetime | None]


class WechatAccessToken(Base):
    """The mini-program's own token, shared by all processes."""

    __tablename__ = "wechat_access_token"

    app_id: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(Sealed("wechat_access_token.token"))
    expires_at: Mapped[datetime]
