"""The way out by WeChat: subscription messages of the mini-program, or in development a line in the log.

Shapes: https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/ (sendMessage). A message needs a tap of its own.
"""

import re
from collections.abc import Mapping

import structlog

from app.config import Settings
from app.db.engine import Sessions
from app.http import Http
from app.people.wechat.client import BUSY, RETRY_SECONDS, MiniProgram, mini_program
from app.people.wechat.problems import WechatUnavailable
from app.people.wechat.subscriptions import templates
from app.web.run import SendWechat, Undeliverable, no_wechat

log = structlog.get_logger(__name__)

NOT_AGREED = 43101
CONCURRENT = 43108
LIMITS = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10}
"""How many characters WeChat takes in a field, by its kind; it refuses what is longer."""


class NotAgreed(Undeliverable):
    """The user has not agreed to another message of this kind, or has taken that back in WeChat."""


class NotByWechat(Undeliverable):
    """No such template here, or a refusal that somebody has to mend; the text says which."""


async def send(openid: str, template: str, params: Mapping[str, str]) -> None:
    """Say that a message would have gone out, by which template, and never what it says or to whom."""
    log.info("wechat", template=template, fields=sorted(params))


def sender(settings: Settings, sessions: Sessions, http: Http) -> SendWechat:
    """The way out that the settings name."""
    account = mini_program(settings, sessions, http)
    if account is None:
        return send if settings.development else no_wechat
    return Messages(settings, account).send


class Messages:
    """Messages of a mini-program."""

    def __init__(self, settings: Settings, account: MiniProgram) -> None:
        self.settings = settings
        self.account = account

    async def send(self, openid: str, template: str, params: Mapping[str, str]) -> None:
        """Raises `Undeliverable` when trying again is of no use; anything else may pass."""
        code = await self.account.message(self._body(openid, template, params))
        if code == 0:
            log.info("wechat", template=template, fields=sorted(params))
            return
        if code in BUSY or code == CONCURRENT:
            log.warning("wechat_not_sent", errcode=code, template=template)
            raise WechatUnavailable(retry_after=RETRY_SECONDS)
        if code == NOT_AGREED:
            raise NotAgreed(str(code))
        log.error("wechat_not_sent", errcode=code, template=template)
        raise NotByWechat(str(code))

    def _body(self, openid: str, template: str, params: Mapping[str, str]) -> Mapping[str, object]:
        known = templates(self.settings).get(template)
        if known is None:
            raise NotByWechat("no template")
        try:
            data = {name: {"value": _fitting(name, text.format(**params))} for name, text in known.data.items()}
            page = known.page.format(**params)
        except KeyError as missing:
            log.error("wechat_not_sent", why="the message has no such parameter", template=template, field=str(missing))
            raise NotByWechat("no parameter") from None
        return {
            "touser": openid,
            "template_id": known.id,
            "page": page,
            "data": data,
            "miniprogram_state": self.settings.wechat_state,
            "lang": "zh_CN",
        }


def _fitting(field: str, value: str) -> str:
    """The value on one line, as long as the field may be."""
    line = " ".join(value.split())
    most = LIMITS.get(re.sub(r"[0-9]+$", "", field))
    return line if most is None or len(line) <= most else f"{line[: most - 1]}…"
