"""Aliyun's text messages: SendSms of 2017-05-25, signed with ACS3-HMAC-SHA256, and what its answers mean.

Shapes: https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature and
https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

import orjson

from app.http import BadAnswer, Http

ALGORITHM = "ACS3-HMAC-SHA256"
VERSION = "2017-05-25"

NEVER = {
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.MOBILE_COUNT_OVER_LIMIT",
    "isv.BLACK_KEY_CONTROL_LIMIT",
    "isv.PARAM_LENGTH_LIMIT",
    "isv.PARAM_NOT_SUPPORT_URL",
    "isv.DAY_LIMIT_CONTROL",
    "isv.MONTH_LIMIT_CONTROL",
}
"""Codes after which the same message is refused for the same phone again, at least today."""
BUSY = {"isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR"}
"""Codes that pass: too many messages to one phone in a minute or an hour, or a fault of theirs."""


class Refused(Exception):
    """The gateway's answer is a refusal; the text is its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def canonical_query(params: Mapping[str, str]) -> str:
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(params.items()))


def signed_headers(
    key_id: str,
    secret: str,
    host: str,
    params: Mapping[str, str],
    *,
    action: str,
    version: str,
    at: datetime,
    nonce: str,
) -> dict[str, str]:
    """The headers of a POST to `/` without a body, with the signature over them and the query."""
    content = sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": content,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join(("POST", "/", canonical_query(params), lines, names, content))
    said = f"{ALGORITHM}\n{sha256(request.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), said.encode(), sha256).hex()
    authorization = f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"
    return {**headers, "Authorization": authorization}


class Aliyun:
    """One account at the gateway, with the signature that its messages begin with."""

    def __init__(self, http: Http, base_url: str, key_id: str, secret: str, sign_name: str) -> None:
        self.http = http
        self.base_url = base_url.rstrip("/")
        self.key_id, self.secret, self.sign_name = key_id, secret, sign_name

    async def send(self, phone: str, template_code: str, params: Mapping[str, str], at: datetime) -> None:
        """Send one message. Raises `Refused` by its code, or `OutboundFailed`.

        The gateway knows no idempotency: after a silence nobody can say whether the message went out.
        """
        query = {
            "PhoneNumbers": phone.removeprefix("+86"),
            "SignName": self.sign_name,
            "TemplateCode": template_code,
            "TemplateParam": orjson.dumps(dict(params)).decode(),
        }
        headers = signed_headers(
            self.key_id,
            self.secret,
            urlsplit(self.base_url).netloc,
            query,
            action="SendSms",
            version=VERSION,
            at=at,
            nonce=secrets.token_hex(16),
        )
        answer = await self.http.ask("POST", f"{self.base_url}/?{canonical_query(query)}", headers=headers)
        code = answer.body.get("Code")
        if not isinstance(code, str):
            raise BadAnswer("no Code")
        if code != "OK":
            raise Refused(code[:60])
