"""Jobs deferred by name in the caller's own transaction: a job exists exactly when what caused it exists."""

from datetime import datetime

import procrastinate
from sqlalchemy.ext.asyncio import AsyncSession

_deferrer = procrastinate.App(connector=procrastinate.PsycopgConnector())


async def defer(
    session: AsyncSession, name: str, *, at: datetime | None = None, lock: str | None = None, **ids: str | int
) -> None:
    """Ask the worker to run `name` after this transaction has committed, or at `at`.

    Arguments are ids only: they are stored and logged in clear. Jobs with the same `lock` run one after another.
    """
    connection = await session.connection()
    raw = (await connection.get_raw_connection()).driver_connection
    deferrer = _deferrer.configure_task(name, lock=lock, schedule_at=at, connection=raw)
    await deferrer.defer_async(**ids)
