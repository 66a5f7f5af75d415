"""The embedded PostgreSQL: started by the program itself, shared by all that use its data folder, stopped by the last."""

import fcntl
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from app.db.binaries import EmbeddedDatabaseError, choose, copied_for
from app.db.server import Owner, Server

ROLE = "diandan"

__all__ = ["EmbeddedDatabaseError", "running"]


@contextmanager
def running(data_dir: Path, *, pg_bin: Path | None = None, throwaway: bool = False) -> Iterator[str]:
    """The URL of a running embedded database in `data_dir`; the last one out stops the server.

    Survives kill -9 of the program and of the server. `throwaway` is for tests: nothing is synced to disk, and the
    role may create databases. Raises `EmbeddedDatabaseError` in plain words.
    """
    home = Path(os.path.abspath(data_dir))
    try:
        _make_home(home)
        in_use = os.open(home / "in-use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedDatabaseError(f"The data folder {home} cannot be written: {error.strerror}.") from error
    try:
        with _alone(home):
            fcntl.flock(in_use, fcntl.LOCK_SH)
            server = _server(home, pg_bin, throwaway)
            server.start()
            _create_database(server)
        try:
            yield f"postgresql+psycopg://{ROLE}@/{ROLE}?host={quote(str(server.sockets))}"
        finally:
            with _alone(home):
                _leave(server, in_use)
    finally:
        os.close(in_use)


def _make_home(home: Path) -> None:
    """As root the folder must be one that the server's user can pass through, whatever our umask says."""
    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        for folder in made:
            folder.chmod(0o755)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nobody else starts or stops this server meanwhile."""
    lock = os.open(home / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _leave(server: Server, in_use: int) -> None:
    try:
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    server.stop()


def _server(home: Path, pg_bin: Path | None, throwaway: bool) -> Server:
    binaries = choose(pg_bin, home / "postgres")
    owner = Owner(None, None)
    if os.geteuid() == 0:
        owner = _unprivileged(home)
        _check_traversable(home, owner)
        binaries = copied_for(binaries, home)
    return Server(home, binaries, owner, throwaway)


def _unprivileged(home: Path) -> Owner:
    """As root: whoever owns the data already, else `postgres` or `nobody`; PostgreSQL does not run as root."""
    data = home / "postgres"
    if data.exists() and (uid := data.stat().st_uid):
        return Owner(uid, data.stat().st_gid)
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(found.pw_uid, found.pw_gid)
    raise EmbeddedDatabaseError("Started as root, but there is no user `postgres` or `nobody` to run PostgreSQL as.")


def _check_traversable(home: Path, owner: Owner) -> None:
    for folder in (home, *home.parents):
        told = folder.stat()
        if not (told.st_mode & stat.S_IXOTH or (told.st_uid == owner.uid and told.st_mode & stat.S_IXUSR)):
            raise EmbeddedDatabaseError(
                f"PostgreSQL does not run as root, and its user cannot pass through {folder}. "
                "Set DIANDAN_DATA_DIR to a folder that everybody may pass through, such as /var/lib/diandan."
            )


def _create_database(server: Server) -> None:
    """The application's role, no superuser, and its database."""
    with server.connect() as connection:
        may = "CREATEDB" if server.throwaway else "NOCREATEDB"
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER {may}")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (ROLE,)).fetchone():
            connection.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")
