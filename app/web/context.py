"""What surrounds each request: its ids, its language, its log line, its metrics and the headers of safety."""

import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.text import chosen, language
from app.web import metrics
from app.web.problems import ContentTooLarge

log = structlog.get_logger("request")

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.\-]{8,64}")
QUIET = {"/livez", "/readyz", "/metrics"}


class RequestContext:
    """The outermost layer: nothing that happens inside can leave a request without an answer and a line."""

    def __init__(
        self, app: ASGIApp, on_error: Callable[[Request, Exception], Awaitable[Any]], *, tls: bool, max_body: int
    ) -> None:
        self.app = app
        self.on_error = on_error
        self.tls = tls
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        _identify(scope, headers)
        token = language.set(chosen(headers.get("accept-language", "")))
        structlog.contextvars.bind_contextvars(request_id=scope["request_id"], trace_id=scope["trace_id"])
        started, status = time.perf_counter(), 500
        answered = False

        async def decorated(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                self._decorate(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            try:
                if _declared_length(headers) > self.max_body:
                    raise ContentTooLarge
                await self.app(scope, receive, decorated)
            except Exception as error:
                if answered:
                    raise
                response = await self.on_error(Request(scope), error)
                await response(scope, receive, decorated)
        finally:
            seconds = time.perf_counter() - started
            template = _template(scope)
            metrics.observe(scope["method"], template, status, seconds)
            if scope["path"] not in QUIET:
                _tell(scope, template, status, seconds)
            structlog.contextvars.clear_contextvars()
            language.reset(token)

    def _decorate(self, headers: MutableHeaders, scope: Scope) -> None:
        headers["X-Request-Id"] = scope["request_id"]
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Content-Language", language.get())
        headers.add_vary_header("Accept-Language")
        if self.tls:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def _declared_length(headers: Headers) -> int:
    """What `Content-Length` says; a body without one is counted while it comes in."""
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _identify(scope: Scope, headers: Headers) -> None:
    given = headers.get("x-request-id", "")
    scope["request_id"] = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(12)
    trace = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    scope["trace_id"] = trace.group(1) if trace else secrets.token_hex(16)


def _template(scope: Scope) -> str:
    """The route's path with its parameters' names: a path itself may hold what must not be counted or logged."""
    context = (
        scope.get("fastapi", {}).get("effective_route_context") if isinstance(scope.get("fastapi"), dict) else None
    )
    return str(getattr(context, "path", None) or getattr(scope.get("route"), "path", "unmatched"))


def _tell(scope: Scope, template: str, status: int, seconds: float) -> None:
    actor = scope.get("actor")
    log.info(
        "request",
        method=scope["method"],
        route=template,
        status=status,
        ms=round(seconds * 1000, 1),
        role=str(actor.role) if actor else None,
        actor=str(actor.id) if actor and actor.id else None,
        code=scope.get("problem_code"),
    )
