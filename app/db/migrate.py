"""Migrations from inside the program: bring a database up to date, and know what up to date means."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from app.db.engine import driver_url

FOLDER = Path(__file__).resolve().parents[2] / "migrations"

ROLE_TIMEOUTS = {"lock_timeout": "2s", "statement_timeout": "6s", "idle_in_transaction_session_timeout": "15s"}
"""Set for the role in this database, because a pooler in transaction mode would leak a session's own SET."""

ROLE_LOCK = 4_162_233_582


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s")
    made.attributes["connection"] = connection
    made.attributes["compare"] = False
    return made


def head() -> str:
    """The revision that this program was written for."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None
    return found


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to the revision; waits for whoever is doing the same. Use a direct URL, not a pooler's."""
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            command.upgrade(config(connection), revision)
            connection.commit()
            _limit_role(connection)
            connection.commit()
    finally:
        engine.dispose()


def _limit_role(connection: Connection) -> None:
    """Set what differs, one at a time: two that set the same at once would fail."""
    connection.execute(text("SET LOCAL lock_timeout = '1min'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ROLE_LOCK})
    there = connection.execute(
        text(
            "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase "
            "JOIN pg_roles r ON r.oid = s.setrole WHERE d.datname = current_database() AND r.rolname = current_user"
        )
    )
    present = set(there.scalars())
    name = connection.execute(text("SELECT quote_ident(current_database())")).scalar_one()
    for setting, value in ROLE_TIMEOUTS.items():
        if f"{setting}={value}" not in present:
            connection.execute(text(f"ALTER ROLE CURRENT_USER IN DATABASE {name} SET {setting} = '{value}'"))
