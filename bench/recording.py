"""The statements that the API sends for one request, so that the floor can send the same ones."""

import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Json, Jsonb
from uuid_utils.compat import uuid7

VERSIONS = "FROM page_version"
"""The reading of page versions belongs to the memory that the floor does not have."""
NUMBER = re.compile(r"DD\d{8}-\d{4,}")


@dataclass(frozen=True, slots=True)
class Stand:
    """What stands for a value that differs from request to request."""

    what: str


@dataclass
class Case:
    """One kind of request as its statements and their parameters."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def one(self) -> bool:
        """A read of one statement needs no transaction."""
        return len(self.statements) == 1 and self.statements[0][0].lstrip().startswith("SELECT")


@asynccontextmanager
async def recorded(order_id: UUID | None = None, key: str | None = None) -> AsyncIterator[Case]:
    """Everything that psycopg is asked to run meanwhile; the order, the key and what is fresh are left open."""
    case, since = Case(), int(time.time() * 1000)
    names: dict[UUID, str] = {}
    plain = psycopg.AsyncCursor.execute

    def opened(value: Any) -> Any:
        match value:
            case UUID() if value == order_id:
                return Stand("order")
            case UUID() if value.version == 7 and value.int >> 80 >= since:
                return Stand(names.setdefault(value, f"new-{len(names)}"))
            case str() if value == key:
                return Stand("key")
            case str() if NUMBER.fullmatch(value):
                return Stand("number")
            case Json() | Jsonb():
                return Jsonb(value.obj)
            case _:
                return value

    async def noted(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        said = query if isinstance(query, str) else query.as_string(None)
        if VERSIONS not in said:
            case.statements.append((said, _each(params, opened)))
        return await plain(self, query, params, **options)

    psycopg.AsyncCursor.execute = noted  # type: ignore[method-assign]
    try:
        yield case
    finally:
        psycopg.AsyncCursor.execute = plain  # type: ignore[method-assign]


def _each(params: Any, change: Any) -> Any:
    if isinstance(params, Mapping):
        return {name: change(value) for name, value in params.items()}
    if isinstance(params, Sequence):
        return [change(value) for value in params]
    return params


class Filling:
    """The values of one request of the floor."""

    counter = 0

    def __init__(self, order: str | None) -> None:
        Filling.counter += 1
        self._known: dict[str, Any] = {
            "order": order,
            "key": f"floor-{Filling.counter}",
            "number": f"DD20991231-{Filling.counter:04d}",
        }

    def fill(self, params: Any) -> Any:
        return _each(params, lambda value: self._value(value.what) if isinstance(value, Stand) else value)

    def _value(self, what: str) -> Any:
        if what not in self._known:
            self._known[what] = uuid7()
        return self._known[what]

    @property
    def made(self) -> str:
        """The first id that was made: that of the order."""
        return str(self._known.get("new-0", ""))
