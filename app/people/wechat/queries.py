"""Every SELECT about WeChat accounts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Resident
from app.people.wechat.models import WechatAccessToken, WechatAccount, WechatLink, WechatSubscription


async def linked(session: AsyncSession, openid_index: bytes) -> Resident | None:
    """Whom the account signs in: a living resident who still has the phone that proved it."""
    rows = (
        select(Resident)
        .join(WechatAccount, WechatAccount.resident_id == Resident.id)
        .where(
            WechatAccount.openid_index == openid_index,
            WechatAccount.phone_index == Resident.phone_index,
            Resident.deceased_on.is_(None),
        )
    )
    return (await session.execute(rows)).scalar_one_or_none()


async def openid_of(session: AsyncSession, resident_id: UUID) -> str | None:
    """Where the resident is written to: the account that he has linked last, while he has the phone that proved it."""
    rows = (
        select(WechatAccount.openid)
        .join(Resident, Resident.id == WechatAccount.resident_id)
        .where(Resident.id == resident_id, WechatAccount.phone_index == Resident.phone_index)
        .order_by(WechatAccount.linked_at.desc(), WechatAccount.id.desc())
        .limit(1)
    )
    return (await session.execute(rows)).scalar_one_or_none()


async def subscriptions(session: AsyncSession, resident_id: UUID) -> Sequence[WechatSubscription]:
    rows = select(WechatSubscription).where(WechatSubscription.resident_id == resident_id)
    return (await session.execute(rows.execution_options(populate_existing=True))).scalars().all()


async def locked_link(session: AsyncSession, digest: bytes) -> WechatLink | None:
    """An offer that has neither been used nor expired, its row locked."""
    rows = select(WechatLink).where(
        WechatLink.digest == digest, WechatLink.used_at.is_(None), WechatLink.expires_at > func.now()
    )
    return (await session.execute(rows.with_for_update())).scalar_one_or_none()


async def access_token(session: AsyncSession, app_id: str) -> str | None:
    """The mini-program's token, if it holds for another minute."""
    left = func.now() + func.make_interval(0, 0, 0, 0, 0, 1)
    rows = select(WechatAccessToken.token).where(
        WechatAccessToken.app_id == app_id, WechatAccessToken.expires_at > left
    )
    return (await session.execute(rows)).scalar_one_or_none()
