"""Many at once for few places: exactly as many winners as places, and with the guard off there are more."""

import asyncio
import random
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import text, update

from app.bookings import service
from app.bookings.models import Slot
from app.core.actors import SYSTEM
from app.core.errors import Problem
from app.db.engine import Sessions, create_engine
from app.web.work import Work
from tests.orders.bodies import heating, patiently
from tests.test_serving import run_sql, serving

TAKERS, PLACES = 200, 20
ROOM = "SELECT id FROM room WHERE code = 'QHC-1-1-102'"
TENANTS = f"""INSERT INTO residency (id, resident_id, room_id, role, status, start_on, version)
    SELECT gen_random_uuid(), id, ({ROOM}), 'TENANT', 'VERIFIED', '2020-01-01', 1 FROM resident WHERE NOT demo"""
A_SLOT = """UPDATE slot SET capacity = :places WHERE id = (SELECT s.id FROM slot s JOIN resource r ON r.id = s.resource_id
    WHERE r.code = 'CREW_QHC' AND NOT closed AND start_at > now() + interval '3 days' ORDER BY start_at LIMIT 1)
    RETURNING id"""
COUNTED = "SELECT booked, (SELECT count(*) FROM reservation r WHERE r.slot_id = s.id AND state = 'BOOKED') FROM slot s"


async def token(client, number):
    who = {"phone": f"1390000{number:04d}", "code": "000000"}
    return (await patiently(client, "/v1/auth/otp/verify", who)).json()["access_token"]


async def place(client, access, slot_id, number):
    """One taker, who repeats with the same key while the program is busy."""
    headers = {"Authorization": f"Bearer {access}", "Idempotency-Key": f"taker-{number}"}
    return await patiently(client, "/v1/orders", heating([slot_id]), **headers)


async def test_two_hundred_takers_of_twenty_places_over_two_processes(database_url, run_home):
    with serving(run_home, "--workers", "2", "--no-worker", DATABASE_URL=database_url) as program:
        limits = httpx2.Limits(max_connections=40)
        async with httpx2.AsyncClient(base_url=program.base, limits=limits, timeout=60, trust_env=False) as client:
            tokens = await asyncio.gather(*(token(client, n) for n in range(TAKERS)))
            run_sql(database_url, TENANTS)
            ((slot_id,),) = run_sql(database_url, A_SLOT.replace(":places", str(PLACES)))
            answers = await asyncio.gather(*(place(client, t, str(slot_id), n) for n, t in enumerate(tokens)))

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(201), statuses.count(409)) == (PLACES, TAKERS - PLACES)
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["code"] for problem in lost} == {"slot-taken"}
    assert all(len(problem["alternatives"]) == 3 for problem in lost)
    assert run_sql(database_url, f"{COUNTED} WHERE id = '{slot_id}'") == [(PLACES, PLACES)]
    assert run_sql(database_url, "SELECT count(*) FROM service_order") == [(PLACES,)]


@asynccontextmanager
async def pools(url, settings):
    """Two pools over one database, as two processes have them; and how to work with either."""
    sessions = [Sessions(create_engine(url, 8)) for _ in range(2)]

    @asynccontextmanager
    async def work(which):
        async with sessions[which % 2].write() as session, session.begin():
            now = (await session.execute(text("SELECT now()"))).scalar_one()
            yield Work(session, SYSTEM, now, settings)

    try:
        yield work
    finally:
        for one in sessions:
            await one.close()


async def takers(work, slot_id, count):
    """So many orders take the slot at once; how many got a place."""

    async def take(number):
        try:
            async with work(number) as mine:
                await service.take(mine, uuid4(), [slot_id], until=None)
        except service.SlotTaken:
            return False
        return True

    gate = asyncio.Semaphore(16)

    async def queued(number):
        async with gate:
            return await take(number)

    return sum(await asyncio.gather(*(queued(n) for n in range(count))))


async def test_with_the_guard_places_are_sold_once(database_url, settings):
    ((slot_id,),) = run_sql(database_url, A_SLOT.replace(":places", str(PLACES)))
    async with pools(database_url, settings) as work:
        assert await takers(work, UUID(str(slot_id)), 60) == PLACES

    assert run_sql(database_url, f"{COUNTED} WHERE id = '{slot_id}'") == [(PLACES, PLACES)]


async def test_without_the_guard_places_are_sold_twice(database_url, settings, monkeypatch):
    async def looks_then_books(work, slot_ids, *, begun):
        """What a count before an unguarded write does."""
        rows = await work.session.execute(
            text("SELECT count(*) FROM slot WHERE id = ANY(:ids) AND booked < capacity"), {"ids": list(slot_ids)}
        )
        free = rows.scalar_one()
        await asyncio.sleep(0.01)
        if free == len(slot_ids):
            await work.session.execute(update(Slot).where(Slot.id.in_(slot_ids)).values(booked=Slot.booked + 1))
        return free

    async def nothing_locked(work, slot_ids):
        pass

    run_sql(database_url, "ALTER TABLE slot DROP CONSTRAINT ck_slot_booked")
    ((slot_id,),) = run_sql(database_url, A_SLOT.replace(":places", str(PLACES)))
    monkeypatch.setattr(service, "claim", looks_then_books)
    monkeypatch.setattr(service, "free_expired", nothing_locked)
    async with pools(database_url, settings) as work:
        sold = await takers(work, UUID(str(slot_id)), 60)

    assert sold > PLACES


OPERATIONS, TASKS, SLOTS = 2000, 8, 12


async def test_two_thousand_random_moves_end_where_the_acknowledged_ones_say(database_url, settings):
    """Create, move, cancel and confirm at random from eight tasks: no slot over its capacity, model == database."""
    rows = run_sql(
        database_url,
        f"UPDATE slot SET capacity = 2 WHERE id IN (SELECT id FROM slot WHERE NOT closed"
        f" AND start_at > now() + interval '3 days' ORDER BY start_at, id LIMIT {SLOTS}) RETURNING id",
    )
    slots = [UUID(str(row[0])) for row in rows]
    held: dict[UUID, frozenset[UUID]] = {}
    outcome = {"done": 0, "taken": 0}

    async def one(task, chance):
        order = uuid4() if not held or chance.random() < 0.4 else chance.choice(list(held))
        before = held.pop(order, frozenset())  # nobody else works on this order meanwhile
        wanted = frozenset(chance.sample(slots, chance.choice([0, 1, 1, 2, 3])))
        try:
            async with work(task) as mine:
                await service.set_slots(mine, order, sorted(wanted), until=None)
                if chance.random() < 0.2:
                    await service.confirm(mine, order)
            held[order] = wanted
            outcome["done"] += 1
        except service.SlotTaken:
            held[order] = before
            outcome["taken"] += 1

    async def worker(task):
        chance = random.Random(task)
        for _ in range(OPERATIONS // TASKS):
            try:
                await one(task, chance)
            except Problem as refusal:
                raise AssertionError(refusal.code) from refusal

    async with pools(database_url, settings) as work:
        await asyncio.gather(*(worker(task) for task in range(TASKS)))

    assert sum(outcome.values()) == OPERATIONS
    assert min(outcome.values()) > 100
    expected = {slot: sum(slot in places for places in held.values()) for slot in slots}
    for slot in slots:
        ((booked, active),) = run_sql(database_url, f"{COUNTED} WHERE id = '{slot}'")
        assert booked == active == expected[slot] <= 2
