"""Wiring: `create_app(settings)` puts the rooms together, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.areas import router as areas_router
from app.bookings import queries as bookings_queries
from app.bookings import router as bookings_router
from app.config import Settings
from app.core.actors import VISITOR, Actor
from app.db import migrate, sealing
from app.db.engine import Sessions, create_engine
from app.db.sealing import Keyring
from app.desk import router as desk_router
from app.http import Http
from app.menu import queries as menu_queries
from app.menu import router as menu_router
from app.orders import router as orders_router
from app.orders.examples import works_days
from app.outreach import router as outreach_router
from app.outreach import service as outreach
from app.people import identity
from app.people import queries as people_queries
from app.people import router as people_router
from app.people import sessions as sign_in
from app.people.wechat import client as wechat
from app.web import contract, docs, health, logs, problems
from app.web.caching import Pages
from app.web.context import RequestContext
from app.web.route import MAX_BODY
from app.web.work import Credentials, Work

OUTBOUND_SECONDS = 3.0
"""How long a request waits for one answer of another server."""


async def actor_of(session: AsyncSession, given: Credentials, settings: Settings) -> tuple[Actor, datetime]:
    """Who is asking, and under which call."""
    actor, now = await identity.actor_of(session, given, settings)
    return await outreach.with_call(session, actor, given.call_ref), now


async def opens_docs(request: Request, username: str, password: str) -> bool:
    """Whether a member of staff asks for the docs page; wrong passwords are counted like everywhere."""
    settings = request.app.state.settings
    async with request.app.state.sessions.write() as session:
        work = Work(session, VISITOR, await people_queries.instant(session), settings)
        try:
            await sign_in.known_staff(work, username, password)
        except sign_in.SignInRefused:
            return False
        finally:
            await session.commit()
    return True


def install_keyring(settings: Settings) -> None:
    """Hand the keys to the column types."""
    keys, secret = settings.encryption_keys.get_secret_value(), settings.secret_key.get_secret_value()
    sealing.use(Keyring.parse(keys, secret))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    sessions, pages, http = app.state.sessions, app.state.pages, app.state.http
    pages.start()
    try:
        yield
    finally:
        await pages.stop()
        await http.close()
        await sessions.close()


def furnish(app: FastAPI, settings: Settings, database_url: str | None) -> None:
    """Give the house its database, its keys and its ways out; all of it lies in `app.state`."""
    install_keyring(settings)
    url = database_url or settings.database_url
    if url is None:
        raise ValueError("no database: set DATABASE_URL, or start with `diandan serve`")
    sessions, http = Sessions(create_engine(url, settings.pool_size)), Http(OUTBOUND_SECONDS)
    app.state.settings, app.state.sessions, app.state.http = settings, sessions, http
    app.state.pages = Pages(sessions)
    app.state.wechat = wechat.client(settings, sessions, http)


def create_app(settings: Settings, database_url: str | None = None) -> FastAPI:
    """The whole program over one database. `database_url` goes before the settings: the embedded one has a URL too."""
    app = FastAPI(
        title="点单 Diandan",
        version="0.1.0",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    furnish(app, settings, database_url)
    app.state.actor_of, app.state.slide = actor_of, identity.slide
    app.state.schema_head = migrate.head()
    _mount(app)
    _surround(app, settings)
    return app


def _mount(app: FastAPI) -> None:
    rooms = (people_router, outreach_router, areas_router, bookings_router, menu_router, orders_router, desk_router)
    for router in (router for room in rooms for router in room.ROUTERS):
        app.include_router(router)
    health.mount(app)
    docs.mount(app, login_required=opens_docs if app.state.settings.docs_login else None)

    problems.install(app)
    app.state.example_values = {
        "price": menu_queries.example_prices,
        "slot": bookings_queries.example_slots,
        "works": works_days,
    }
    contract.mount(app)


def _surround(app: FastAPI, settings: Settings) -> None:
    """The last one added is the outermost: addresses first, then context, then CORS."""
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Call-Id"],
            expose_headers=["ETag", "Retry-After", "Location", "Idempotent-Replayed", "X-Request-Id"],
            max_age=600,
        )
    app.add_middleware(RequestContext, on_error=problems.on_unexpected, tls=not settings.development, max_body=MAX_BODY)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=[str(net) for net in settings.trusted_proxies])


def app_from_env() -> FastAPI:
    """For `uvicorn --factory app.main:app_from_env`."""
    settings = Settings()
    logs.configure(settings.log_format or ("console" if settings.development else "json"))
    return create_app(settings)
