"""A job exists exactly when what caused it does, and one whose worker died is taken up again."""

import asyncio
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import text

from app import worker
from app.outreach import sms
from app.web.run import Run
from tests.orders.bodies import an_order, ok, refused, waste

TELL = "orders.tell"


async def ask(app, statement: str, **values) -> list:
    async with app.state.sessions.write() as session, session.begin():
        return list((await session.execute(text(statement), values)).scalars())


async def do(app, *statements: str) -> None:
    async with app.state.sessions.write() as session, session.begin():
        for statement in statements:
            await session.execute(text(statement))


async def jobs(app) -> list[tuple[str, dict, str]]:
    """Name, arguments and status of every job that waits, is done or failed."""
    async with app.state.sessions.read() as session:
        rows = await session.execute(text("SELECT task_name, args, status::text FROM procrastinate_jobs ORDER BY id"))
        return [tuple(row) for row in rows]


def a_run(app) -> Run:
    return Run(app.state.settings, app.state.sessions, sms.send)


async def test_an_order_that_is_placed_leaves_one_job(app, resident):
    order = (await an_order(resident)).rpartition("/")[2]

    assert await jobs(app) == [(TELL, {"order_id": order, "event": "placed", "version": 1}, "todo")]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"price_version": 2}, 409, "price-changed"),
        ({"room": "QHC-1-1-101"}, 422, "room-not-yours"),
        ({"details": {"kind": "GENERAL", "volume": "SMALL"}}, 422, "form-invalid"),
    ],
)
async def test_an_order_that_is_refused_leaves_none(app, resident, change, status, code):
    await refused(await resident.post("/v1/orders", json=waste(**change)), status, code)

    assert await jobs(app) == []
    assert await ask(app, "SELECT number FROM service_order") == []


async def test_the_same_order_sent_twice_leaves_one_job(app, resident):
    body = waste()
    for _ in range(2):
        await ok(await resident.post("/v1/orders", json=body, headers={"Idempotency-Key": "one"}), 201)

    assert [name for name, _, _ in await jobs(app)] == [TELL]


async def test_a_job_is_not_seen_before_the_commit_and_is_after(app):
    async with a_run(app).work() as work:
        await work.defer(TELL, order_id=str(UUID(int=1)), event="placed", version=1)
        assert await jobs(app) == []

    assert await jobs(app) == [(TELL, {"order_id": str(UUID(int=1)), "event": "placed", "version": 1}, "todo")]


async def test_a_job_of_a_transaction_that_is_rolled_back_never_was(app):
    async def defer_and_fail() -> None:
        async with a_run(app).work() as work:
            await work.defer(TELL, order_id=str(UUID(int=1)), event="placed", version=1)
            raise LookupError

    with pytest.raises(LookupError):
        await defer_and_fail()

    assert await jobs(app) == []


async def test_a_commit_that_fails_takes_the_job_with_it(app, resident):
    await do(
        app,
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$",
        "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON service_order DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION fail()",
    )

    await refused(await resident.post("/v1/orders", json=waste()), 503, "busy")

    assert await jobs(app) == []
    assert await ask(app, "SELECT number FROM service_order") == []


@asynccontextmanager
async def working(app, url):
    """The worker, over the database of this test."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(app.state.settings, url, stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(15):
            await task


async def until(app, task_name: str, status: str) -> None:
    """Wait until a job of this name has this status."""
    counting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name AND status::text = :status"
    for _ in range(200):
        if await ask(app, counting, name=task_name, status=status) == [1]:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"no {task_name} is {status}: {await jobs(app)}")


async def begun_by_a_worker(app, order_id: str, silent_for: str) -> int:
    """The job of this order as a worker left it that was last heard of so long ago."""
    heard = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - CAST(:ago AS interval)) RETURNING id"
    (worker_id,) = await ask(app, heard, ago=silent_for)
    doing = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = :w WHERE args ->> 'order_id' = :o RETURNING id"
    (job_id,) = await ask(app, doing, w=worker_id, o=order_id)
    return job_id


async def test_a_job_that_waits_is_done(app, database_url, resident):
    await an_order(resident)

    async with working(app, database_url):
        await until(app, TELL, "succeeded")


async def test_a_job_whose_worker_died_is_taken_up_again_and_one_that_is_being_done_is_not(app, database_url, resident):
    dead, busy = [(await an_order(resident)).rpartition("/")[2] for _ in range(2)]
    left = await begun_by_a_worker(app, dead, "45 seconds")
    kept = await begun_by_a_worker(app, busy, "5 seconds")

    async with working(app, database_url):
        await until(app, TELL, "succeeded")
        await until(app, "queue.retry_stalled", "succeeded")

    attempts = "SELECT attempts FROM procrastinate_jobs WHERE id = :id AND status::text = :status"
    assert await ask(app, attempts, id=left, status="succeeded") == [2]
    assert await ask(app, attempts, id=kept, status="doing") == [0]
