"""Faults of the database: 409 or 503 with Retry-After, never 500, and the repeat with the same key succeeds once."""

import asyncio
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.main import create_app
from app.web import idempotency
from tests.orders.bodies import ok, refused, waste
from tests.web.test_idempotency import count

INJECTED = {
    "deadlock": "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$",
    "lock timeout": "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$",
    "cancelled": "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57014'; END $$",
    "serialization": "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$",
    "lost connection": "SELECT pg_terminate_backend(pg_backend_pid())",
}


@pytest.mark.parametrize("fault", INJECTED)
async def test_a_fault_in_the_middle_is_busy_and_the_repeat_succeeds_once(app, resident, monkeypatch, fault):
    keep, failing = idempotency.keep, True

    async def keep_or_fail(session, *rest):
        if failing:
            await session.execute(text(INJECTED[fault]))
        await keep(session, *rest)

    monkeypatch.setattr(idempotency, "keep", keep_or_fail)
    key = {"Idempotency-Key": "once"}
    answer = await resident.post("/v1/orders", json=waste(), headers=key)
    await refused(answer, 503, "busy")
    assert int(answer.headers["retry-after"]) >= 1
    assert await count(app) == 0

    failing = False
    await ok(await resident.post("/v1/orders", json=waste(), headers=key), 201)
    await ok(await resident.post("/v1/orders", json=waste(), headers=key), 201)
    assert await count(app) == 1


async def test_a_commit_that_fails_is_never_answered_with_201(app, resident, manager):
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(
            text("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$")
        )
        await session.execute(
            text(
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON service_order "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        )

    answer = await resident.post("/v1/orders", json=waste())

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal-error"
    assert await count(app) == 0


async def test_a_row_that_is_locked_elsewhere_is_busy_after_a_second(app, resident, manager):
    order = (await ok(await resident.post("/v1/orders", json=waste()), 201))["id"]
    async with app.state.sessions.write() as holder:
        await holder.execute(text("SELECT id FROM service_order WHERE id = :id FOR UPDATE"), {"id": order})
        started = time.monotonic()
        answer = await manager.post(f"/v1/orders/{order}/steps", json={"action": "accept"})
        waited = time.monotonic() - started
        await holder.rollback()

    await refused(answer, 503, "busy")
    assert waited < 2.5


async def test_an_exhausted_pool_is_busy_and_the_process_still_lives(database_url, settings, somebody, resident):
    small = create_app(settings.model_copy(update={"pool_size": 2}), database_url)
    async with small.router.lifespan_context(small):
        person = somebody()
        person._transport.app = small
        async with small.state.sessions.write() as one, small.state.sessions.write() as two:
            await one.execute(text("SELECT 1"))
            await two.execute(text("SELECT 1"))
            started = time.monotonic()
            answers = asyncio.gather(*(person.get("/v1/compounds") for _ in range(5)))
            await asyncio.sleep(0.2)
            asked = time.monotonic()
            assert (await person.get("/livez")).status_code == 200
            assert time.monotonic() - asked < 0.1
            for answer in await answers:
                await refused(answer, 503, "busy")
                assert "retry-after" in answer.headers
            assert time.monotonic() - started < 2.5


async def test_control_the_injected_faults_are_real(app):
    for statement in INJECTED.values():
        async with app.state.sessions.write() as session:
            with pytest.raises(DBAPIError):
                await session.execute(text(statement))
