"""Signing in by WeChat: a known account enters, an unknown one proves a phone first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.core.errors import RateLimited
from app.db.types import blind
from app.people import codes, sessions
from app.people.consents import texts
from app.people.wechat import accounts, queries
from app.people.wechat.client import RETRY_SECONDS, Wechat
from app.people.wechat.models import OPENID
from app.people.wechat.problems import WechatUnavailable
from app.people.wechat.schemas import WechatPhoneNeeded, WechatSignedIn, WechatSignIn
from app.web.work import Work

PATIENCE_SECONDS = 4.0
"""How long WeChat is waited for in all; the request itself is given up a little later."""


async def sign_in(work: Work, wechat: Wechat, body: WechatSignIn) -> WechatSignedIn | WechatPhoneNeeded:
    """Tokens for the resident whom the account is linked to, or a token to link it with.

    A `phone_code` proves a phone as an SMS code does, and links the account to whoever has that phone, even if it was
    somebody else's. WeChat is asked between two transactions.
    """
    await _count(work)
    privacy = await texts.privacy_in_force(work, body.privacy_version)
    await work.checkpoint()
    async with _patience():
        openid = await wechat.openid(body.code)
        phone = await wechat.phone(body.phone_code) if body.phone_code is not None else None
    new = False
    if phone is not None:
        await codes.make_way(work, phone, body)
        person, new = await codes.holder(work, phone)
        await accounts.link(work, openid, person)
    else:
        known = await queries.linked(work.session, blind(openid, OPENID))
        if known is None:
            token = await accounts.offer(work, openid)
            return WechatPhoneNeeded(result="PHONE_NEEDED", link_token=token, expires_in=accounts.OFFER_SECONDS)
        person = known
    texts.accept(work, person, body.privacy_version)
    entered = await sessions.enter(work, person, privacy, new=new)
    return WechatSignedIn(result="SIGNED_IN", **entered.model_dump())


async def _count(work: Work) -> None:
    """As many an hour from one address as there may be codes."""
    hour = work.now.replace(minute=0, second=0, microsecond=0)
    address = blind(work.address, "attempts.wechat")
    if not await codes.count_try(work, address, hour, work.settings.codes_per_address_hour):
        raise RateLimited(keep=True, retry_after=3600, seconds=3600)


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield
    except TimeoutError:
        raise WechatUnavailable(retry_after=RETRY_SECONDS) from None
