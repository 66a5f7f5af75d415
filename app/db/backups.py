"""Backup and restore with PostgreSQL's own programs, and the count of rows that proves them."""

import subprocess
from pathlib import Path

from sqlalchemy import create_engine, text

from app.db.binaries import EmbeddedDatabaseError, choose, wheel_root
from app.db.engine import driver_url


class BackupError(Exception):
    """Why a backup or a restore did not happen, in words for the operator."""


def _counts(url: str) -> dict[str, int]:
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            names = connection.execute(
                text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
            ).scalars()
            return {
                name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 quoted names
                for name in names.all()
            }
    finally:
        engine.dispose()


def _program(url: str, name: str, pg_bin: Path | None) -> str:
    """pg_dump and pg_restore that are at least as new as the server."""
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000
    finally:
        engine.dispose()
    try:
        binaries = choose(pg_bin, Path("/nonexistent"))
    except EmbeddedDatabaseError as error:
        raise BackupError(f"{name} was not found: set DIANDAN_PG_BIN to PostgreSQL's bin folder.") from error
    program = Path(binaries.path(name))
    if not program.exists() or binaries.major < server:
        raise BackupError(f"The server is PostgreSQL {server}; {name} of that version or newer is needed.")
    return str(program)


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


def backup(url: str, file: Path, pg_bin: Path | None = None) -> dict[str, int]:
    """Dump everything into `file`; it appears under its name only when it is whole."""
    partial = file.with_name(file.name + ".part")
    counts = _counts(url)
    _run(
        _program(url, "pg_dump", pg_bin),
        "--format=custom",
        "--no-owner",
        f"--file={partial}",
        f"--dbname={_libpq(url)}",
    )
    partial.chmod(0o600)
    partial.rename(file)
    return counts


def restore(url: str, file: Path, pg_bin: Path | None = None) -> dict[str, int]:
    """Restore `file` into an empty database, in one transaction."""
    if _counts(url):
        raise BackupError("The database is not empty; a backup is restored into an empty one only.")
    if not file.exists():
        raise BackupError(f"{file} is not there.")
    program = _program(url, "pg_restore", pg_bin)
    _run(program, "--single-transaction", "--exit-on-error", "--no-owner", f"--dbname={_libpq(url)}", str(file))
    return _counts(url)
