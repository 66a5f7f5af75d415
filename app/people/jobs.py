"""What the worker does for people: send codes, and forget what has served."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete

from app.people import queries
from app.people.models import AccessSession, Attempts, PhoneCode, RefreshToken, TokenFamily
from app.people.wechat.models import WechatLink
from app.web.run import Run, Undeliverable


async def send_code(run: Run, code_id: str) -> None:
    """Send a code once. The message goes out between two transactions; a code that was sent or has expired is left.

    One that cannot go by message is forgotten: whoever waits for it asks for another or calls.
    """
    async with run.work() as work:
        row = await queries.code_for_update(work.session, UUID(code_id))
        if (
            row is None
            or row.sent_at is not None
            or row.code is None
            or row.phone is None
            or row.expires_at <= work.now
        ):
            return
        phone, code, proxy_id = row.phone, row.code, row.proxy_id
    sent = True
    try:
        await run.send_sms(phone, "sign-in-code" if proxy_id is None else "proxy-code", {"code": code})
    except Undeliverable:
        sent = False
    async with run.work() as work:
        row = await queries.code_for_update(work.session, UUID(code_id))
        if row is not None:
            row.sent_at, row.phone, row.code = work.now if sent else None, None, None


async def purge(run: Run) -> None:
    """Forget codes and offers of a link after a day, tries after two, and sign-ins a month after their end."""
    async with run.work() as work:
        day, month = work.now - timedelta(days=1), work.now - timedelta(days=30)
        ended = TokenFamily.expires_at < month
        dead = TokenFamily.__table__.select().with_only_columns(TokenFamily.id).where(ended)
        for statement in (
            delete(PhoneCode).where(PhoneCode.created_at < day),
            delete(Attempts).where(Attempts.period_start < day - timedelta(days=1)),
            delete(RefreshToken).where(RefreshToken.family_id.in_(dead)),
            delete(TokenFamily).where(ended),
            delete(WechatLink).where(WechatLink.expires_at < day),
            delete(AccessSession).where(AccessSession.expires_at < month),
        ):
            await work.session.execute(statement.execution_options(synchronize_session=False))
