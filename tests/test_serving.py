"""The program as an operator starts it: several processes, their figures, jobs beside them, and a quiet stop."""

import asyncio
import gc
import os
import re
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from sqlalchemy import create_engine, text

from app.config import Settings
from app.main import create_app

DIANDAN = str(Path(sys.executable).with_name("diandan"))
START_SECONDS = 60


class Program:
    """A running `diandan serve`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.base = f"http://127.0.0.1:{port}"

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return httpx2.get(self.base + path, headers=headers, trust_env=False)

    def children(self) -> list[int]:
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in told.split()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], object], seconds: float = START_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to hold"
        time.sleep(0.1)


def answers(program: Program, path: str) -> bool:
    try:
        return program.get(path).status_code == 200
    except httpx2.TransportError:
        assert program.process.poll() is None, "the program has ended"
        return False


def alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def environment(run_home: Path, **settings: str) -> dict[str, str]:
    """What a started program sees: none of our own settings, and a place for what it leaves behind when it is killed."""
    left_out = ("DIANDAN_", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE", "PROMETHEUS_")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return ours | {"TMPDIR": str(run_home)} | settings


@contextmanager
def serving(run_home: Path, *options: str, **settings: str) -> Iterator[Program]:
    port = free_port()
    process = subprocess.Popen(
        [DIANDAN, "serve", "--port", str(port), *options],
        env=environment(run_home, **settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    program = Program(process, port)
    try:
        eventually(lambda: answers(program, "/readyz"), START_SECONDS)
        yield program
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def requests_counted(program: Program) -> float:
    told = program.get("/metrics").text
    return sum(
        float(value)
        for value in re.findall(r'^diandan_requests_total\{.*route="/livez".*\} (\S+)$', told, re.MULTILINE)
    )


def run_sql(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            found = connection.execute(text(statement))
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


async def stopped_in_the_middle(program: Program, url: str) -> None:
    """Ask for a stop while a request waits for a lock: the request is answered first, then the program ends with 0."""
    engine = create_engine(url)
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with engine.connect() as holder:
        holder.execute(text("LOCK TABLE phone_code"))
        async with httpx2.AsyncClient(trust_env=False) as client:
            slow = asyncio.create_task(client.post(program.base + "/v1/auth/otp", json={"phone": "13800000001"}))
            await asyncio.to_thread(eventually, lambda: run_sql(url, waiting))
            program.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            assert program.process.poll() is None
            holder.rollback()
            assert (await slow).status_code == 202
    engine.dispose()
    assert await asyncio.to_thread(program.process.wait, 15) == 0


async def test_one_process(database_url, run_home):
    with serving(run_home, DATABASE_URL=database_url) as program:
        before = requests_counted(program)
        program.get("/livez")
        assert requests_counted(program) - before == 1
        await stopped_in_the_middle(program, database_url)


async def test_two_processes_count_together_do_the_jobs_and_stop_quietly(database_url, run_home):
    with serving(run_home, "--workers", "2", DATABASE_URL=database_url) as program:
        eventually(lambda: len(program.children()) == 3)
        assert program.get("/livez").json() == {"status": "alive"}
        assert program.get("/readyz").json()["migrations"] == "current"

        before = requests_counted(program)
        for _ in range(40):
            assert program.get("/livez").status_code == 200
        assert requests_counted(program) - before == 40

        hidden = program.get("/metrics", **{"X-Forwarded-For": "203.0.113.9"})
        assert hidden.status_code == 404
        assert "diandan_requests" not in hidden.text

        asked = httpx2.post(program.base + "/v1/auth/otp", json={"phone": "13800000001"}, trust_env=False)
        assert asked.status_code == 202
        eventually(lambda: run_sql(database_url, "SELECT 1 FROM phone_code WHERE sent_at IS NOT NULL"))

        processes = program.children()
        await stopped_in_the_middle(program, database_url)
        assert not [pid for pid in processes if alive(pid)]


def test_a_killed_process_comes_back_and_a_killed_program_leaves_none_behind(database_url, run_home):
    with serving(run_home, "--workers", "2", "--no-worker", DATABASE_URL=database_url) as program:
        eventually(lambda: len(program.children()) == 2)
        killed = program.children()[0]
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: len(program.children()) == 2 and killed not in program.children())
        assert answers(program, "/readyz")

        processes = program.children()
        program.process.kill()
        program.process.wait()
        eventually(lambda: not [pid for pid in processes if alive(pid)])


def test_an_app_that_is_dropped_leaves_nothing_behind():
    dropped = weakref.ref(create_app(Settings(), "postgresql://nobody@127.0.0.1:1/none"))

    gc.collect()

    assert dropped() is None
