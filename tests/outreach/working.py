"""What tests of outreach share: the database's clock moved, and the jobs that are due done by the worker's handlers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from sqlalchemy import make_url, text

from app import worker
from app.db.engine import Sessions, create_engine
from app.web.run import Run, Undeliverable

SHADOWS_NOW = (
    "CREATE SCHEMA moved",
    "CREATE TABLE moved.shift (by interval NOT NULL)",
    "INSERT INTO moved.shift VALUES ('0')",
    "CREATE FUNCTION moved.now() RETURNS timestamptz LANGUAGE sql STABLE "
    "AS 'SELECT pg_catalog.now() + (SELECT by FROM moved.shift)'",
)


DUE = (
    "SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' "
    "AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY id LIMIT 1"
)


async def rows(app: FastAPI, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    async with app.state.sessions.read() as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


async def do(app: FastAPI, statement: str, **values: Any) -> None:
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text(statement), values)


class Clock:
    """The database's instant, as whoever works by this clock is told it."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    async def be(self, instant: datetime) -> None:
        """From this instant on it goes on as clocks do."""
        async with self.sessions.write() as session, session.begin():
            change = text("UPDATE moved.shift SET by = :instant - pg_catalog.now()")
            await session.execute(change, {"instant": instant})


@asynccontextmanager
async def a_clock(app: FastAPI, database_url: str) -> AsyncIterator[Clock]:
    """Sessions that take `now()` from us; those of the program go by the right time, so that sign-ins hold."""
    for statement in SHADOWS_NOW:
        await do(app, statement)
    url = make_url(database_url).update_query_dict({"options": "-csearch_path=moved,pg_catalog,public"})
    sessions = Sessions(create_engine(url.render_as_string(hide_password=False), 4))
    try:
        yield Clock(sessions)
    finally:
        await sessions.close()


class Gateway:
    """The way out by text message: what has left the house, and whether it is out of order."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, str]]] = []
        self.failures = self.refusals = 0

    async def send(self, phone: str, template: str, params: Mapping[str, str]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("out of order")
        if self.refusals:
            self.refusals -= 1
            raise Undeliverable
        self.sent.append((phone, template, dict(params)))


async def work_off(run: Run, *, twice: bool = False) -> list[str]:
    """Do what is due, and what comes of it, as the worker would; twice, as after a crash. Names in their order."""
    done = []
    while True:
        async with run.work() as work:
            due = (await work.session.execute(text(DUE))).one_or_none()
        if due is None:
            return done
        for _ in range(1 + twice):
            await worker.HANDLERS[due.task_name](run, **due.args)
        async with run.work() as work:
            ended = text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id")
            await work.session.execute(ended, {"id": due.id})
        done.append(due.task_name)
