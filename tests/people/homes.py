"""Short ways through bindings that several tests take."""

from datetime import date, timedelta
from typing import Any

import httpx2
from sqlalchemy import text

from app.core import clock
from app.core.actors import Role
from app.people.schemas import NewStaff
from app.people.service import add_staff
from tests.orders.bodies import ok

RESIDENCIES = "/v1/me/residencies"


def today() -> date:
    return clock.local_date(clock.utc_now())


def day(ahead: int) -> str:
    return (today() + timedelta(days=ahead)).isoformat()


async def ask(app: Any, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    async with app.state.sessions.read() as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


async def do(app: Any, statement: str, **values: Any) -> None:
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text(statement), values)


async def stored(app: Any) -> list[tuple[Any, ...]]:
    """Every binding as it lies in the database."""
    return await ask(
        app,
        "SELECT room.code, residency.role, status, verified_by, start_on, end_on, version FROM residency "
        "JOIN room ON room.id = room_id ORDER BY residency.id",
    )


async def bind(person: httpx2.AsyncClient, room: str, role: str, **more: Any) -> dict[str, Any]:
    return await ok(await person.post(RESIDENCIES, json={"room": room, "role": role, **more}), 201)


async def mine(person: httpx2.AsyncClient) -> list[dict[str, Any]]:
    return list((await ok(await person.get(RESIDENCIES)))["items"])


async def invite(owner: httpx2.AsyncClient, role: str = "TENANT", **more: Any) -> str:
    """A code of the first room of this owner."""
    home = (await mine(owner))[-1]["id"]
    path = f"/v1/residencies/{home}/invitations"
    return str((await ok(await owner.post(path, json={"role": role, **more}), 201))["code"])


async def step(person: httpx2.AsyncClient, residency: str, action: str, **body: Any) -> httpx2.Response:
    headers = body.pop("headers", {})
    return await person.post(f"/v1/residencies/{residency}/steps", json={"action": action, **body}, headers=headers)


async def a_clerk_of(app: Any, area: str, sign_in: Any, username: str = "far-clerk") -> httpx2.AsyncClient:
    """A clerk who serves this area alone."""
    wanted = NewStaff(username=username, name="远处", role=Role.CLERK, post="服务中心", areas=[area])
    async with app.state.sessions.write() as session, session.begin():
        await add_staff(session, wanted, "demo-2026")
    person: httpx2.AsyncClient = await sign_in(username)
    return person
