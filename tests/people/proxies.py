"""Short ways through proxies that several tests take."""

from typing import Any

import httpx2
from sqlalchemy import select

from app.core.ids import demo_id
from app.people.models import PhoneCode
from tests.orders.bodies import ok
from tests.people.homes import ask

WANG, LI, ZHENG = (demo_id("resident", f"+861380000000{n}") for n in (3, 4, 5))
MOTHER, DAUGHTER = "13800000003", "13800000004"
PROXIES = "/v1/me/proxies"


def wish(**changes: Any) -> dict[str, Any]:
    """The daughter asks to act for her mother."""
    wanted = {"role": "PRINCIPAL", "phone": MOTHER, "relation": "女儿", "scopes": ["ORDER", "DOCTOR_VISIT"]}
    wanted |= changes
    return {name: value for name, value in wanted.items() if value is not None}


async def asked(by: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    return await ok(await by.post(PROXIES, json=wish(**changes)), 201)


async def step(by: httpx2.AsyncClient, proxy: str, action: str, **body: Any) -> httpx2.Response:
    return await by.post(f"/v1/proxies/{proxy}/steps", json={"action": action, **body})


async def active(by: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    """A proxy that was confirmed with the code of the demonstration."""
    proxy = (await asked(by, **changes))["id"]
    return await ok(await step(by, proxy, "confirm", code="000000"))


async def on_paper(clerk: httpx2.AsyncClient, principal: Any, holder: Any, **changes: Any) -> httpx2.Response:
    body = {
        "holder_id": str(holder),
        "relation": "儿子",
        "scopes": ["ORDER"],
        "evidence": "SIGNED_PAPER",
        "paper_number": "WT-1",
    }
    return await clerk.post(f"/v1/residents/{principal}/proxies", json=body | changes)


async def stored(app: Any) -> list[tuple[Any, ...]]:
    """Every proxy as it lies in the database."""
    return await ask(app, "SELECT id, status, principal_id, holder_id, scopes, version FROM proxy_grant ORDER BY id")


async def ended(app: Any) -> list[str]:
    """The proxies of whose end the orders were told."""
    told = "SELECT args->>'proxy_id' FROM procrastinate_jobs WHERE task_name = 'orders.proxy_ended' ORDER BY id"
    return [row[0] for row in await ask(app, told)]


async def codes(app: Any) -> list[PhoneCode]:
    """The codes that were made, the oldest first, with what waits to be sent."""
    async with app.state.sessions.read() as session:
        return list((await session.execute(select(PhoneCode).order_by(PhoneCode.id))).scalars())


async def link(agent: httpx2.AsyncClient, resident: Any) -> None:
    """The agent's open call is about this resident."""
    body = {"action": "link", "resident_id": str(resident)}
    await ok(await agent.post(f"/v1/calls/{agent.headers['Call-Id']}/steps", json=body))
