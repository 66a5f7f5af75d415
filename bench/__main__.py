"""`make bench`: the API with everything on, and the same statements on bare Starlette and psycopg, over one database."""

import asyncio
import logging
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import orjson
import psycopg
import structlog

from app.config import Settings
from app.core import clock
from app.db import embedded, migrate
from app.demo import load
from app.main import create_app, install_keyring
from bench.load import Measured, Request, drive
from bench.recording import Case, recorded

GOALS = {"menu page": 1.0, "free slots": 3.0, "list own orders": 3.0, "place an order": 4.0, "take a step": 4.0}
ROUNDS, READS, WRITES, WARM = 4, 250, 50, 50
PEOPLE = ROUNDS * WRITES // 4 + WARM
"""One person may have five orders open; four are placed, so that all stay below that."""
BIN = Path(sys.executable).parent
TENANTS = """INSERT INTO residency (id, resident_id, room_id, role, status, start_on, version)
    SELECT gen_random_uuid(), p.id, r.id, 'TENANT', 'VERIFIED', '2020-01-01', 1
    FROM resident p, room r WHERE NOT p.demo AND r.code = 'QHC-1-1-102'"""


@dataclass
class Bench:
    """Both programs, what is sent to them, and what it has cost."""

    url: str
    api: int = 0
    floor: int = 0
    pids: dict[int, int] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    lister: str = ""
    manager: str = ""
    results: dict[str, tuple[Measured, Measured]] = field(default_factory=dict)


def waste() -> bytes:
    day = (clock.local_date(clock.utc_now()) + timedelta(days=5)).isoformat()
    return orjson.dumps(
        {
            "compound": "QHC",
            "item": "waste-removal",
            "room": "QHC-1-1-102",
            "price_version": 1,
            "details": {"kind": "GENERAL", "volume": "SMALL", "preferred_date": day},
            "contact": {"name": "王秀英", "phone": "13800000003"},
        }
    )


MENU = "/v1/compounds/QHC/menu"
SLOTS = f"{MENU}/heating-retrofit/slots"
STEP = b'{"action": "accept"}'


def bearer(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **more}


@asynccontextmanager
async def inside(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The API in this process, to prepare the data and to look at its statements."""
    app = create_app(Settings(), url)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://bench") as http,
    ):
        yield http


async def said(answer: httpx2.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def prepare(bench: Bench, people: int) -> None:
    """Tenants who may order, one with twenty orders behind him, a manager; then one request of each case, recorded."""
    json = {"Content-Type": "application/json"}
    async with inside(bench.url) as http:
        form = {"grant_type": "password", "username": "manager", "password": "demo-2026"}
        bench.manager = (await said(await http.post("/v1/auth/token", data=form)))["access_token"]
        for number in range(people + 2):
            code = {"phone": f"1390000{number:04d}", "code": "000000"}
            bench.people.append((await said(await http.post("/v1/auth/otp/verify", json=code)))["access_token"])
        run_sql(bench.url, TENANTS)
        bench.lister, someone = bench.people.pop(), bench.people.pop()
        for _ in range(20):
            await said(await http.post("/v1/orders", content=waste(), headers=json | bearer(bench.lister)), 201)
            run_sql(bench.url, "UPDATE service_order SET closed_at = now()")
        order = UUID(
            (await said(await http.post("/v1/orders", content=waste(), headers=json | bearer(someone)), 201))["id"]
        )

        async with recorded() as bench.cases["menu page"]:
            await said(await http.get(MENU))
        async with recorded() as bench.cases["free slots"]:
            await said(await http.get(SLOTS))
        async with recorded() as bench.cases["list own orders"]:
            await said(await http.get("/v1/orders", headers=bearer(bench.lister)))
        headers = json | bearer(someone) | {"Idempotency-Key": "bench"}
        async with recorded(key="bench") as bench.cases["place an order"]:
            await said(await http.post("/v1/orders", content=waste(), headers=headers), 201)
        async with recorded(order_id=order) as bench.cases["take a step"]:
            await said(await http.post(f"/v1/orders/{order}/steps", content=STEP, headers=json | bearer(bench.manager)))


def run_sql(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def program(port: int, *command: str, **environment: str) -> Iterator[int]:
    """The pid of a program that answers on the port."""
    process = subprocess.Popen(  # noqa: S603 our own programs
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, f"{command[0]} has ended"
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


async def compare(
    bench: Bench, name: str, api: list[list[Request]], floor: list[list[Request]]
) -> tuple[list[bytes], ...]:
    """Both in turns, so that what else the machine does meets both; the first round only warms them."""
    cost = bench.results[name] = (Measured(), Measured())
    bodies: tuple[list[bytes], ...] = ([], [])
    for number, rounds in enumerate(zip(floor, api, strict=True)):
        for which, (port, requests) in enumerate(zip((bench.floor, bench.api), rounds, strict=True)):
            into = cost[which] if number else Measured()
            bodies[which].extend(await drive(port, requests, bench.pids[port], into))
    return bodies


async def measure(bench: Bench) -> None:
    def reads(path: str, **headers: str) -> list[list[Request]]:
        return [[Request.of("GET", path, b"", **headers)] * count for count in [WARM, *[READS] * ROUNDS]]

    def cut(requests: list[Request]) -> list[list[Request]]:
        return [requests[:WARM], *(requests[WARM + i * WRITES : WARM + (i + 1) * WRITES] for i in range(ROUNDS))]

    await compare(bench, "menu page", reads(MENU), reads("/menu%20page"))
    await compare(bench, "free slots", reads(SLOTS), reads("/free%20slots"))
    await compare(bench, "list own orders", reads("/v1/orders", **bearer(bench.lister)), reads("/list%20own%20orders"))

    count = WARM + ROUNDS * WRITES
    who = [bench.people[number % len(bench.people)] for number in range(count)]
    places = [
        Request.of("POST", "/v1/orders", waste(), **bearer(t), Idempotency_Key=f"b-{n}") for n, t in enumerate(who)
    ]
    bare = [Request.of("POST", "/place%20an%20order", waste())] * count
    floors, orders = await compare(bench, "place an order", cut(places), cut(bare))

    manager = bearer(bench.manager)
    steps = [Request.of("POST", f"/v1/orders/{orjson.loads(body)['id']}/steps", STEP, **manager) for body in orders]
    bare = [Request.of("POST", f"/take%20a%20step?order={orjson.loads(body)['id']}", STEP) for body in floors]
    await compare(bench, "take a step", cut(steps), cut(bare))


def show(bench: Bench) -> None:
    print(f"\n{'':16} {'statements':>10} {'CPU ms per request':>26} {'requests/s':>18}")
    print(f"{'':16} {'':>10} {'floor':>8} {'API':>8} {'ratio':>8} {'floor':>9} {'API':>8}   goal")
    for name, (floor, api) in bench.results.items():
        ratio = api.cpu_ms / floor.cpu_ms
        met = "met" if ratio <= GOALS[name] else "missed"
        print(
            f"{name:16} {len(bench.cases[name].statements):>10} {floor.cpu_ms:8.2f} {api.cpu_ms:8.2f} {ratio:7.2f}x "
            f"{floor.per_second:9.0f} {api.per_second:8.0f}   {GOALS[name]:.1f}x {met}"
        )


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="diandan-bench-") as folder, ExitStack() as running:
        Path(folder).chmod(0o755)
        url = running.enter_context(embedded.running(Path(folder), throwaway=True))
        migrate.upgrade(url)
        install_keyring(Settings())
        load(Settings(), url)
        bench = Bench(url, free_port(), free_port())
        asyncio.run(prepare(bench, PEOPLE))
        run_sql(url, "ANALYZE")
        file = Path(folder) / "cases"
        file.write_bytes(pickle.dumps((url.replace("+psycopg", ""), bench.cases)))
        serve = (str(BIN / "diandan"), "serve", "--no-worker", "--port", str(bench.api))
        bench.pids[bench.api] = running.enter_context(
            program(bench.api, *serve, DATABASE_URL=url, DIANDAN_LOG_FORMAT="json")
        )
        floor = (sys.executable, "-m", "bench.floor", str(file), str(bench.floor))
        bench.pids[bench.floor] = running.enter_context(program(bench.floor, *floor))
        asyncio.run(measure(bench))
    show(bench)


if __name__ == "__main__":
    main()
