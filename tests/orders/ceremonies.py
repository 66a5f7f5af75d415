"""Bodies and short ways for tests of weddings and funerals through HTTP."""

from collections.abc import Sequence
from typing import Any

import httpx2

from tests.orders.bodies import day, ok, step


async def free_parts(visitor: httpx2.AsyncClient, item: str, venue: str, ahead: int = 5) -> list[dict[str, Any]]:
    """The free parts of days of a venue, the soonest first."""
    path = f"/v1/compounds/QHC/menu/{item}/slots?from={day(ahead)}&to={day(ahead + 20)}"
    slots = (await ok(await visitor.get(path)))["items"]
    return [slot for slot in slots if slot["state"] == "FREE" and slot["resource"]["name"] == venue]


HALL, SQUARE, TENT = "居民活动室", "小广场", "北侧搭棚场地"


def wedding(slot_ids: Sequence[str], **details: Any) -> dict[str, Any]:
    """A wedding of the owner of QHC-1-1-102."""
    return {
        "compound": "QHC",
        "item": "wedding",
        "room": "QHC-1-1-102",
        "price_version": 1,
        "details": {"kind": "WEDDING", "tables": 18, "fire_lane_kept": True, **details},
        "slot_ids": list(slot_ids),
        "contact": {"name": "王秀英", "phone": "13800000003"},
    }


def funeral(**details: Any) -> dict[str, Any]:
    """A funeral from now on, in the place for tents."""
    asked = {"kind": "FUNERAL", "days": 1, "venue": "TENT_QHC", "tables": 10, "fire_lane_kept": True, **details}
    return {
        "compound": "QHC",
        "item": "funeral",
        "price_version": 1,
        "details": {name: value for name, value in asked.items() if value is not None},
        "contact": {"name": "李晓兰", "phone": "13800000004", "relation": "亲属"},
    }


async def a_wedding(resident: httpx2.AsyncClient, visitor: httpx2.AsyncClient, ahead: int = 10, **details: Any) -> str:
    """The path of a wedding in the hall, in the first two parts of a day so many days ahead."""
    slots = await free_parts(visitor, "wedding", HALL, ahead)
    body = wedding([slot["id"] for slot in slots[:2]], **details)
    return f"/v1/orders/{(await ok(await resident.post('/v1/orders', json=body), 201))['id']}"


async def a_booked_wedding(resident: Any, visitor: Any, committee: Any, clerk: Any, ahead: int = 10) -> str:
    """Filed, and the deposit paid."""
    order = await a_wedding(resident, visitor, ahead)
    await step(committee, order, "file")
    await step(clerk, order, "settle", method="CASH", amount_fen=30000)
    return order


async def a_funeral(by: httpx2.AsyncClient, **details: Any) -> str:
    return f"/v1/orders/{(await ok(await by.post('/v1/orders', json=funeral(**details)), 201))['id']}"
