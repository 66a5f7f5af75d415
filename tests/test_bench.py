"""The measuring itself: the floor does what the API does, statement by statement, in the same database."""

import httpx2
import pytest

from bench.__main__ import GOALS, Bench, prepare
from bench.floor import floor
from tests.test_serving import run_sql


@pytest.fixture
async def bench(database_url):
    made = Bench(database_url)
    await prepare(made, 1)
    return made


async def test_the_floor_places_an_order_and_takes_its_step_as_the_api_does(bench, database_url):
    assert bench.cases.keys() == GOALS.keys()
    counted = "SELECT count(*), count(*) FILTER (WHERE status = 'ACCEPTED') FROM service_order"
    ((before, accepted),) = run_sql(database_url, counted)

    app = floor(database_url.replace("+psycopg", ""), bench.cases)
    transport = httpx2.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://f") as http:
        for name in ("menu page", "free slots", "list own orders"):
            assert (await http.get(f"/{name}")).json()["rows"][0], name
        made = [(await http.post("/place an order")).json()["id"] for _ in range(2)]
        assert (await http.post("/take a step", params={"order": made[1]})).status_code == 200

    assert run_sql(database_url, counted) == [(before + 2, accepted + 1)]
    rows = run_sql(
        database_url, f"SELECT id::text, status, version FROM service_order WHERE id IN ('{made[0]}', '{made[1]}')"
    )
    assert sorted(rows) == sorted([(made[0], "SUBMITTED", 1), (made[1], "ACCEPTED", 2)])
