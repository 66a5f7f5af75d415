"""Backup and restore with PostgreSQL's own programs, and the count of rows that proves them."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from app.db.binaries import available, wheel_root
from app.db.engine import driver_url


class BackupError(Exception):
    """Why a backup or a restore did not happen, in words for the operator."""


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """A snapshot without the role's limits of time: saving a large database takes longer than any request may."""
    engine = create_engine(driver_url(url), isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(text(f"SET LOCAL {limit} = 0"))
            yield connection
    finally:
        engine.dispose()


def _counts(connection: Connection) -> dict[str, int]:
    names = connection.execute(
        text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
    ).scalars()
    return {
        name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 quoted names
        for name in names.all()
    }


def _program(connection: Connection, name: str, pg_bin: Path | None) -> str:
    """pg_dump and pg_restore of the server's own version; newer ones where there is no such."""
    server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000
    found = [b for b in available(pg_bin) if b.major >= server and Path(b.path(name)).exists()]
    if not found:
        raise BackupError(
            f"The server is PostgreSQL {server}, and no {name} of that version or newer was found: "
            "set DIANDAN_PG_BIN to the folder that holds it."
        )
    return min(found, key=lambda binaries: binaries.major).path(name)


def _libpq(url: str) -> str:
    return driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    libraries = {}
    root = wheel_root()
    if root is not None and str(root) in program:
        libraries = {"LD_LIBRARY_PATH": str(root.parent / f"{root.name}.libs")}
    done = subprocess.run(  # noqa: S603 PostgreSQL's own program with our own arguments
        [program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PGTZ": "UTC", **libraries},
    )
    if done.returncode:
        raise BackupError(f"{Path(program).name} failed: {done.stderr.strip()}")


def _counts_file(file: Path) -> Path:
    return file.with_name(file.name + ".counts.json")


def backup(url: str, file: Path, pg_bin: Path | None = None) -> dict[str, int]:
    """Dump everything into `file`, and the number of rows of each table beside it, both of one snapshot.

    The file appears under its name only when it is whole.
    """
    if not file.parent.is_dir():
        raise BackupError(f"The folder {file.parent} is not there.")
    partial = file.with_name(file.name + ".part")
    with _connected(url) as connection:
        program = _program(connection, "pg_dump", pg_bin)
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        try:
            partial.touch(mode=0o600)
        except OSError as error:
            raise BackupError(f"{partial} cannot be written: {error.strerror}.") from error
        _run(
            program,
            "--format=custom",
            "--no-owner",
            f"--snapshot={snapshot}",
            f"--file={partial}",
            f"--dbname={_libpq(url)}",
        )
        counts = _counts(connection)
    _counts_file(file).write_text(json.dumps(counts, indent=1) + "\n")
    partial.rename(file)
    return counts


def restore(url: str, file: Path, pg_bin: Path | None = None) -> dict[str, int]:
    """Restore `file` into an empty database, in one transaction, and compare the rows with what was saved."""
    if not file.exists():
        raise BackupError(f"{file} is not there.")
    with _connected(url) as connection:
        if _counts(connection):
            raise BackupError("The database is not empty; a backup is restored into an empty one only.")
        program = _program(connection, "pg_restore", pg_bin)
    _run(program, "--single-transaction", "--exit-on-error", "--no-owner", f"--dbname={_libpq(url)}", str(file))
    with _connected(url) as connection:
        counts = _counts(connection)
    saved = _counts_file(file)
    if saved.exists():
        wanted: dict[str, int] = json.loads(saved.read_text())
        differing = sorted(name for name in wanted.keys() | counts.keys() if wanted.get(name) != counts.get(name))
        if differing:
            raise BackupError(f"The rows of these tables are not as many as were saved: {', '.join(differing)}.")
    return counts
