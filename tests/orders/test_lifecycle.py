"""A simple service, from the menu to the rating."""

from datetime import date, timedelta
from typing import Any

import httpx2


def waste(**changes: Any) -> dict[str, Any]:
    """Renovation waste, ordered by the owner of QHC-1-1-102."""
    return {
        "compound": "QHC",
        "item": "waste-removal",
        "room": "QHC-1-1-102",
        "price_version": 1,
        "details": {
            "kind": "GENERAL",
            "volume": "SMALL",
            "preferred_date": (date.today() + timedelta(days=5)).isoformat(),
        },
        "contact": {"name": "王秀英", "phone": "13800000003"},
        **changes,
    }


async def ok(answer: httpx2.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_waste_removal_goes_from_the_menu_to_the_rating(visitor, resident, manager, crew, clerk):
    menu = await ok(await visitor.get("/v1/compounds/QHC/menu"))
    assert [item["code"] for item in menu["items"]] == ["waste-removal", "door-window-repair"]
    order = await ok(await resident.post("/v1/orders", json=waste()), 201)
    assert order["status"] == "SUBMITTED"
    assert order["money"]["quoted_fen"] == 15000
    url = f"/v1/orders/{order['number']}/steps"
    worker = (await crew.get("/v1/me")).json()["id"]

    await ok(await manager.post(url, json={"action": "accept"}))
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    schedule = {
        "action": "schedule",
        "start": f"{tomorrow}T09:00:00+08:00",
        "end": f"{tomorrow}T11:00:00+08:00",
        "worker_ids": [worker],
    }
    await ok(await manager.post(url, json=schedule))
    await ok(await crew.post(url, json={"action": "start"}))
    finished = await ok(await crew.post(url, json={"action": "finish", "report": "已清运"}))
    assert finished["settlement"] == "DUE"
    confirmed = await ok(await resident.post(url, json={"action": "confirm"}))
    assert confirmed["status"] == "CONFIRMED"
    assert confirmed["charges"][0]["lines"][0]["amount_fen"] == 15000
    settled = await ok(await clerk.post(url, json={"action": "settle", "method": "CASH", "amount_fen": 15000}))
    assert (settled["status"], settled["settlement"]) == ("DONE", "PAID")
    rated = await ok(await resident.post(f"/v1/orders/{order['id']}/rating", json={"score": 5}), 201)

    assert rated["rating"]["score"] == 5
    history = await ok(await resident.get(f"/v1/orders/{order['id']}/history"))
    assert [row["action"] for row in history["items"]] == [
        "place", "accept", "schedule", "start", "finish", "confirm", "settle",
    ]  # fmt: skip
