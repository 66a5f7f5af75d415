"""The mini-program's server API: who a code is, which phone he has; and what stands in for it in development.

Shapes: https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/ (code2Session, getStableAccessToken,
getPhoneNumber). WeChat answers 200 with an `errcode` in the body, whatever is wrong.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from app.config import Settings
from app.core.phones import normalise
from app.db.engine import Sessions
from app.http import Http, OutboundFailed
from app.people.wechat import queries
from app.people.wechat.models import WechatAccessToken
from app.people.wechat.problems import WechatCodeWrong, WechatUnavailable

log = structlog.get_logger(__name__)

BAD_CODES = {40029, 40163, 40226}
"""No such code, used before, or of somebody whom WeChat takes for a risk."""
BUSY = {-1, 45009, 45011}
"""WeChat's own fault, or too many calls in a day or a minute; whatever else it says somebody has to mend."""
STALE_TOKEN = {40001, 40014, 42001}
RETRY_SECONDS = 5


class Wechat(Protocol):
    """What signing in asks of WeChat. Raises `WechatCodeWrong` or `WechatUnavailable`."""

    async def openid(self, code: str) -> str:
        """Whose code of `wx.login` it is."""

    async def phone(self, code: str) -> str:
        """The phone, in E.164, that the user has shown by the button `getPhoneNumber`."""


class MiniProgram:
    """The real one."""

    def __init__(self, base_url: str, app_id: str, secret: str, sessions: Sessions, http: Http) -> None:
        self.base_url = base_url.rstrip("/")
        self.app_id, self._secret = app_id, secret
        self.sessions = sessions
        self.http = http

    async def openid(self, code: str) -> str:
        given = {"appid": self.app_id, "secret": self._secret, "js_code": code, "grant_type": "authorization_code"}
        body = await self._ask("GET", "/sns/jscode2session", params=given)
        return _text(_good(body), "openid")

    async def phone(self, code: str) -> str:
        body = _good(await self.call("/wxa/business/getuserphonenumber", {"code": code}))
        info = body.get("phone_info")
        if not isinstance(info, dict):
            raise _unavailable("no phone_info")
        country, number = info.get("countryCode"), _text(info, "purePhoneNumber")
        try:
            return normalise(f"+{country}{number}")
        except ValueError:
            raise _unavailable("no phone") from None

    async def message(self, body: Mapping[str, Any]) -> int:
        """Send a subscription message; WeChat's error code, 0 when it is on its way."""
        return _errcode(await self.call("/cgi-bin/message/subscribe/send", body))

    async def call(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """What WeChat answers to a call with the mini-program's token; one that it does not take is renewed once."""
        token = await self._token()
        answer = await self._ask("POST", path, params={"access_token": token}, json=body)
        if _errcode(answer) in STALE_TOKEN:
            token = await self._renewed(token)
            answer = await self._ask("POST", path, params={"access_token": token}, json=body)
        return answer

    async def _token(self) -> str:
        async with self.sessions.read() as session:
            known = await queries.access_token(session, self.app_id)
        return known or await self._renewed(None)

    async def _renewed(self, refused: str | None) -> str:
        """A token from WeChat, kept for everybody. Its stable token is the same for all who ask, until it is forced."""
        body = await self._stable_token(force=False)
        if refused is not None and body.get("access_token") == refused:
            body = await self._stable_token(force=True)
        token, seconds = _text(body, "access_token"), body.get("expires_in")
        lasts = timedelta(seconds=seconds if isinstance(seconds, int) else 0)
        row = insert(WechatAccessToken).values(app_id=self.app_id, token=token, expires_at=func.now() + lasts)
        row = row.on_conflict_do_update(
            index_elements=["app_id"], set_={"token": row.excluded.token, "expires_at": row.excluded.expires_at}
        )
        async with self.sessions.write() as session, session.begin():
            await session.execute(row)
        return token

    async def _stable_token(self, *, force: bool) -> Mapping[str, Any]:
        wanted = {
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        return _good(await self._ask("POST", "/cgi-bin/stable_token", json=wanted))

    async def _ask(self, method: str, path: str, **sent: Any) -> Mapping[str, Any]:
        try:
            answer = await self.http.ask(method, self.base_url + path, **sent)
        except OutboundFailed as error:
            raise _unavailable(str(error)) from None
        if answer.status != 200:
            raise _unavailable(f"http-{answer.status}")
        return answer.body


class StandIn:
    """Development without a mini-program: each code is an account of its own, and a phone is its own proof."""

    async def openid(self, code: str) -> str:
        return f"stand-in-{code}"

    async def phone(self, code: str) -> str:
        try:
            return normalise(code)
        except ValueError:
            raise WechatCodeWrong from None


class Nobody:
    """Production without a mini-program."""

    async def openid(self, code: str) -> str:
        raise WechatUnavailable(retry_after=3600)

    phone = openid


def client(settings: Settings, sessions: Sessions, http: Http) -> Wechat:
    """WeChat as the settings name it."""
    return mini_program(settings, sessions, http) or (StandIn() if settings.development else Nobody())


def mini_program(settings: Settings, sessions: Sessions, http: Http) -> MiniProgram | None:
    """The real one, where it is set."""
    if settings.wechat_app_id is None or settings.wechat_app_secret is None:
        return None
    secret = settings.wechat_app_secret.get_secret_value()
    return MiniProgram(settings.wechat_base_url, settings.wechat_app_id, secret, sessions, http)


def _errcode(body: Mapping[str, Any]) -> int:
    code = body.get("errcode", 0)
    return code if isinstance(code, int) else -1


def _good(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body, if it says that all is well."""
    code = _errcode(body)
    if code in BAD_CODES:
        raise WechatCodeWrong
    if code in BUSY:
        raise _unavailable(f"errcode {code}")
    if code != 0:
        log.error("wechat_refused", errcode=code)
        raise WechatUnavailable(retry_after=RETRY_SECONDS)
    return body


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise _unavailable(f"no {name}")
    return found


def _unavailable(why: str) -> WechatUnavailable:
    log.warning("wechat_unavailable", why=why)
    return WechatUnavailable(retry_after=RETRY_SECONDS)
