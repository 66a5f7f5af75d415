"""A bounded load over a few kept connections, light enough not to be what is measured."""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 8
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be written to a socket."""

    wire: bytes

    @classmethod
    def of(cls, method: str, path: str, body: bytes = b"", **headers: str) -> "Request":
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: bench",
            *(f"{n.replace('_', '-')}: {v}" for n, v in headers.items()),
        ]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return cls("\r\n".join([*lines, "", ""]).encode() + body)


@dataclass
class Measured:
    """What some requests cost."""

    requests: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / self.requests

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def cpu_of(pid: int) -> float:
    """Seconds that a process has worked, in itself and in the system for it."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / TICKS


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:"))
    return int(head.split(" ", 2)[1]), await reader.readexactly(length)


async def drive(port: int, requests: Sequence[Request], pid: int, measured: Measured) -> list[bytes]:
    """Send all of them, and add what they cost; the answers' bodies come in no certain order. Fails on a refusal."""
    waiting, bodies = iter(requests), []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            writer.write(request.wire)
            status, body = await _answer(reader)
            assert status in {200, 201}, (request.wire, status, body)
            bodies.append(body)
        writer.close()

    cpu, began = cpu_of(pid), time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    measured.seconds += time.perf_counter() - began
    measured.cpu += cpu_of(pid) - cpu
    measured.requests += len(requests)
    return bodies
