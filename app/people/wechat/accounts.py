"""Linking a WeChat account to a resident: it takes the openid and a phone that is proved, and ends with the phone."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.db.types import blind
from app.people import tokens
from app.people.models import Resident
from app.people.wechat import queries
from app.people.wechat.models import OPENID, WechatAccount, WechatLink, WechatSubscription
from app.people.wechat.problems import LinkTokenWrong
from app.web.work import Work

OFFER_SECONDS = 600


async def link(work: Work, openid: str, person: Resident) -> None:
    """The account signs this resident in from now on, whomever it did before."""
    row = insert(WechatAccount).values(
        id=new_id(),
        openid=openid,
        openid_index=blind(openid, OPENID),
        resident_id=person.id,
        phone_index=person.phone_index,
        linked_at=work.now,
    )
    anew = {name: row.excluded[name] for name in ("resident_id", "phone_index", "linked_at")}
    await work.session.execute(row.on_conflict_do_update(index_elements=["openid_index"], set_=anew))


async def unlink(work: Work, resident_id: UUID) -> None:
    """No WeChat account signs this resident in any more, or is written to: his phone has changed, or he is leaving."""
    for table in (WechatAccount, WechatSubscription):
        gone = delete(table).where(table.resident_id == resident_id)
        await work.session.execute(gone.execution_options(synchronize_session=False))


async def offer(work: Work, openid: str) -> str:
    """A token with which the next sign-in by phone links the account."""
    token = tokens.opaque(tokens.LINK_PREFIX)
    expires = work.now + timedelta(seconds=OFFER_SECONDS)
    work.session.add(WechatLink(digest=tokens.digest(token), openid=openid, expires_at=expires))
    await work.session.flush()
    return token


async def offered(work: Work, token: str) -> WechatLink:
    """The offer behind a token, held until the end of the transaction."""
    found = await queries.locked_link(work.session, tokens.digest(token))
    if found is None:
        raise LinkTokenWrong(pointer="/link_token")
    return found


async def take_up(work: Work, found: WechatLink, person: Resident) -> None:
    """Link the account of the offer; an offer serves once."""
    assert found.openid is not None
    await link(work, found.openid, person)
    found.openid, found.used_at = None, work.now
    await work.session.flush()
