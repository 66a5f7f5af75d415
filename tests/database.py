"""One throwaway PostgreSQL for the whole run, a migrated template, and a clone of it for whoever needs one."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import NullPool, create_engine, make_url, text

from app.config import Settings
from app.db import embedded, migrate
from app.db.server import SUPERUSER
from app.demo import load
from app.demo.people import PASSWORD
from app.main import install_keyring

ROOM = 2_000_000_000
"""Bytes that must be free in memory, or the databases lie on the disk, where a clone takes ten times as long."""


def place() -> Path:
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def run_home(testrun_uid: str) -> Path:
    """A folder of this run; not pytest's own, which the server's user could not pass through as root."""
    home = place() / f"diandan-test-{os.getuid()}-{testrun_uid[:8]}"
    home.mkdir(mode=0o755, exist_ok=True)
    home.chmod(0o755)
    return home


@pytest.fixture(scope="session")
def postgres_url(worker_id: str, run_home: Path) -> Iterator[str]:
    """The server of this run, shared by its workers; the last one out stops it.

    `DIANDAN_TEST_PG_BIN` chooses its binaries.
    """
    home = run_home
    chosen = os.environ.get("DIANDAN_TEST_PG_BIN")
    in_use = (home / f"user-{worker_id}").open("w")
    try:
        with embedded.running(home / "pg", pg_bin=Path(chosen) if chosen else None, throwaway=True) as url:
            yield url
    finally:
        in_use.close()
        Path(in_use.name).unlink()
        if not list(home.glob("user-*")):
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def once(home: Path, name: str) -> Iterator[bool]:
    """True for the first worker that comes here, False for the others, who have waited for it."""
    with (home / f"{name}.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = home / f"{name}.done"
        yield not done.exists()
        done.touch()


CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""How the passwords of the demonstration's staff are hashed here; a hash says itself how it is to be checked."""


def admin(url: str, *statements: str, **where: str) -> None:
    place = make_url(url).set(**({"database": "postgres"} | where))
    engine = create_engine(place, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def drop(url: str, name: str) -> None:
    """As the superuser, who may end whatever is still in it."""
    admin(url, f"DROP DATABASE {name} WITH (FORCE)", username=SUPERUSER)


@pytest.fixture(scope="session")
def template(postgres_url: str, run_home: Path) -> str:
    """The name of a database that is migrated and holds the demonstration; nothing connects to it."""
    with once(run_home, "template") as first:
        if first:
            admin(postgres_url, "CREATE DATABASE template_house")
            url = make_url(postgres_url).set(database="template_house").render_as_string(hide_password=False)
            migrate.upgrade(url)
            settings = Settings()
            install_keyring(settings)
            load(settings, url)
            # A clone does not inherit what is set for a role in one database.
            admin(
                url, f"UPDATE staff SET password_hash = '{CHEAP.hash(PASSWORD)}'", "ANALYZE", database="template_house"
            )
            admin(postgres_url, *(f"ALTER ROLE CURRENT_USER SET {k} = '{v}'" for k, v in migrate.ROLE_TIMEOUTS.items()))
    return "template_house"


@pytest.fixture
def database_url(postgres_url: str, template: str) -> Iterator[str]:
    """A database of its own for one test: migrated, with the demonstration."""
    name = f"t_{uuid4().hex}"
    admin(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    drop(postgres_url, name)


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database with nothing in it."""
    name = f"e_{uuid4().hex}"
    admin(postgres_url, f"CREATE DATABASE {name}")
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    drop(postgres_url, name)
