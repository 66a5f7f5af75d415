"""Refusals on the wire: every error is RFC 9457 problem+json, whoever raised it."""

from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy import exc
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.core.errors import Busy, Invalid, NotFound, Problem
from app.core.text import Text, language
from app.web.complaints import complaints

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "urn:diandan:problem:"

BUSY_STATES = {"40P01", "40001", "55P03", "57014", "25P03", "57P05"}
"""Deadlock, serialization failure, lock timeout, statement timeout, idle timeouts: the same request may succeed."""


class Malformed(Problem):
    status, code = 400, "malformed-json"
    title = Text("请求体不是合法的 JSON", "The body is not valid JSON")
    detail = Text("请求体必须是 UTF-8 编码的 JSON。", "The body must be JSON in UTF-8.")


class UnsupportedMediaType(Problem):
    status, code = 415, "unsupported-media-type"
    title = Text("不支持的内容类型", "Unsupported media type")
    detail = Text("请使用 {expected}。", "Use {expected}.")


class ContentTooLarge(Problem):
    status, code = 413, "content-too-large"
    title = Text("内容过大", "Content too large")


class Conflict(Problem):
    status, code = 409, "conflict"
    title = Text("与已有内容冲突", "It conflicts with what is there")
    detail = Text("同样的内容已经存在，请刷新后再试。", "The same thing is there already. Reload and try again.")


STATUS_CODES: dict[int, tuple[str, Text]] = {
    400: ("bad-request", Text("请求有误", "Bad request")),
    404: ("not-found", Text("没有找到", "Not found")),
    405: ("method-not-allowed", Text("不支持这种请求方法", "Method not allowed")),
    413: ("content-too-large", Text("内容过大", "Content too large")),
    500: ("internal-error", Text("系统出错了", "Internal error")),
    503: ("busy", Text("系统繁忙", "Busy")),
}


def render(
    status: int,
    code: str,
    title: Text,
    detail: str,
    request: Request,
    *,
    errors: list[dict[str, str]] | None = None,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": TYPE_BASE + code,
        "title": str(title),
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "code": code,
        "trace_id": request.scope.get("trace_id", ""),
    }
    if errors:
        body["errors"] = errors
    body |= extra or {}
    all_headers = {"Content-Language": language.get(), "Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=all_headers)


def respond(request: Request, problem: Problem) -> Response:
    headers = dict(problem.headers)
    if problem.retry_after is not None or problem.status in {429, 503}:
        headers["Retry-After"] = str(problem.retry_after or 1)
    if problem.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    detail = problem.say()
    errors = [{"pointer": problem.pointer, "detail": detail}] if problem.pointer else None
    return render(
        problem.status,
        problem.code,
        problem.title,
        detail,
        request,
        errors=errors,
        extra=problem.extra,
        headers=headers,
    )


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    request.scope["problem_code"] = error.code
    return respond(request, error)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return respond(request, Malformed())
    errors = complaints(found, error.body)
    request.scope["problem_code"] = Invalid.code
    detail = (
        "；".join(e["detail"] for e in errors[:3])
        if language.get() != "en"
        else "; ".join(f"{e['pointer']}: {e['detail']}" for e in errors[:3])
    )
    return render(422, Invalid.code, Invalid.title, detail or str(Invalid.title), request, errors=errors)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return respond(request, NotFound())
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_allowed(request)))
    code, title = STATUS_CODES.get(error.status_code, ("http-error", Text("请求未能完成", "The request failed")))
    return render(error.status_code, code, title, str(title), request, headers=headers)


def _allowed(request: Request) -> set[str]:
    """Every method that some route offers at this path; a path that is spelt out goes before one with parameters."""
    spelt: set[str] = set()
    matched: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        regex = getattr(context, "path_regex", None)
        if regex is not None and regex.match(request.url.path):
            methods = set(context.methods or ())
            matched |= methods
            spelt |= methods if context.path == request.url.path else set()
    return spelt or matched


async def _on_database(request: Request, error: Exception) -> Response:
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    lost = isinstance(error, exc.TimeoutError) or bool(getattr(error, "connection_invalidated", False))
    if lost or state in BUSY_STATES or (state or "")[:2] in {"08", "53", "57", "58"} or _never_connected(error):
        log.warning("database_busy", sqlstate=state, error=type(error).__name__)
        return respond(request, Busy(retry_after=1))
    if state == "23505":
        return respond(request, Conflict())
    return await on_unexpected(request, error)


def _never_connected(error: Exception) -> bool:
    return isinstance(error, exc.OperationalError) and getattr(error.orig, "sqlstate", None) is None


async def on_unexpected(request: Request, error: Exception) -> Response:
    """What got past every handler: a refusal of the outermost layers, or a 500 that tells only the trace id."""
    if isinstance(error, Problem):
        return await _on_problem(request, error)
    log.error("unexpected", error=type(error).__name__, where=_where(error))
    code, title = STATUS_CODES[500]
    detail = Text("系统出错了，请把编号告诉服务中心。", "Something broke. Tell the service centre the trace id.")
    return render(500, code, title, str(detail), request)


def _where(error: Exception) -> list[str]:
    """The frames, without values: values may be personal."""
    frames, tb = [], error.__traceback__
    while tb is not None:
        code = tb.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/app/')[2]}:{tb.tb_lineno} {code.co_name}")
        tb = tb.tb_next
    return frames[-8:]


def install(app: FastAPI) -> None:
    """Make `app` answer every refusal as problem+json."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(exc.SQLAlchemyError, _on_database)


def problems(*classes: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: the refusals that it raises by name, by status."""
    found: dict[int | str, dict[str, Any]] = {}
    for cls in classes:
        entry = found.setdefault(cls.status, {"description": "", "x-codes": []})
        entry["x-codes"].append(cls.code)
        entry["description"] = (entry["description"] + "；" if entry["description"] else "") + (
            f"{cls.title.zh}（`{cls.code}`）"
        )
    return found
