"""Aliyun on this machine, by its manual and not by our code: it checks the signature and every parameter."""

import hashlib
import hmac
import json
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse

from app.config import Settings
from tests.loopback import Asked, Loopback, Reply, listening

KEY_ID, SECRET, SIGN_NAME = "LTAI5tLoopback", "a-loopback-secret", "永济点单"
SIGNED = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"


def sms_settings(server: Loopback | None = None, **more: Any) -> Settings:
    """Settings that send through the loopback."""
    given = {
        "sms_base_url": server.base if server else "http://127.0.0.1:9",
        "sms_key_id": KEY_ID,
        "sms_key_secret": SECRET,
        "sms_sign_name": SIGN_NAME,
        "sms_templates": "sign-in-code:SMS_1,proxy-code:SMS_3,order-placed:SMS_2",
        "sms_price_fen": 5,
        "sms_daily_cap_fen": 1000,
        "otp_per_phone_day": 1000,
        "otp_per_address_hour": 10_000,
    }
    return Settings(**{**given, **more})


def _error(status: int, code: str) -> Reply:
    return JSONResponse({"RequestId": "R", "HostId": "h", "Code": code, "Message": "m"}, status)


class Manual:
    """What the gateway's manual says that it does."""

    def __init__(self) -> None:
        self.nonces: set[str] = set()

    def __call__(self, asked: Asked) -> Reply:
        headers = asked.headers
        if (asked.method, asked.path, asked.body) != ("POST", "/", b""):
            return _error(404, "InvalidAction.NotFound")
        if (headers.get("x-acs-action"), headers.get("x-acs-version")) != ("SendSms", "2017-05-25"):
            return _error(404, "InvalidVersion")
        at = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(datetime.now(UTC) - at) > timedelta(minutes=15):
            return _error(400, "InvalidTimeStamp.Expired")
        if headers["x-acs-signature-nonce"] in self.nonces:
            return _error(400, "SignatureNonceUsed")
        self.nonces.add(headers["x-acs-signature-nonce"])
        if headers["authorization"] != _authorization(asked):
            return _error(400, "SignatureDoesNotMatch")
        return self._send(asked.params)

    def _send(self, params: dict[str, str]) -> Reply:
        if set(params) != {"PhoneNumbers", "SignName", "TemplateCode", "TemplateParam"}:
            return _error(400, "MissingParameter")
        if params["SignName"] != SIGN_NAME:
            return {"Code": "isv.SMS_SIGNATURE_ILLEGAL", "Message": "m", "RequestId": "R"}
        if not re.fullmatch(r"1[3-9]\d{9}", params["PhoneNumbers"]):
            return {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "m", "RequestId": "R"}
        given = json.loads(params["TemplateParam"])
        if not all(isinstance(value, str) for value in given.values()):
            return {"Code": "isv.INVALID_JSON_PARAM", "Message": "m", "RequestId": "R"}
        return {"Code": "OK", "Message": "OK", "BizId": "9006^0", "RequestId": "R"}


def _authorization(asked: Asked) -> str:
    """The signature as the gateway works it out from what came over the wire."""
    payload = hashlib.sha256(asked.body).hexdigest()
    assert asked.headers["x-acs-content-sha256"] == payload
    query = "&".join(sorted(asked.query.split("&")))
    canonical_headers = "".join(f"{name}:{asked.headers[name].strip()}\n" for name in SIGNED.split(";"))
    canonical = f"{asked.method}\n{asked.path}\n{query}\n{canonical_headers}\n{SIGNED}\n{payload}"
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={KEY_ID},SignedHeaders={SIGNED},Signature={signature}"


@asynccontextmanager
async def aliyun():
    async with listening(Manual()) as server:
        yield server
