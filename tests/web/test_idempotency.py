"""The same request twice does its work once."""

import asyncio

from sqlalchemy import text

from app.web import idempotency
from tests.orders.bodies import ok, refused, waste


async def count(app, table: str = "service_order") -> int:
    async with app.state.sessions.read() as session:
        return (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def test_a_repeat_gets_the_same_answer_and_no_second_order(app, resident):
    body, key = waste(), {"Idempotency-Key": "k-1"}
    first = await resident.post("/v1/orders", json=body, headers=key)

    again = await resident.post("/v1/orders", json=body, headers={"Idempotency-Key": '"k-1"'})

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert "idempotent-replayed" not in first.headers
    assert await count(app) == 1


async def test_a_key_belongs_to_its_request_and_its_caller(app, resident, sign_in):
    key = {"Idempotency-Key": "k-1"}
    await ok(await resident.post("/v1/orders", json=waste(), headers=key), 201)

    other_body = waste(contact={"name": "另一位", "phone": "13800000003"})
    await refused(await resident.post("/v1/orders", json=other_body, headers=key), 422, "idempotency-key-reused")
    other_path = await resident.post("/v1/orders/preview", json=waste(), headers=key)
    await refused(other_path, 422, "idempotency-key-reused")
    stranger = await sign_in("13800000001")
    theirs = waste(compound="TYY", room="TYY-5-2-301")
    await ok(await stranger.post("/v1/orders", json=theirs, headers=key), 201)
    assert await count(app) == 2


async def test_a_refused_request_leaves_its_key_free(app, resident):
    key = {"Idempotency-Key": "k-1"}
    await refused(await resident.post("/v1/orders", json=waste(price_version=7), headers=key), 409, "price-changed")

    await ok(await resident.post("/v1/orders", json=waste(), headers=key), 201)

    assert await count(app, "idempotency_record") == 1


async def race(resident) -> list[int]:
    sent = [resident.post("/v1/orders", json=waste(), headers={"Idempotency-Key": "race"}) for _ in range(6)]
    return [answer.status_code for answer in await asyncio.gather(*sent)]


async def test_of_racing_twins_one_does_the_work(app, resident):
    statuses = await race(resident)

    assert set(statuses) <= {201, 409}
    assert await count(app) == 1


async def test_control_without_the_claim_the_race_orders_more_than_once(app, resident, monkeypatch):
    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(idempotency, "claim", nothing)

    await race(resident)

    assert await count(app) > 1


async def test_a_twin_waits_a_second_and_is_then_told_to_come_back(app, resident):
    async with app.state.sessions.write() as holder:
        await holder.execute(
            text(
                "INSERT INTO idempotency_record (caller, key, method, path, body_hash) "
                "VALUES (:caller, 'slow', 'POST', '/v1/orders', :hash)"
            ),
            {"caller": f"RESIDENT:{(await ok(await resident.get('/v1/me')))['id']}", "hash": b"0" * 32},
        )
        answer = await resident.post("/v1/orders", json=waste(), headers={"Idempotency-Key": "slow"})
        await holder.rollback()

    await refused(answer, 409, "request-in-progress")
    assert answer.headers["retry-after"] == "1"
    retried = await resident.post("/v1/orders", json=waste(), headers={"Idempotency-Key": "slow"})
    assert retried.status_code == 201


async def test_kept_answers_are_sealed(app, resident):
    await ok(await resident.post("/v1/orders", json=waste(), headers={"Idempotency-Key": "k"}), 201)

    async with app.state.sessions.read() as session:
        raw = (await session.execute(text("SELECT answer FROM idempotency_record"))).scalar_one()

    assert b"138" not in bytes(raw)
    assert b"status" not in bytes(raw)
