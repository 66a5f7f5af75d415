"""Somebody else's server, on this machine: it listens on a real socket, keeps what it was asked, and can misbehave."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Reply = Response | dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A request as it came in; the query as it was written."""

    method: str
    path: str
    query: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Loopback:
    """The server's address, its memory, and what it does instead of its duty."""

    base: str
    asked: list[Asked] = field(default_factory=list)
    instead: Reply | Callable[[Asked], Awaitable[Reply] | Reply | None] | None = None
    """Answers in place of the server; None lets it answer as ever."""

    def calls(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]


@asynccontextmanager
async def listening(duty: Callable[[Asked], Reply]) -> AsyncIterator[Loopback]:
    """A server that answers by `duty`, for as long as it is needed."""
    server = Loopback("")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        asked = Asked(
            request.method,
            request.url.path,
            scope["query_string"].decode(),
            dict(request.query_params),
            dict(request.headers),
            await request.body(),
        )
        server.asked.append(asked)
        reply = (
            server.instead(asked)
            if callable(server.instead) and not isinstance(server.instead, Response)
            else server.instead
        )
        if asyncio.iscoroutine(reply):
            reply = await reply
        found = duty(asked) if reply is None else reply
        response = found if isinstance(found, Response) else JSONResponse(found)
        await response(scope, receive, send)

    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False)
    running = uvicorn.Server(config)
    running.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    sock = config.bind_socket()
    server.base = f"http://127.0.0.1:{sock.getsockname()[1]}"
    task = asyncio.create_task(running.serve(sockets=[sock]))
    while not running.started:  # noqa: ASYNC110 uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        running.should_exit = running.force_exit = True
        await task
        sock.close()


async def slowly(_: Asked) -> Reply:
    """An answer that comes when nobody waits for it any more."""
    await asyncio.sleep(30)
    return {}
