"""Somebody outside: a client that knows nothing but the contract, against the real program and its worker."""

from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

from tests.test_serving import serving


class Outside:
    """Somebody who knows nothing but `/openapi.json`: finds operations by name and takes bodies from named examples."""

    def __init__(self, base: str, contract: dict[str, Any], all_of_them: ExitStack, **headers: str) -> None:
        self.http = all_of_them.enter_context(httpx2.Client(base_url=base, trust_env=False, headers=headers))
        self.base, self.contract, self.all_of_them = base, contract, all_of_them
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, methods in contract["paths"].items()
            for method, operation in methods.items()
        }

    def example(self, operation: str, name: str) -> dict[str, Any]:
        body = self.operations[operation][2]["requestBody"]["content"]["application/json"]
        value: dict[str, Any] = body["examples"][name]["value"]
        return value

    def fresh(self) -> "Outside":
        """The same caller with the contract as it is served now: its examples name slots that are free now."""
        return Outside(self.base, self.http.get("/openapi.json").json(), self.all_of_them)

    def first(self, operation: str) -> str:
        """The name of an operation's first example."""
        return str(next(iter(self.operations[operation][2]["requestBody"]["content"]["application/json"]["examples"])))

    def call(self, operation: str, example: str | None = None, *, status: int = 200, **where: str) -> dict[str, Any]:
        method, path, _ = self.operations[operation]
        sent = {} if example is None else {"json": self.example(operation, example)}
        answer = self.http.request(method, path.format(**where), **sent)
        assert answer.status_code == status, (operation, example, answer.text)
        body: dict[str, Any] = answer.json() if answer.content else {}
        return body

    def signed_in(self, token: str, **headers: str) -> "Outside":
        return Outside(self.base, self.contract, self.all_of_them, Authorization=f"Bearer {token}", **headers)

    def resident(self, phone: str) -> "Outside":
        sent = {"phone": phone, "code": "000000"}
        answer = self.http.post("/v1/auth/otp/verify", json=sent)
        return self.signed_in(answer.json()["access_token"])

    def staff(self, name: str) -> "Outside":
        form = {"grant_type": "password", "username": name, "password": "demo-2026"}
        return self.signed_in(self.http.post("/v1/auth/token", data=form).json()["access_token"])

    def step(self, order: str, example: str, *, status: int = 200) -> dict[str, Any]:
        return self.call("takeOrderStep", example, status=status, order_id=order)

    def order(self, number: str) -> dict[str, Any]:
        return self.call("readOrder", order_id=number)


@pytest.fixture
def outside(database_url, run_home):
    with serving(run_home, DATABASE_URL=database_url) as program, ExitStack() as all_of_them:
        yield Outside(program.base, program.get("/openapi.json").json(), all_of_them)
