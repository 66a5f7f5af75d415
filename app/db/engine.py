"""The engine: one pool for a process, and the ways in which a request uses it."""

from typing import Any

import orjson
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

POOL_WAIT_SECONDS = 2.0
"""How long a request waits for a connection before it is refused with 503 and Retry-After."""


def driver_url(url: str) -> URL:
    """The URL with psycopg 3 as its driver, whatever the operator wrote."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def create_engine(url: str, pool_size: int = 10, **options: Any) -> AsyncEngine:
    """An engine whose pool never grows past `pool_size` and never makes a request wait longer than two seconds."""
    return create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_recycle=1800,
        pool_use_lifo=True,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args={"connect_timeout": 3},
        **options,
    )


class Sessions:
    """Session factories over one engine: writing, single-statement reads, snapshots, and snapshots that leave a trace."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.write = async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
        self.read = async_sessionmaker(
            engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False, autoflush=False
        )
        self.disclosing = async_sessionmaker(
            engine.execution_options(isolation_level="REPEATABLE READ"), expire_on_commit=False, autoflush=False
        )
        self.snapshot = async_sessionmaker(
            engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
            expire_on_commit=False,
            autoflush=False,
        )

    async def close(self) -> None:
        await self.engine.dispose()


__all__ = ["POOL_WAIT_SECONDS", "AsyncSession", "Sessions", "create_engine", "driver_url"]
