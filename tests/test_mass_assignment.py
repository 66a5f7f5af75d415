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


def operations() -> Iterator[tuple[str, str, dict[str, Any], list[str]]]:
    """Every operation with a JSON body: method, path, the values of its named examples, whose it is."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            examples = {name: entry["value"] for name, entry in (content or {}).get("examples", {}).items()}
            if examples:
                yield method.upper(), path, examples, operation.get("x-roles", [])


CASES = list(operations())


@pytest.mark.parametrize(("method", "path", "examples", "roles"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
async def test_a_smuggled_field_is_refused_by_name(sign_in, visitor, method, path, examples, roles):
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
    for name, body in examples.items():
        own = set(body) | set(body.get("contact", {}))
        for field, value in SMUGGLED.items():
            if field in own:
                continue
            answer = await person.request(method, where, json={**body, field: value}, headers={"If-Match": "*"})
            assert answer.status_code == 422, (name, field, answer.text)
            assert any(field in error["pointer"] for error in answer.json()["errors"]), (name, answer.text)
