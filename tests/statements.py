"""Counting what the program sends to the database."""

from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class Statements(list[str]):
    """The statements so far, the polling of page versions left out: it is nobody's request."""

    @contextmanager
    def during(self) -> Any:
        self.clear()
        yield self


def watch(engine: AsyncEngine) -> Statements:
    seen = Statements()

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:
        if not statement.startswith("SELECT page_version.subject_id, page_version.topic"):
            seen.append(statement)

    return seen
