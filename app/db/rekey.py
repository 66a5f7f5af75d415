"""Sealing everything anew with the newest key: in small transactions, and as often as one likes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, create_engine, text

from app.db import sealing
from app.db.base import Base
from app.db.engine import driver_url
from app.db.types import Sealed, SealedJSON

BATCH = 500


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table that holds sealed values: its key columns, and the context of each sealed column."""

    name: str
    keys: tuple[str, ...]
    contexts: dict[str, str]


def sealed_tables() -> list[SealedTable]:
    """Every table with sealed columns that the program knows."""
    found = []
    for table in Base.metadata.sorted_tables:
        contexts = {c.name: c.type.context for c in table.columns if isinstance(c.type, Sealed | SealedJSON)}
        if contexts:
            found.append(SealedTable(table.name, _keys(table), contexts))
    return found


def _keys(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


def rekey(url: str) -> Iterator[tuple[str, int]]:
    """Seal with the first key whatever another key sealed; yields table and rows after each batch.

    Blind indexes stay: they come from the secret key. What is done is done when it stops halfway; the next run goes on.
    A value that no key opens raises `SealError`, and its batch is left as it was.
    """
    engine = create_engine(driver_url(url))
    try:
        for table in sealed_tables():
            after: tuple[Any, ...] | None = None
            while True:
                with engine.begin() as connection:
                    _patience(connection)
                    rows = _stale(connection, table, after)
                    for row in rows:
                        _seal_anew(connection, table, row)
                if not rows:
                    break
                after = tuple(rows[-1][: len(table.keys)])
                yield table.name, len(rows)
    finally:
        engine.dispose()


def _patience(connection: Connection) -> None:
    """Wait for requests that hold a row; the role's limits are for requests."""
    connection.execute(text("SET LOCAL lock_timeout = '30s'"))
    connection.execute(text("SET LOCAL statement_timeout = '5min'"))


def _stale(connection: Connection, table: SealedTable, after: tuple[Any, ...] | None) -> list[Any]:
    """The next rows by key that hold a value of another key, locked."""
    prefix = sealing.keyring().prefix
    other = " OR ".join(f'substring("{name}" from 1 for :length) <> :prefix' for name in table.contexts)
    keys = ", ".join(f'"{name}"' for name in table.keys)
    columns = ", ".join(f'"{name}"' for name in table.contexts)
    later = f"({keys}) > ({', '.join(f':after{n}' for n in range(len(table.keys)))}) AND " if after else ""
    asked = (
        f'SELECT {keys}, {columns} FROM "{table.name}" WHERE {later}({other}) ORDER BY {keys} LIMIT {BATCH} FOR UPDATE'  # noqa: S608 names of our own models
    )
    values: dict[str, Any] = {"length": len(prefix), "prefix": prefix}
    values |= {f"after{n}": value for n, value in enumerate(after or ())}
    return list(connection.execute(text(asked), values).all())


def _seal_anew(connection: Connection, table: SealedTable, row: Any) -> None:
    keyring = sealing.keyring()
    values: dict[str, Any] = {f"key{n}": row[n] for n in range(len(table.keys))}
    changes = []
    for n, (name, context) in enumerate(table.contexts.items()):
        sealed = row[len(table.keys) + n]
        if sealed is not None and not bytes(sealed).startswith(keyring.prefix):
            changes.append(f'"{name}" = :value{n}')
            values[f"value{n}"] = keyring.seal(keyring.open(bytes(sealed), context), context)
    where = " AND ".join(f'"{name}" = :key{n}' for n, name in enumerate(table.keys))
    connection.execute(text(f'UPDATE "{table.name}" SET {", ".join(changes)} WHERE {where}'), values)  # noqa: S608 names of our own models
