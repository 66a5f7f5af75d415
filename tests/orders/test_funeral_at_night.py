"""A call at 02:15: the database's clock is set, and the program is driven by its named examples through the night."""

from datetime import datetime, timedelta

import pytest
import time_machine

from app.core.clock import at, local_date, utc_now
from app.orders import jobs
from tests.jobs import a_run
from tests.orders.bodies import ok
from tests.test_serving import run_sql

CLOCK = """CREATE SCHEMA IF NOT EXISTS clock;
CREATE OR REPLACE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT pg_catalog.now() + interval '{seconds} seconds' $$"""


class Night:
    """What time it is, for the database and for the process."""

    def __init__(self, url, traveller, day) -> None:
        self.url, self.traveller, self.day = url, traveller, day

    def is_now(self, instant: datetime) -> None:
        ((real,),) = run_sql(self.url, "SELECT pg_catalog.now()")
        run_sql(self.url, CLOCK.format(seconds=(instant - real).total_seconds()))
        self.traveller.move_to(instant)


@pytest.fixture
def night(database_url):
    """The night after today: its part of the day began in the evening, in a row that the demonstration has made."""
    name = database_url.rpartition("/")[2].partition("?")[0]
    day = local_date(utc_now()) + timedelta(days=1)
    with time_machine.travel(utc_now(), tick=True) as traveller:
        told = Night(database_url, traveller, day)
        told.is_now(at(day, 2, 15))
        run_sql(database_url, f'ALTER DATABASE "{name}" SET search_path = clock, pg_catalog, public')
        yield told


def example(document, operation, name):
    for methods in document["paths"].values():
        for found in methods.values():
            if found["operationId"] == operation:
                return found["requestBody"]["content"]["application/json"]["examples"][name]["value"]
    raise AssertionError(operation)


async def test_row_15_a_funeral_at_02_15_by_a_son_who_is_bound_to_nothing(night, app, sign_in, visitor, database_url):
    today = night.day
    son, electrician = await sign_in("13800000004"), await sign_in("electrician")
    document = (await visitor.get("/openapi.json")).json()
    placed = await ok(await son.post("/v1/orders", json=example(document, "placeOrder", "funeral-by-unbound")), 201)

    assert placed["confirm_by"][:16] == f"{today}T02:45"
    first, last = placed["slots"][0], placed["slots"][-1]
    assert (first["part"], first["end"]) == ("夜间", f"{today}T06:00:00+08:00")
    assert (last["part"], last["date"]) == ("晚上", str(today + timedelta(days=2)))
    assert len(placed["slots"]) == 12
    assert [call["post"] for call in placed["call_now"]][:2] == ["值班电工", "夜班值守"]

    night.is_now(at(today, 2, 31))
    order = f"/v1/orders/{placed['id']}/steps"
    confirmed = await ok(await electrician.post(order, json=example(document, "takeOrderStep", "fast-confirm")))
    assert (confirmed["status"], confirmed["history"][-1]["at"][:16]) == ("FAST_CONFIRMED", f"{today}T02:31")


async def test_nobody_answers_at_night_and_the_next_one_is_called_every_ten_minutes(
    night, app, sign_in, visitor, database_url
):
    today = night.day
    son = await sign_in("13800000004")
    document = (await visitor.get("/openapi.json")).json()
    placed = await ok(await son.post("/v1/orders", json=example(document, "placeOrder", "funeral-by-unbound")), 201)
    run = a_run(app)

    called = []
    for minute in (44, 46, 50, 57):
        night.is_now(at(today, 2, minute))
        await jobs.run_due_clocks(run)
        called.append(run_sql(database_url, "SELECT post FROM call_task ORDER BY id"))

    posts = [[post for (post,) in rows] for rows in called]
    chain = [call["post"] for call in placed["call_now"]]
    assert posts == [chain[:1], chain[:2], chain[:2], chain[:3]]
