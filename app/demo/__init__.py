"""The demonstration: the published facts of the programme, and invented data around them."""

import asyncio
from dataclasses import dataclass
from importlib.resources import files

import orjson
from sqlalchemy import inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.core.errors import Problem
from app.core.ids import demo_id
from app.core.text import Text
from app.db.base import Base
from app.db.engine import Sessions, create_engine
from app.demo import areas, menu, people
from app.people.models import Staff
from app.people.passwords import hash_password
from app.web.caching import page_changed


class NoDemoInProduction(Problem):
    status, code = 409, "no-demo-in-production"
    title = Text("正式环境不能装入演示数据", "The demonstration data does not belong into production")


@dataclass(frozen=True)
class Loaded:
    """How many rows were added; what was there stays as its users left it."""

    added: int


async def _add_missing(session: AsyncSession, rows: list[Base]) -> int:
    """Insert the rows whose primary keys are not there, table by table in the order given."""
    added = 0
    by_table: dict[type[Base], list[Base]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(row)
    for model, mine in by_table.items():
        mapper = inspect(model)
        keys = mapper.primary_key
        wanted = {tuple(mapper.primary_key_from_instance(row)): row for row in mine}
        if len(keys) == 1:
            found = select(*keys).where(keys[0].in_([key[0] for key in wanted]))
        else:
            found = select(*keys).where(tuple_(*keys).in_(list(wanted)))
        present = {tuple(key) for key in await session.execute(found)}
        missing = [row for key, row in wanted.items() if key not in present]
        session.add_all(missing)
        await session.flush()
        added += len(missing)
    return added


async def load_into(sessions: Sessions) -> Loaded:
    """Add what is missing of the demonstration, in one transaction. Running it again changes nothing."""
    facts = orjson.loads((files(__name__) / "programme.json").read_bytes())
    async with sessions.write() as session, session.begin():
        there = await session.get(Staff, demo_id("staff", "admin"))
        password_hash = there.password_hash if there else await hash_password(people.PASSWORD)
        rows: list[Base] = list(areas.programme(facts).made)
        rows += [*people.staff(password_hash), *people.residents(), *people.integrators()]
        rows += [*menu.items(), *menu.offers()]
        added = await _add_missing(session, rows)
        if added:
            named = [demo_id("compound", code) for code in menu.OFFERS]
            await page_changed(session, "menu", *named)
            await page_changed(session, "places", *named)
    return Loaded(added)


def load(settings: Settings, database_url: str) -> Loaded:
    """`diandan demo`: load the demonstration into this database; never into production's."""
    if not settings.development:
        raise NoDemoInProduction

    async def run() -> Loaded:
        sessions = Sessions(create_engine(database_url, 1))
        try:
            return await load_into(sessions)
        finally:
            await sessions.close()

    return asyncio.run(run())
