"""Alembic's environment: one lock, short timeouts, one transaction a migration."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, text

LOCK = 4_162_233_581
"""The advisory lock that lets one migration run at a time."""

WAIT_FOR_OTHERS = ("SET lock_timeout = '15min'", "SET statement_timeout = '15min'")
"""Another migration may take its time; the limits of the role are those of requests."""
LIMITS = (
    "SET lock_timeout = '5s'",
    "SET statement_timeout = '5min'",
    "SET idle_in_transaction_session_timeout = '5min'",
)
"""A migration that waits for a table makes every request behind it wait: it gives up first."""


def include_name(name: str | None, type_: str, _: Any) -> bool:
    """The job queue's tables are its own; its schema came with a migration of ours."""
    return not (type_ == "table" and name is not None and name.startswith("procrastinate_"))


def render_item(type_: str, item: Any, autogen_context: Any) -> str | bool:
    """Write column types as the database knows them: migrations import nothing from the program."""
    if type_ == "type" and type(item).__module__.startswith("app."):
        autogen_context.imports.add("import sqlalchemy as sa")
        return f"sa.{type(item.impl_instance).__name__}()"
    return False


def _metadata() -> Any:
    import app.main  # noqa: F401, PLC0415 only a comparison needs the models
    from app.db.base import Base  # noqa: PLC0415

    return Base.metadata


def _run(connection: Connection, *, compare: bool) -> None:
    for statement in WAIT_FOR_OTHERS:
        connection.execute(text(statement))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    for statement in LIMITS:
        connection.execute(text(statement))
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=_metadata() if compare else None,
            include_name=include_name,
            render_item=render_item,
            transaction_per_migration=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        connection.commit()


def run() -> None:
    """Over the connection that the caller hands in, or over `sqlalchemy.url`."""
    options = getattr(context.config, "cmd_opts", None)
    compare = context.config.attributes.get("compare", options is not None)
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection, compare=compare)
        return
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as fresh:
        _run(fresh, compare=compare)
    engine.dispose()


run()
