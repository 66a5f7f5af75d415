"""Fixtures are people: each speaks HTTP to the real program over a real PostgreSQL."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from app.config import Settings
from app.main import create_app, furnish
from tests.contract import checked
from tests.statements import Statements, watch

# What has been imported lives as long as the run: the collector need not walk it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 100)

pytest_plugins = ["tests.database", "tests.outside", "tests.log_watch"]

Person = httpx2.AsyncClient
_houses: dict[tuple[Any, ...], FastAPI] = {}


@pytest.fixture
def settings() -> Settings:
    return Settings(otp_per_phone_day=1000, otp_per_address_hour=10_000, login_tries=1000)


@pytest.fixture
async def app(database_url: str, settings: Settings) -> AsyncIterator[FastAPI]:
    """The program over a database of its own; what its routes and its doors are made of is built once a worker."""
    doors = (settings.env, settings.cors_origins, settings.trusted_proxies, settings.docs_login)
    made = _houses.get(doors)
    if made is None:
        made = _houses[doors] = create_app(settings, database_url)
    else:
        furnish(made, settings, database_url)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
def somebody(app: FastAPI) -> Callable[..., Person]:
    """Somebody who can speak to the program; every answer is held against the committed contract."""

    def make(token: str | None = None, **headers: str) -> Person:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return Person(
            transport=httpx2.ASGITransport(app=app, client=("127.0.0.1", 40000)),
            base_url="http://diandan.test",
            headers=headers,
            event_hooks={"response": [checked]},
        )

    return make


@pytest.fixture
async def visitor(somebody: Callable[..., Person]) -> Person:
    return somebody()


async def sign_in_resident(visitor: Person, phone: str) -> dict[str, Any]:
    answer = await visitor.post("/v1/auth/otp/verify", json={"phone": phone, "code": "000000"})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def sign_in_staff(visitor: Person, username: str, password: str = "demo-2026") -> str:
    form = {"grant_type": "password", "username": username, "password": password}
    answer = await visitor.post("/v1/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


SignIn = Callable[[str], Awaitable[Person]]


@pytest.fixture
def sign_in(visitor: Person, somebody: Callable[..., Person]) -> SignIn:
    """Sign a resident in by phone, staff by name, or the demo integrator."""

    async def enter(who: str) -> Person:
        if who.startswith("138"):
            return somebody((await sign_in_resident(visitor, who))["access_token"])
        if who == "integrator":
            form = {
                "grant_type": "client_credentials",
                "client_id": "demo-integrator",
                "client_secret": "demo-integrator-secret",
            }
            answer = await visitor.post("/v1/auth/token", data=form)
            return somebody(answer.json()["access_token"])
        person = somebody(await sign_in_staff(visitor, who))
        if who == "agent":
            opened = await person.post(
                "/v1/calls", json={"channel": "PHONE", "direction": "INBOUND", "identity_check": ["ROOM", "NAME"]}
            )
            person.headers["Call-Id"] = opened.json()["number"]
        return person

    return enter


@pytest.fixture
async def resident(sign_in: SignIn) -> Person:
    """The owner of QHC-1-1-102."""
    return await sign_in("13800000003")


@pytest.fixture
async def neighbour(sign_in: SignIn) -> Person:
    """The tenant next door."""
    return await sign_in("13800000005")


@pytest.fixture
async def agent(sign_in: SignIn) -> Person:
    """A call-centre agent with an open call."""
    return await sign_in("agent")


@pytest.fixture
async def clerk(sign_in: SignIn) -> Person:
    return await sign_in("clerk")


@pytest.fixture
async def manager(sign_in: SignIn) -> Person:
    return await sign_in("manager")


@pytest.fixture
async def committee(sign_in: SignIn) -> Person:
    return await sign_in("committee")


@pytest.fixture
async def crew(sign_in: SignIn) -> Person:
    return await sign_in("crew")


@pytest.fixture
async def admin_person(sign_in: SignIn) -> Person:
    return await sign_in("admin")


@pytest.fixture
async def integrator(sign_in: SignIn) -> Person:
    return await sign_in("integrator")


@pytest.fixture
def statements(app: FastAPI) -> Statements:
    """The statements that the program sends from now on."""
    return watch(app.state.sessions.engine)
