"""The way out by text message: through the gateway within the day's cap, or in development as a line in the log."""

from collections.abc import Mapping
from datetime import date

import structlog

from app.config import Settings
from app.core.phones import is_mobile
from app.core.text import mask_phone
from app.db.engine import Sessions
from app.http import BadAnswer, Http, NeverAsked
from app.outreach import aliyun, spending
from app.outreach.aliyun import Aliyun
from app.web.run import Run, SendSms, Undeliverable

log = structlog.get_logger(__name__)

CODES = "-code"
"""Templates with this ending carry a code that somebody waits for."""
RESERVED_PERCENT = 40
"""This share of the day's cap is kept for codes: notices stop before nobody can sign in."""


class NoGateway(Undeliverable):
    """No gateway is set, and this is production."""


class OverDailyCap(Undeliverable):
    """The day's messages have cost what they may."""


class NotByMessage(Undeliverable):
    """Not a mobile phone, no template at the gateway, or a refusal for good; the text says which."""


async def send(phone: str, template: str, params: Mapping[str, str]) -> None:
    """Say that a message would have gone out: to whom (masked) and by which template, never what it says."""
    log.info("sms", to=mask_phone(phone), template=template, fields=sorted(params))


async def refuse(phone: str, template: str, params: Mapping[str, str]) -> None:
    """Production without a gateway: nothing is said to have been sent."""
    log.error("sms_not_sent", why="no gateway is set", template=template)
    raise NoGateway("no gateway")


def sender(settings: Settings, sessions: Sessions, http: Http) -> SendSms:
    """The way out that the settings name."""
    if settings.sms_key_id is None or settings.sms_key_secret is None or settings.sms_sign_name is None:
        return send if settings.development else refuse
    secret = settings.sms_key_secret.get_secret_value()
    account = Aliyun(http, settings.sms_base_url, settings.sms_key_id, secret, settings.sms_sign_name)
    return Gateway(settings, sessions, account).send


class Gateway:
    """Messages through Aliyun. Each is paid for before it is sent, and the money is given back if it was refused."""

    def __init__(self, settings: Settings, sessions: Sessions, account: Aliyun) -> None:
        self.settings = settings
        self.account = account
        self.run = Run(settings, sessions, self.send)

    async def send(self, phone: str, template: str, params: Mapping[str, str]) -> None:
        """Raises `Undeliverable` when trying again is of no use; anything else may pass.

        After a silence the money stays spent and the job is tried again: rather a message twice than none.
        """
        code = self.settings.sms_templates.get(template)
        if code is None:
            log.error("sms_not_sent", why="the template is not in DIANDAN_SMS_TEMPLATES", template=template)
            raise NotByMessage("no template")
        if not is_mobile(phone):
            raise NotByMessage("not a mobile phone")
        price = self.settings.sms_price_fen
        async with self.run.work() as work:
            day, now = work.today, work.now
            if not await spending.take(work, price, self._most(template)):
                log.error("sms_over_daily_cap", template=template, cap_fen=self.settings.sms_daily_cap_fen)
                raise OverDailyCap("over the daily cap")
        try:
            await self.account.send(phone, code, params, now)
        except (aliyun.Refused, NeverAsked) as error:
            await self._give_back(day, price)
            why = error.code if isinstance(error, aliyun.Refused) else str(error)
            if why in aliyun.BUSY or isinstance(error, NeverAsked):
                log.warning("sms_not_sent", why=why, template=template)
            else:
                log.error("sms_not_sent", why=why, template=template)
            if why in aliyun.NEVER:
                raise NotByMessage(why) from None
            raise
        except BadAnswer as error:
            log.error("sms_not_sent", why=str(error), template=template)
            raise
        log.info("sms", to=mask_phone(phone), template=template, fields=sorted(params))

    def _most(self, template: str) -> int:
        cap = self.settings.sms_daily_cap_fen
        return cap if template.endswith(CODES) else cap * (100 - RESERVED_PERCENT) // 100

    async def _give_back(self, day: date, fen: int) -> None:
        async with self.run.work() as work:
            await spending.give_back(work, day, fen)
