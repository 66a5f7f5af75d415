"""Fields that only the house may set are refused in every body, and nothing changes."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract import document

SMUGGLED: dict[str, Any] = {
    "status": "DONE",
    "amount_fen": 1,
    "resident_id": "00000000-0000-7000-8000-000000000000",
    "role": "ADMIN",
    "paid_at": "2026-01-01T00:00:00+08:00",
}
WHO = {
    "RESIDENT": "13800000003",
    "AGENT": "agent",
    "MANAGER": "manager",
    "COMMITTEE": "committee",
    "ADMIN": "admin",
    "CLERK": "clerk",
}
VALUES = {"code": "house-cleaning", "item": "waste-removal", "call": "x", "price_id": "x", "order_id": "x"}
NOBODY = "00000000-0000-7000-8000-000000000000"


def bodies() -> Iterator[tuple[str, str, str, dict[str, Any], list[str]]]:
    """Every named example of every JSON body."""
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for name, entry in (content or {}).get("examples", {}).items():
                yield method.upper(), path, name, entry["value"], operation.get("x-roles", [])


CASES = list(bodies())


@pytest.mark.parametrize(("method", "path", "name", "body", "roles"), CASES, ids=[f"{c[1]}:{c[2]}" for c in CASES])
async def test_a_smuggled_field_is_refused_by_name(sign_in, visitor, method, path, name, body, roles):
    role = next((r for r in WHO if r in roles), None)
    person = await sign_in(WHO[role]) if role else visitor
    where = path.format(
        **{
            **VALUES,
            "code": "QHC" if "compounds" in path else VALUES["code"],
            "price_id": NOBODY,
            "order_id": NOBODY,
            "call": NOBODY,
            "task_id": NOBODY,
            "resource_id": NOBODY,
            "resident_id": NOBODY,
            "residency_id": NOBODY,
            "proxy_id": NOBODY,
            "year": "2028",
            "clinic": "CHENGXI",
        }
    )
    own = set(body) | set(body.get("contact", {}))
    for field, value in SMUGGLED.items():
        if field in own or (field == "amount_fen" and "amount_fen" in body):
            continue
        answer = await person.request(method, where, json={**body, field: value}, headers={"If-Match": "*"})
        assert answer.status_code == 422, (field, answer.text)
        assert any(field in error["pointer"] for error in answer.json()["errors"]), answer.text
