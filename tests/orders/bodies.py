"""Bodies that the tests of orders send, and the short ways through an order's life."""

import asyncio
import random
from datetime import date, timedelta
from typing import Any

import httpx2

from app.demo.menu import ITEMS, OFFERS
from app.kinds.registry import KINDS

ROOM, ITEM = "QHC-1-1-102", "waste-removal"


def day(ahead: int) -> str:
    return (date.today() + timedelta(days=ahead)).isoformat()


def waste(**changes: Any) -> dict[str, Any]:
    """Renovation waste, ordered by the owner of QHC-1-1-102."""
    return {
        "compound": "QHC",
        "item": ITEM,
        "room": ROOM,
        "price_version": 1,
        "details": {"kind": "GENERAL", "volume": "SMALL", "preferred_date": day(5)},
        "contact": {"name": "王秀英", "phone": "13800000003"},
        **changes,
    }


def repair(**changes: Any) -> dict[str, Any]:
    """A window that does not close: priced by quote."""
    return waste(item="door-window-repair", details={"kind": "GENERAL", "problem": "窗户关不严"}, **changes)


QUOTE = {
    "action": "quote",
    "lines": [{"label": "合页", "quantity": "3", "unit": "副", "unit_price": "35.005"}],
    "valid_days": 15,
}


def offered(compound: str) -> list[str]:
    """What the demonstration's menu of a compound shows: the items whose kind is built."""
    return [item["code"] for item in ITEMS if item["code"] in OFFERS[compound] and item["kind"] in KINDS]


async def ok(answer: httpx2.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer that has this status."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that was answered."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body.get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return body


async def an_order(by: httpx2.AsyncClient, body: dict[str, Any] | None = None) -> str:
    """The path of a fresh order."""
    return f"/v1/orders/{(await ok(await by.post('/v1/orders', json=body or waste()), 201))['id']}"


async def step(who: httpx2.AsyncClient, order: str, action: str, **body: Any) -> dict[str, Any]:
    return await ok(await who.post(f"{order}/steps", json={"action": action, **body}))


async def actions(who: httpx2.AsyncClient, order: str) -> list[str]:
    return [row["action"] for row in (await ok(await who.get(order)))["actions"]]


async def schedule(manager: httpx2.AsyncClient, crew: httpx2.AsyncClient, order: str, ahead: int = 3) -> dict[str, Any]:
    worker = (await crew.get("/v1/me")).json()["id"]
    when = {"start": f"{day(ahead)}T09:00:00+08:00", "end": f"{day(ahead)}T11:00:00+08:00"}
    return await step(manager, order, "schedule", worker_ids=[worker], **when)


async def a_finished_order(resident: Any, manager: Any, crew: Any) -> str:
    order = await an_order(resident)
    await step(manager, order, "accept")
    await schedule(manager, crew, order)
    await step(crew, order, "start")
    await step(crew, order, "finish", report="已清运")
    return order


async def free_slots(visitor: httpx2.AsyncClient, compound: str = "QHC", ahead: int = 3) -> list[dict[str, Any]]:
    """The slots of the heating crew that are free, the soonest first."""
    path = f"/v1/compounds/{compound}/menu/heating-retrofit/slots?from={day(ahead)}&to={day(ahead + 20)}"
    return [slot for slot in (await ok(await visitor.get(path)))["items"] if slot["state"] == "FREE"]


async def a_slot(visitor: httpx2.AsyncClient, place: int = 0, ahead: int = 3) -> str:
    return str((await free_slots(visitor, ahead=ahead))[place]["id"])


def heating(slot_ids: list[str], **changes: Any) -> dict[str, Any]:
    """A heating retrofit with its survey, ordered by the owner of QHC-1-1-102."""
    details = {
        "kind": "HEATING_RETROFIT",
        "heating_type": "CENTRAL_RADIATOR",
        "scope": ["RADIATOR"],
        "groups": 7,
        "shares_riser": False,
    }
    return waste(item="heating-retrofit", details=details, slot_ids=slot_ids, **changes)


async def patiently(client: httpx2.AsyncClient, path: str, body: Any, **headers: str) -> httpx2.Response:
    """The answer of a program that is not busy any more: two hundred come at once on two cores."""
    for _ in range(30):
        answer = await client.post(path, json=body, headers=headers)
        if answer.status_code != 503:
            return answer
        await asyncio.sleep(float(answer.headers["retry-after"]) * random.random())
    return answer
