"""What a resident has agreed to be sent by WeChat: one message for each tap, spent one by one."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from sqlalchemy import Update, func, update
from sqlalchemy.dialects.postgresql import insert

from app.config import Settings, WechatTemplate
from app.people.wechat import queries
from app.people.wechat.models import WechatSubscription
from app.people.wechat.problems import TemplateUnknown
from app.people.wechat.schemas import AnswerSubscriptions, SubscriptionRead, SubscriptionsRead
from app.web.work import Work

MOST = 100


def _stand_in(name: str, ask_at: Literal["PLACE_ORDER", "ACCEPT_QUOTE", "OPEN_ORDER"]) -> WechatTemplate:
    return WechatTemplate(id=f"stand-in-{name}", data={"character_string1": "{number}"}, page="", ask_at=ask_at)


STAND_INS = {
    "order-quoted": _stand_in("order-quoted", "PLACE_ORDER"),
    "order-scheduled": _stand_in("order-scheduled", "PLACE_ORDER"),
    "order-finished": _stand_in("order-finished", "ACCEPT_QUOTE"),
}
"""Development without a mini-program."""


def templates(settings: Settings) -> Mapping[str, WechatTemplate]:
    """The messages that can be sent by WeChat, by our names."""
    if settings.development and settings.wechat_app_id is None:
        return settings.wechat_templates or STAND_INS
    return settings.wechat_templates


async def read(work: Work) -> SubscriptionsRead:
    """Every message that there is, with the caller's consents."""
    assert work.actor.id is not None
    mine = {row.template: row for row in await queries.subscriptions(work.session, work.actor.id)}
    items = [
        SubscriptionRead(
            template=name,
            template_id=template.id,
            ask_at=template.ask_at,
            remaining=mine[name].remaining if name in mine else 0,
            rejected_at=mine[name].rejected_at if name in mine else None,
        )
        for name, template in templates(work.settings).items()
    ]
    linked = await queries.openid_of(work.session, work.actor.id) is not None
    return SubscriptionsRead(linked=linked, items=items)


async def answer(work: Work, body: AnswerSubscriptions) -> None:
    """Count each acceptance; a rejection takes nothing back that WeChat has counted before."""
    known = templates(work.settings)
    for field, names in (("accepted", body.accepted), ("rejected", body.rejected)):
        for place, name in enumerate(names):
            if name not in known:
                raise TemplateUnknown(pointer=f"/{field}/{place}")
    table = WechatSubscription.__table__
    for name in sorted({*body.accepted, *body.rejected}):
        said_no = None if name in body.accepted else work.now
        row = insert(WechatSubscription).values(
            resident_id=work.actor.id, template=name, remaining=0 if said_no else 1, rejected_at=said_no
        )
        more = func.least(table.c.remaining + row.excluded.remaining, MOST)
        row = row.on_conflict_do_update(
            index_elements=["resident_id", "template"], set_={"remaining": more, "rejected_at": said_no}
        )
        await work.session.execute(row)


async def spend(work: Work, resident_id: UUID, template: str) -> str | None:
    """The openid to write to, for one message of the template; None when he is not linked or has not agreed to one.

    Exact, however many messages go out at once.
    """
    if template not in templates(work.settings):
        return None
    openid = await queries.openid_of(work.session, resident_id)
    if openid is None:
        return None
    one_less = _row(resident_id, template).where(WechatSubscription.remaining > 0)
    one_less = one_less.values(remaining=WechatSubscription.remaining - 1)
    spent = await work.session.execute(one_less.returning(WechatSubscription.template))
    return openid if spent.scalar_one_or_none() is not None else None


async def give_back(work: Work, resident_id: UUID, template: str) -> None:
    """The message has not been sent; the next try spends one again."""
    one_more = func.least(WechatSubscription.remaining + 1, MOST)
    await work.session.execute(_row(resident_id, template).values(remaining=one_more))


async def forget(work: Work, resident_id: UUID, template: str) -> None:
    """WeChat knows of no consent: ours were wrong, until he taps again."""
    await work.session.execute(_row(resident_id, template).values(remaining=0))


def _row(resident_id: UUID, template: str) -> Update:
    row = update(WechatSubscription).where(
        WechatSubscription.resident_id == resident_id, WechatSubscription.template == template
    )
    return row.execution_options(synchronize_session=False)
