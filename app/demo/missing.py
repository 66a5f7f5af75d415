"""Adding the rows that are missing: what is there, and what its users did with it, stays."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, inspect, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import Base

LOCK = 4_162_233_582
"""The advisory lock under which one process at a time loads the demonstration."""


@dataclass
class Added:
    """How many rows came in, and which could not: by table, their keys."""

    count: int = 0
    left_out: set[tuple[str, Any]] = field(default_factory=set)


async def wait_for_others(session: AsyncSession) -> None:
    """Whoever else loads the demonstration ends first; the limits of the role are those of requests."""
    await session.execute(
        text("SELECT set_config('lock_timeout', '60s', true), set_config('statement_timeout', '60s', true)")
    )
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


async def add_missing(session: AsyncSession, rows: Sequence[Base]) -> Added:
    """Insert the rows whose primary keys are not there, table by table in the order in which the tables first come.

    A row whose name, code or phone somebody else has already is left out, and so is what refers to it.
    """
    done = Added()
    by_table: dict[type[Base], list[Base]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(row)
    for model, mine in by_table.items():
        await _add(session, model, mine, done)
    return done


async def _add(session: AsyncSession, model: type[Base], rows: Sequence[Base], done: Added) -> None:
    mapper = inspect(model)
    keys = list(mapper.primary_key)
    wanted = {tuple(mapper.primary_key_from_instance(row)): row for row in rows}
    found = await session.execute(select(*keys).where(tuple_(*keys).in_(list(wanted))))
    present = {tuple(key) for key in found}
    missing = {key: _values(row) for key, row in wanted.items() if key not in present}
    table = model.__table__
    assert isinstance(table, Table)
    offered = [values for values in missing.values() if not _refers_to(table, values, done.left_out)]
    taken: set[tuple[Any, ...]] = set()
    if offered:
        came_in = await session.execute(insert(model).on_conflict_do_nothing().returning(*keys), offered)
        taken = {tuple(key) for key in came_in}
    done.count += len(taken)
    done.left_out |= {(table.name, key[0] if len(key) == 1 else key) for key in missing.keys() - taken}


def _values(row: Base) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def _refers_to(table: Table, values: dict[str, Any], left_out: set[tuple[str, Any]]) -> bool:
    return any((key.column.table.name, values.get(key.parent.name)) in left_out for key in table.foreign_keys)
