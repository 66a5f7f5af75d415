"""The route: opens nothing by itself, but ends what the request opened, before the answer leaves."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import Response

from app.core.actors import Role
from app.core.errors import Busy, Problem
from app.core.ids import REF_PATTERN
from app.web import caching, idempotency
from app.web.idempotency import Replay
from app.web.problems import UnsupportedMediaType
from app.web.work import Opened

log = structlog.get_logger(__name__)

DEADLINE_SECONDS = 5.5
"""A request that has not ended by then is rolled back and refused with 503."""

F = TypeVar("F", bound=Callable[..., Any])
MAX_BODY = 1_000_000
"""Bytes of a request body, counted while it comes in."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def only(*roles: Role) -> Callable[[F], F]:
    """Whose route it is. Every route says either this or `public`."""

    def mark(endpoint: F) -> F:
        endpoint.__roles__ = frozenset(roles)  # type: ignore[attr-defined]
        return endpoint

    return mark


def public(endpoint: F) -> F:
    """Anybody's route, signed in or not."""
    endpoint.__roles__ = None  # type: ignore[attr-defined]
    return endpoint


class StrictRequest(Request):
    """A request whose JSON is read by orjson: no NaN, no BOM, no UTF-16, no bottomless nesting."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            body = await self.body()
            try:
                self._json = orjson.loads(body)
            except orjson.JSONDecodeError:
                self._json = _with_surrogates(body)
        return self._json


def _with_surrogates(body: bytes) -> Any:
    """What orjson refused, if lone surrogates were all that was wrong: the field's own check then names the field."""
    if b"\\u" not in body:
        raise json.JSONDecodeError("not JSON", "", 0)
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return value
    except (ValueError, RecursionError) as error:
        raise json.JSONDecodeError("not JSON", "", 0) from error
    raise json.JSONDecodeError("not JSON", "", 0)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


class Route(APIRoute):
    """An APIRoute in which returning commits and raising rolls back, before the first byte of the answer leaves."""

    def get_route_handler(self) -> Handler:
        if not hasattr(self.endpoint, "__roles__"):
            raise TypeError(f"{self.endpoint.__qualname__}: say `only(...)` or `public`")
        original = super().get_route_handler()
        takes_json = self.body_field is not None and type(self.body_field.field_info).__name__ not in {"Form", "File"}

        async def handle(plain: Request) -> Response:
            request = StrictRequest(plain.scope, plain.receive)
            if takes_json:
                _check_media_type(request)
            opened = Opened()
            request.state.opened = opened
            try:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    return await _run(request, original, opened)
            except TimeoutError as error:
                await _abandon(opened)
                raise Busy(retry_after=2) from error
            finally:
                await _close(opened)

        return handle


def _check_media_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    length = request.headers.get("content-length", "")
    if kind == "" and length in {"", "0"} and "transfer-encoding" not in request.headers:
        return
    if kind != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedMediaType(expected="application/json")


async def _run(request: Request, original: Handler, opened: Opened) -> Response:
    try:
        response = await original(request)
    except Replay as replay:
        return replay.response
    except Problem as problem:
        if problem.keep and opened.work is not None:
            await opened.work.session.commit()
        raise
    work = opened.work
    if work is None:
        return response
    if work.etag_version is not None:
        response = _tagged(request, response, work.etag_version)
    if opened.key is not None and response.status_code < 400:
        await idempotency.keep(work.session, opened.caller, opened.key, response)
    await work.session.commit()
    return response


def _tagged(request: Request, response: Response, version: int) -> Response:
    tag = caching.etag(version, bytes(response.body))
    if request.method == "GET" and caching.matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})
    response.headers["ETag"] = tag
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


async def _close(opened: Opened) -> None:
    if opened.work is not None:
        await opened.work.session.close()


async def _abandon(opened: Opened) -> None:
    """Give a connection up that does not answer, without asking it for a rollback."""
    if opened.work is not None:
        await opened.work.session.invalidate()


class RefConvertor(StringConvertor):
    """An id or a spoken number; `/v1/orders/preview` is no order."""

    regex = REF_PATTERN.replace("(", "(?:")


register_url_convertor("ref", RefConvertor())


def router(prefix: str, tag: str) -> APIRouter:
    """A router of the contract: one tag, our route, paths without a trailing slash."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=Route, redirect_slashes=False, max_body_size=MAX_BODY)
