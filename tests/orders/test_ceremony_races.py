"""Row 1: a hundred at once for one hall on overlapping days; never two in one part of a day, and no half wedding."""

import asyncio
import random
from collections import Counter
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import text, update

from app.bookings import service
from app.bookings.models import Slot
from tests.bookings.test_races import TENANTS, pools
from tests.orders.bodies import patiently
from tests.orders.ceremonies import funeral, wedding
from tests.test_serving import run_sql, serving

TAKERS, DAYS, AHEAD = 100, 4, 20
PARTS = f"""SELECT s.id, s.day FROM slot s JOIN resource r ON r.id = s.resource_id
    WHERE r.code = 'HALL_QHC' AND s.code <> 'NIGHT' AND s.day >= DATE '{date.today() + timedelta(days=AHEAD)}'
    ORDER BY s.start_at LIMIT {DAYS * 3}"""
HELD = "SELECT order_id, slot_id FROM reservation WHERE state = 'BOOKED'"


def stretches(parts, count):
    """So many runs of one to five parts that follow each other, somewhere in the same days."""
    chance = random.Random(20)
    for _ in range(count):
        length = chance.randint(1, 5)
        first = chance.randrange(len(parts) - length + 1)
        yield parts[first : first + length]


async def sign_in(client, number):
    who = {"phone": f"1390000{number:04d}", "code": "000000"}
    return (await patiently(client, "/v1/auth/otp/verify", who)).json()["access_token"]


async def place(client, access, body, number):
    headers = {"Authorization": f"Bearer {access}", "Idempotency-Key": f"host-{number}"}
    return await patiently(client, "/v1/orders", body, **headers)


async def test_a_hundred_hosts_at_one_hall_on_overlapping_days(database_url, run_home):
    """Every tenth is a funeral: it is never refused, and takes all of its time or none."""
    parts = run_sql(database_url, PARTS)
    bodies = [
        funeral(venue="HALL_QHC", starts_on=str(run[0][1]), days=1)
        if number % 10 == 0
        else wedding([str(slot) for slot, _ in run])
        for number, run in enumerate(stretches(parts, TAKERS))
    ]
    with serving(run_home, "--workers", "2", "--no-worker", DATABASE_URL=database_url) as program:
        limits = httpx2.Limits(max_connections=40)
        async with httpx2.AsyncClient(base_url=program.base, limits=limits, timeout=60, trust_env=False) as client:
            tokens = await asyncio.gather(*(sign_in(client, n) for n in range(TAKERS)))
            run_sql(database_url, TENANTS)
            answers = await asyncio.gather(
                *(place(client, t, body, n) for n, (t, body) in enumerate(zip(tokens, bodies, strict=True)))
            )

    assert {answer.status_code for answer in answers} == {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"slot-taken"}
    assert all(answer.status_code == 201 for answer in answers[::10])
    held: dict[str, set[str]] = {}
    for order, slot in run_sql(database_url, HELD):
        held.setdefault(str(order), set()).add(str(slot))
    assert max(Counter(slot for slots in held.values() for slot in slots).values()) == 1
    for body, answer in zip(bodies, answers, strict=True):
        if answer.status_code == 201:
            mine = held.pop(answer.json()["id"], set())
            assert mine == set(body.get("slot_ids", ())) or (body["item"] == "funeral" and len(mine) in {0, 3})
    assert held == {}


async def contest(work, slots):
    """A hundred orders take their parts of days; how many orders each part has been sold to."""
    sold: Counter[UUID] = Counter()

    async def take(number, run):
        try:
            async with work(number) as mine:
                await service.take(mine, uuid4(), run, until=None)
            sold.update(run)
        except service.SlotTaken:
            pass

    gate = asyncio.Semaphore(16)

    async def queued(number, run):
        async with gate:
            await take(number, run)

    await asyncio.gather(*(queued(n, run) for n, run in enumerate(stretches(slots, TAKERS))))
    return sold


async def test_with_the_guard_each_part_of_a_day_is_sold_once(database_url, settings):
    slots = [UUID(str(slot)) for slot, _ in run_sql(database_url, PARTS)]
    async with pools(database_url, settings) as work:
        assert max((await contest(work, slots)).values()) == 1


async def test_without_the_guard_a_part_of_a_day_is_sold_twice(database_url, settings, monkeypatch):
    async def looks_then_books(work, slot_ids, **_):
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
    slots = [UUID(str(slot)) for slot, _ in run_sql(database_url, PARTS)]
    monkeypatch.setattr(service, "claim", looks_then_books)
    monkeypatch.setattr(service, "free_expired", nothing_locked)
    async with pools(database_url, settings) as work:
        sold = await contest(work, slots)

    assert max(sold.values()) > 1
