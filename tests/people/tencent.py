"""WeChat on this machine, by its manual and not by our code: codes that serve once, one stable token, counted consents."""

import re
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

from app.config import Settings
from tests.loopback import Asked, Loopback, Reply, listening

APP_ID, SECRET = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef"
LIMITS = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10, "time": 40, "date": 40, "number": 32}


def wechat_settings(server: Loopback, **more: Any) -> Settings:
    given = {
        "wechat_base_url": server.base,
        "wechat_app_id": APP_ID,
        "wechat_app_secret": SECRET,
        "otp_per_phone_day": 1000,
        "otp_per_address_hour": 10_000,
    }
    return Settings(**{**given, **more})


def error(code: int, message: str = "m") -> Reply:
    return {"errcode": code, "errmsg": message}


class Tencent:
    """The mini-program's side of the manual."""

    def __init__(self) -> None:
        self.logins: dict[str, str] = {}
        self.phones: dict[str, str] = {}
        self.used: set[str] = set()
        self.minted = 1
        self.expired: set[str] = set()
        self.agreed: dict[tuple[str, str], int] = {}
        self.sent: list[dict[str, Any]] = []

    @property
    def token(self) -> str:
        return f"token-{self.minted}"

    def login(self, code: str, openid: str) -> str:
        self.logins[code] = openid
        return code

    def shows(self, code: str, phone: str) -> str:
        self.phones[code] = phone
        return code

    def __call__(self, asked: Asked) -> Reply:
        routes: dict[tuple[str, str], Callable[[Asked], Reply]] = {
            ("GET", "/sns/jscode2session"): self._session,
            ("POST", "/cgi-bin/stable_token"): self._stable_token,
            ("POST", "/wxa/business/getuserphonenumber"): self._phone,
            ("POST", "/cgi-bin/message/subscribe/send"): self._send,
        }
        route = routes.get((asked.method, asked.path))
        return route(asked) if route else error(40066, "invalid url")

    def _once(self, code: str, known: dict[str, str]) -> str | Reply:
        if code not in known:
            return error(40029, "invalid code")
        if code in self.used:
            return error(40163, "code been used")
        self.used.add(code)
        return known[code]

    def _session(self, asked: Asked) -> Reply:
        if set(asked.params) != {"appid", "secret", "js_code", "grant_type"}:
            return error(41002, "parameter missing")
        if asked.params["appid"] != APP_ID:
            return error(40013, "invalid appid")
        if asked.params["secret"] != SECRET:
            return error(40125, "invalid appsecret")
        if asked.params["grant_type"] != "authorization_code":
            return error(40002, "invalid grant_type")
        openid = self._once(asked.params["js_code"], self.logins)
        return {"openid": openid, "session_key": "a2V5"} if isinstance(openid, str) else openid

    def _stable_token(self, asked: Asked) -> Reply:
        wanted = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
        given = dict(asked.json)
        force = given.pop("force_refresh", False)
        if given != wanted or asked.headers["content-type"] != "application/json":
            return error(40001, "invalid credential")
        if force:
            self.minted += 1
        return {"access_token": self.token, "expires_in": 7200}

    def _refused(self, asked: Asked) -> Reply | None:
        token = asked.params.get("access_token")
        if token in self.expired:
            return error(42001, "access_token expired")
        return None if token == self.token else error(40001, "invalid credential")

    def _phone(self, asked: Asked) -> Reply:
        if refused := self._refused(asked):
            return refused
        phone = self._once(asked.json["code"], self.phones)
        if not isinstance(phone, str):
            return phone
        info = {"phoneNumber": phone, "purePhoneNumber": phone, "countryCode": "86"}
        return {"errcode": 0, "errmsg": "ok", "phone_info": {**info, "watermark": {"timestamp": 1, "appid": APP_ID}}}

    def _send(self, asked: Asked) -> Reply:
        if refused := self._refused(asked):
            return refused
        body = asked.json
        if set(body) != {"touser", "template_id", "page", "data", "miniprogram_state", "lang"}:
            return error(47001, "data format error")
        if body["touser"] not in self.logins.values():
            return error(40003, "invalid openid")
        for key, entry in body["data"].items():
            kind = re.sub(r"\d+$", "", key)
            if kind not in LIMITS or set(entry) != {"value"} or not 0 < len(entry["value"]) <= LIMITS[kind]:
                return error(47003, f"argument invalid! data.{key}.value")
        key = (body["touser"], body["template_id"])
        if self.agreed.get(key, 0) < 1:
            return error(43101, "user refuse to accept the msg")
        self.agreed[key] -= 1
        self.sent.append(body)
        return {"errcode": 0, "errmsg": "ok", "msgid": 1}


@asynccontextmanager
async def tencent():
    """The server, and who stands behind it."""
    duty = Tencent()
    async with listening(duty) as server:
        yield server, duty
