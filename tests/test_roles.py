"""Every route and every role, and what the contract says of them; a new route without a row fails."""

import json
from typing import Any

import pytest

from app.core.actors import Role
from app.web.contract import routes
from tests.contract import document, operation_of
from tests.orders.bodies import an_order

PUBLIC, EVERYBODY = "public", "everybody"
STAFF = "AGENT WORKER CLINIC MANAGER COMMITTEE REGULATOR CLERK ADMIN"
ORDERS = "RESIDENT AGENT WORKER CLINIC MANAGER COMMITTEE CLERK"
TABLE = {
    "POST /v1/auth/otp": PUBLIC,
    "POST /v1/auth/otp/verify": PUBLIC,
    "POST /v1/auth/wechat": PUBLIC,
    "DELETE /v1/me/wechat": "RESIDENT",
    "GET /v1/me/subscriptions": "RESIDENT",
    "POST /v1/me/subscriptions": "RESIDENT",
    "POST /v1/auth/token": PUBLIC,
    "POST /v1/auth/revoke": PUBLIC,
    "GET /v1/me": f"RESIDENT INTEGRATOR {STAFF}",
    "PUT /v1/me/password": STAFF,
    "POST /v1/residents/search": "AGENT CLERK",
    "POST /v1/residents": "AGENT CLERK",
    "POST /v1/residents/{resident_id}/reveal": "AGENT CLERK",
    "PUT /v1/me": "RESIDENT",
    "GET /v1/me/disclosures": "RESIDENT",
    "GET /v1/consent-texts/{code}": PUBLIC,
    "POST /v1/me/residencies": "RESIDENT AGENT",
    "GET /v1/me/residencies": "RESIDENT",
    "GET /v1/residencies": "CLERK",
    "POST /v1/residencies/{residency_id}/steps": "RESIDENT CLERK",
    "POST /v1/residencies/{residency_id}/invitations": "RESIDENT",
    "POST /v1/me/proxies": "RESIDENT",
    "GET /v1/me/proxies": "RESIDENT",
    "POST /v1/proxies/{proxy_id}/steps": "RESIDENT AGENT CLERK",
    "POST /v1/residents/{resident_id}/proxies": "CLERK",
    "DELETE /v1/me": "RESIDENT",
    "POST /v1/me/consents": "RESIDENT",
    "GET /v1/me/consents": "RESIDENT",
    "POST /v1/residents/{resident_id}/consents": "AGENT CLERK",
    "POST /v1/residents/{resident_id}/events": "RESIDENT AGENT CLINIC CLERK",
    "PUT /v1/residents/{resident_id}": "CLERK",
    "POST /v1/compounds/{code}/rooms": "CLERK ADMIN",
    "POST /v1/compounds/{code}/roster": "CLERK ADMIN",
    "POST /v1/calls": "AGENT",
    "POST /v1/calls/{call}/steps": "AGENT",
    "GET /v1/calls": "AGENT",
    "GET /v1/call-tasks": "AGENT CLERK MANAGER WORKER CLINIC",
    "POST /v1/call-tasks/{task_id}/steps": "AGENT CLERK MANAGER WORKER CLINIC",
    "POST /v1/call-tasks/{task_id}/reveal": "AGENT CLERK MANAGER WORKER CLINIC",
    "GET /v1/me/notifications": "RESIDENT",
    "POST /v1/me/notifications/read": "RESIDENT",
    "GET /v1/areas": PUBLIC,
    "GET /v1/areas/{code}": PUBLIC,
    "GET /v1/compounds": PUBLIC,
    "GET /v1/compounds/{code}": PUBLIC,
    "GET /v1/compounds/{code}/places": PUBLIC,
    "GET /v1/compounds/{code}/duty": PUBLIC,
    "PUT /v1/compounds/{code}/duty": "MANAGER CLERK ADMIN",
    "GET /v1/emergency-words": PUBLIC,
    "PUT /v1/emergency-words": "ADMIN",
    "GET /v1/clinics/{clinic}": PUBLIC,
    "PUT /v1/clinics/{clinic}": "ADMIN",
    "GET /v1/compounds/{code}/menu": PUBLIC,
    "GET /v1/compounds/{code}/menu/{item}": PUBLIC,
    "PUT /v1/compounds/{code}/menu/{item}": "MANAGER",
    "PUT /v1/menu-items/{code}": "ADMIN",
    "GET /v1/menu-prices": "MANAGER COMMITTEE",
    "POST /v1/menu-prices/{price_id}/steps": "MANAGER COMMITTEE",
    "GET /v1/compounds/{code}/menu/{item}/slots": PUBLIC,
    "GET /v1/resources": "MANAGER CLERK CLINIC ADMIN",
    "POST /v1/resources": "MANAGER ADMIN",
    "GET /v1/resources/{resource_id}": "MANAGER CLERK CLINIC ADMIN",
    "PUT /v1/resources/{resource_id}/template": "MANAGER CLINIC",
    "POST /v1/resources/{resource_id}/closures": "MANAGER CLINIC",
    "GET /v1/resources/{resource_id}/day": "MANAGER CLERK CLINIC ADMIN",
    "GET /v1/holidays/{year}": PUBLIC,
    "PUT /v1/holidays/{year}": "ADMIN",
    "POST /v1/orders": "RESIDENT AGENT",
    "POST /v1/orders/preview": "RESIDENT AGENT",
    "GET /v1/orders": ORDERS,
    "GET /v1/orders/{order_id}": ORDERS,
    "POST /v1/orders/{order_id}/steps": ORDERS,
    "GET /v1/orders/{order_id}/history": ORDERS,
    "POST /v1/orders/{order_id}/rating": "RESIDENT AGENT",
    "POST /v1/orders/{order_id}/reveal": "WORKER MANAGER AGENT CLERK",
    "GET /v1/triage": "CLINIC",
    "GET /v1/me/home": "RESIDENT",
    "GET /v1/me/work": STAFF,
    "GET /v1/me/export": "RESIDENT",
    "GET /v1/residents/{resident_id}": "AGENT CLERK",
}
WHO = {
    Role.VISITOR: None,
    Role.RESIDENT: "13800000005",
    Role.AGENT: "agent",
    Role.WORKER: "electrician",
    Role.CLINIC: "clinic",
    Role.MANAGER: "manager",
    Role.COMMITTEE: "committee",
    Role.REGULATOR: "regulator",
    Role.CLERK: "clerk",
    Role.ADMIN: "admin",
    Role.INTEGRATOR: "integrator",
}
NOBODY = "00000000-0000-7000-8000-000000000000"
PATHS = {
    "code": "QHC",
    "item": "waste-removal",
    "order_id": NOBODY,
    "price_id": NOBODY,
    "call": NOBODY,
    "task_id": NOBODY,
    "resource_id": NOBODY,
    "resident_id": NOBODY,
    "residency_id": NOBODY,
    "proxy_id": NOBODY,
    "year": "2028",
    "clinic": "CHENGXI",
}
CONFIDENTIAL = {
    "GET /v1/orders/{order_id}": {Role.RESIDENT, Role.WORKER, Role.CLINIC},
    "GET /v1/orders/{order_id}/history": {Role.RESIDENT, Role.WORKER, Role.CLINIC},
}
"""Reads of somebody's order: 404 for these, though the route is theirs."""


def allowed(row: str) -> set[Role]:
    return set(WHO) if row == PUBLIC else {Role(name) for name in row.split()}


async def test_every_route_has_a_row(app):
    found = {f"{method} {path}" for method, path, _ in routes(app)}

    assert found == set(TABLE)


async def test_the_contract_says_who_may(app):
    for row, who in TABLE.items():
        method, _, path = row.partition(" ")
        operation = document()["paths"][path][method.lower()]
        assert operation["security"] == [] if who == PUBLIC else operation["security"]
        if who != PUBLIC:
            assert set(operation["x-roles"]) == set(who.split()), row


def example(operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody")
    if body is None:
        return {}
    media, content = next(iter(body["content"].items()))
    if media == "application/json":
        return {
            "content": json.dumps(next(iter(content["examples"].values()))["value"]),
            "headers": {"content-type": media},
        }
    return {"data": {"token": "x"}}


@pytest.mark.parametrize("role", WHO)
async def test_a_role_gets_through_exactly_where_the_table_says(sign_in, visitor, role):
    who = WHO[role]
    for row, names in TABLE.items():
        if "/auth/" in row or row == "PUT /v1/me/password":
            continue
        person = visitor if who is None else await sign_in(who)
        method, _, path = row.partition(" ")
        _, operation = operation_of(method, path.format(**PATHS))  # type: ignore[misc]
        sent = example(operation)
        answer = await person.request(method, path.format(**PATHS), **sent)

        expected = role in allowed(names)
        refused = answer.status_code == (401 if role is Role.VISITOR else 403)
        mine = answer.json().get("code") in {"unauthenticated", "forbidden"} if refused else False
        assert (not mine) == expected, (row, role, answer.status_code, answer.text[:200])


async def test_somebody_elses_order_is_not_there(sign_in, resident):
    order = await an_order(resident)
    for row, roles in CONFIDENTIAL.items():
        path = row.partition(" ")[2].format(order_id=order.rpartition("/")[2])
        for role in roles:
            person = await sign_in(WHO[role])  # type: ignore[arg-type]
            assert (await person.get(path)).status_code == 404, (row, role)
