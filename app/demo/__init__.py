"""The demonstration: the published facts of the programme, and invented data around them."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.bookings import queries as bookings_of
from app.bookings import upkeep
from app.config import Settings
from app.core.actors import SYSTEM
from app.core.errors import Problem
from app.core.ids import demo_id
from app.core.text import Text
from app.db.base import Base
from app.db.engine import Sessions, create_engine
from app.demo import areas, bookings, duty, menu, people
from app.demo.missing import add_missing, wait_for_others
from app.people import queries as people_queries
from app.people.passwords import hash_password
from app.web.caching import page_changed
from app.web.work import Work

log = structlog.get_logger(__name__)


class NoDemoInProduction(Problem):
    status, code = 409, "no-demo-in-production"
    title = Text("正式环境不能装入演示数据", "The demonstration data does not belong into production")


@dataclass(frozen=True)
class Loaded:
    """How many rows were added, and how many could not be, because others have their names; the rest was there."""

    added: int
    left_out: int


async def load_into(sessions: Sessions) -> Loaded:
    """Add what is missing of the demonstration, in one transaction. Running it again changes nothing."""
    facts = orjson.loads((files(__name__) / "programme.json").read_bytes())
    rows: list[Base] = list(areas.programme(facts).made)
    rows += duty.clinics()
    rows += [*people.staff(await hash_password(people.PASSWORD)), *people.residents(), *people.integrators()]
    rows += [*people.roster(), *people.texts(), *duty.rosters()]
    rows += [*menu.items(), *menu.offers(), *bookings.holidays()]
    rows += [*bookings.crews(), *bookings.venues(), *bookings.doctors()]
    async with sessions.write() as session, session.begin():
        await wait_for_others(session)
        done = await add_missing(session, rows)
        await people.link_clinic(session)
        if done.count:
            named = [demo_id("compound", code) for code in menu.OFFERS]
            await page_changed(session, "menu", *named)
            await page_changed(session, "places", *named)
            await _make_slots(session)
    if done.left_out:
        tables = Counter(table for table, _ in done.left_out)
        log.warning("demo_rows_left_out", why="their names, codes or phones are taken", tables=dict(tables))
    return Loaded(done.count, len(done.left_out))


async def _make_slots(session: AsyncSession) -> None:
    work = Work(session, SYSTEM, await people_queries.instant(session), Settings())
    for resource_id in await bookings_of.resource_ids(session):
        resource = await bookings_of.locked_resource(session, SYSTEM, resource_id)
        assert resource is not None
        await upkeep.refresh(work, resource)


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
