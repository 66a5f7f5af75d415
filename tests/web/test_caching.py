"""Pages in memory: their versions are read beside the requests, and the reading ends with the program."""

import asyncio

import pytest

from app.main import create_app
from tests.test_serving import run_sql

OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.mark.parametrize("after", [0, 0.001, 0.01, 0.05])
async def test_a_program_that_stops_while_it_reads_versions_leaves_no_connection_behind(database_url, settings, after):
    app = create_app(settings, database_url)

    async with app.router.lifespan_context(app):
        await asyncio.sleep(after)

    assert [task for task in asyncio.all_tasks() if task.get_name() == "page-versions"] == []
    for _ in range(100):
        if run_sql(database_url, OTHERS) == [(0,)]:
            return
        await asyncio.sleep(0.02)
    pytest.fail("a connection is left")
