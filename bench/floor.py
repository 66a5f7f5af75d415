"""`python -m bench.floor FILE PORT`: bare Starlette and psycopg doing the statements that FILE holds, and no more."""

import pickle
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg
import uvicorn
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.recording import Case, Filling


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


async def _all(connection: psycopg.AsyncConnection[Any], case: Case, filling: Filling) -> list[Any]:
    rows: list[Any] = []
    for statement, params in case.statements:
        cursor = await connection.execute(statement, filling.fill(params))
        if cursor.description is not None:
            rows.append(await cursor.fetchall())
    return rows


def floor(url: str, cases: dict[str, Case]) -> Starlette:
    pool = AsyncConnectionPool(url, min_size=10, max_size=10, open=False, kwargs={"autocommit": True})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with pool:
            yield

    async def do(request: Request) -> Response:
        await request.body()
        case, filling = cases[request.path_params["case"]], Filling(request.query_params.get("order"))
        async with pool.connection() as connection:
            if case.one:
                rows = await _all(connection, case, filling)
            else:
                async with connection.transaction():
                    rows = await _all(connection, case, filling)
        body = orjson.dumps({"id": filling.made, "rows": rows}, default=_plain, option=orjson.OPT_NON_STR_KEYS)
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route("/{case}", do, methods=["GET", "POST"])], lifespan=lifespan)


def main() -> None:
    """The file is the one that `bench` itself has just written."""
    url, cases = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301
    uvicorn.run(
        floor(url, cases),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
