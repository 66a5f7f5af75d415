"""What the tests of home visits start from: consents, a proxy, an order, the times of the doctor's team."""

from typing import Any

import httpx2

from app.core.ids import demo_id
from tests.orders.bodies import ROOM, day, ok, step

MOTHER = str(demo_id("resident", "+8613800000003"))
NURSE = str(demo_id("staff", "clinic"))
VERSION = "2026-01"
BOTH = [{"code": "HEALTH_DATA", "version": VERSION}, {"code": "SHARE_WITH_CLINIC", "version": VERSION}]
NOTE = "最近降压药换了一种。"


def visit(**changes: Any) -> dict[str, Any]:
    """A visit to the mother, in QHC."""
    details = {
        "kind": "HOME_DOCTOR_VISIT",
        "mobility": "WALKING_AID",
        "purpose": "CHRONIC_FOLLOWUP",
        "companion_present": True,
        "preferred_windows": ["TUE_AM"],
        "note": NOTE,
    } | changes.pop("details", {})
    return {
        "compound": "QHC",
        "item": "home-doctor",
        "room": ROOM,
        "price_version": 1,
        "details": details,
        "contact": {"name": "王秀英", "phone": "13800000003"},
        **changes,
    }


async def a_visit(mother: httpx2.AsyncClient, **changes: Any) -> str:
    """The path of a visit that she orders herself."""
    body = visit(**{"consents": BOTH, **changes})
    return f"/v1/orders/{(await ok(await mother.post('/v1/orders', json=body), 201))['id']}"


async def times(visitor: httpx2.AsyncClient, ahead: int = 2) -> list[str]:
    """Free times of the doctor's team, the soonest first."""
    path = f"/v1/compounds/QHC/menu/home-doctor/slots?from={day(ahead)}"
    rows = (await ok(await visitor.get(path)))["items"]
    return [row["id"] for row in rows if row["state"] == "FREE"]


async def a_confirmed_visit(mother: Any, nurse: Any, visitor: Any, *, place: int = 0, **changes: Any) -> str:
    order = await a_visit(mother, **changes)
    wanted = (await times(visitor))[place]
    await step(nurse, order, "offer", slot_ids=[wanted])
    await step(mother, order, "choose", slot_ids=[wanted])
    return order


async def a_daughter(sign_in: Any, scopes: tuple[str, ...] = ("ORDER", "DOCTOR_VISIT")) -> httpx2.AsyncClient:
    """The daughter, with her mother's confirmed proxy."""
    daughter = await sign_in("13800000004")
    asked = await ok(
        await daughter.post(
            "/v1/me/proxies",
            json={
                "role": "PRINCIPAL",
                "phone": "13800000003",
                "relation": "女儿",
                "scopes": list(scopes),
                "months": 12,
            },
        ),
        201,
    )
    mother = await sign_in("13800000003")
    await ok(await mother.post(f"/v1/proxies/{asked['id']}/steps", json={"action": "confirm", "code": "000000"}))
    return daughter
