"""Whether the process lives, whether it should be sent requests, and the quiet way out."""

import time
from datetime import timedelta

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from app.core import clock
from app.web import metrics

_draining = False


def begin_drain() -> None:
    """From now on `/readyz` says 503, so that a proxy sends new requests elsewhere while the old ones finish."""
    global _draining
    _draining = True


async def livez() -> Response:
    """The process answers; nothing else is asked."""
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> Response:
    """The database answers and its schema is the one this program was written for; 503 while draining."""
    checks: dict[str, str] = {"draining": "yes" if _draining else "no", "database": "down", "migrations": "unknown"}
    started = time.perf_counter()
    try:
        async with request.app.state.sessions.read() as session:
            revision = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
        checks["database"] = "up"
        checks["migrations"] = "current" if revision == [request.app.state.schema_head] else "behind"
    except (SQLAlchemyError, OSError):
        pass
    checks["ms"] = str(round((time.perf_counter() - started) * 1000))
    ready = not _draining and checks["migrations"] == "current"
    headers = {} if ready else {"Retry-After": "1"}
    return JSONResponse({"status": "ready" if ready else "not-ready", **checks}, 200 if ready else 503, headers=headers)


async def security_txt(request: Request) -> Response:
    """RFC 9116: where to report a weakness; 404 while the operator has not said it."""
    contact = request.app.state.settings.security_contact
    if contact is None:
        raise HTTPException(404)
    until = clock.utc_now() + timedelta(days=180)
    told = f"Contact: {contact}\nExpires: {until:%Y-%m-%dT00:00:00Z}\nPreferred-Languages: zh, en\n"
    return Response(told, media_type="text/plain; charset=utf-8")


def mount(app: FastAPI) -> None:
    """Add the paths that operators and their helpers use; they stand outside the contract."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/livez", livez)
    router.add_api_route("/readyz", readyz)
    router.add_api_route("/metrics", metrics.metrics)
    router.add_api_route("/.well-known/security.txt", security_txt)
    app.include_router(router)
