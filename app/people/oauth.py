"""The token route: OAuth 2 grants in a form, answers and errors in the JSON of RFC 6749."""

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import JSONResponse, Response

from app.core.text import Text
from app.people import sessions
from app.people.schemas import OAuthError, TokenRead
from app.people.sessions import SignInRefused
from app.people.tokens import Issued
from app.web.route import public, router
from app.web.work import SignInDep, Work

auth = router("/v1/auth", "登录")

Field200 = Annotated[str | None, Form(max_length=200)]
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
WORDS = {
    "invalid_request": Text("请求缺少必要的参数", "A parameter is missing"),
    "invalid_grant": SignInRefused.detail,
    "invalid_client": Text("对接系统的编号或密钥不对", "The client is unknown or its secret is wrong"),
    "unsupported_grant_type": Text("不支持这种授权方式", "The grant type is not supported"),
}


@dataclass(frozen=True)
class Grant:
    """The form of a token request; all fields are optional here, so that errors can speak RFC 6749."""

    grant_type: str | None
    username: str | None
    password: str | None
    client_id: str | None
    client_secret: str | None
    refresh_token: str | None


def _form(
    grant_type: Annotated[str | None, Form(max_length=40)] = None,
    username: Field200 = None,
    password: Field200 = None,
    client_id: Field200 = None,
    client_secret: Field200 = None,
    refresh_token: Field200 = None,
    scope: Field200 = None,
) -> Grant:
    return Grant(grant_type, username, password, client_id, client_secret, refresh_token)


GrantDep = Annotated[Grant, Depends(_form)]


def _refused(error: str, status: int = 400) -> Response:
    body = OAuthError(error=error, error_description=str(WORDS[error]))
    headers = NO_STORE | ({"WWW-Authenticate": 'Basic realm="diandan"'} if status == 401 else {})
    return JSONResponse(body.model_dump(), status, headers)


def _basic(request: Request) -> tuple[str, str] | None:
    """Client credentials in the header; Swagger UI's empty `Basic Og==` counts as none."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if name else None


async def _by_password(work: Work, request: Request, grant: Grant) -> Issued | None:
    if not grant.username or grant.password is None:
        return None
    return await sessions.begin_staff(work, grant.username, grant.password)


async def _by_refresh_token(work: Work, request: Request, grant: Grant) -> Issued | None:
    return await sessions.renew(work, grant.refresh_token) if grant.refresh_token else None


async def _by_client(work: Work, request: Request, grant: Grant) -> Issued | None:
    name, secret = _basic(request) or (grant.client_id, grant.client_secret)
    if not name or secret is None:
        return None
    return await sessions.begin_client(work, name, secret)


GRANTS = {"password": _by_password, "refresh_token": _by_refresh_token, "client_credentials": _by_client}
"""What each grant does; None says that a parameter is missing."""


@auth.post(
    "/token",
    operation_id="issueToken",
    response_model=TokenRead,
    responses={
        400: {
            "description": "RFC 6749 的错误：invalid_grant、invalid_request、unsupported_grant_type",
            "model": OAuthError,
        },
        401: {"description": "RFC 6749 的错误：invalid_client", "model": OAuthError},
    },
)
@public
async def issue_token(work: SignInDep, request: Request, grant: GrantDep) -> Response:
    """OAuth 2 取得令牌：`password`（仅限本系统员工的话务台和文档页）、`client_credentials`（对接系统）、`refresh_token`（市民续期）。

    续期令牌每次换新；用过的再次出现，整个登录立即失效。
    """
    handler = GRANTS.get(grant.grant_type or "")
    if handler is None:
        return _refused("unsupported_grant_type" if grant.grant_type else "invalid_request")
    try:
        issued = await handler(work, request, grant)
    except SignInRefused:
        await work.checkpoint()
        client = grant.grant_type == "client_credentials"
        return _refused("invalid_client" if client else "invalid_grant", 401 if client else 400)
    if issued is None:
        return _refused("invalid_request")
    return JSONResponse(TokenRead.of(issued).model_dump(), headers=NO_STORE)


@auth.post("/revoke", operation_id="revokeToken", response_model=None, status_code=200)
@public
async def revoke_token(work: SignInDep, token: Annotated[str, Form(min_length=1, max_length=2000)]) -> Response:
    """退出：令牌（以及它所属的登录）立即失效；不认识的令牌也返回 200（RFC 7009）。"""
    await sessions.revoke(work, token)
    return JSONResponse({}, headers=NO_STORE)
