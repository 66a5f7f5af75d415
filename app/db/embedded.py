"""The embedded PostgreSQL: started by the program itself, shared by all that use its data folder, stopped by the last."""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import psycopg

from app.db.binaries import Binaries, EmbeddedDatabaseError, choose, copied_for

LONGEST_SOCKET_FOLDER = 85
"""A socket's path may have 107 bytes, and the socket's own name takes some."""
SUPERUSER, ROLE = "postgres", "diandan"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length_on_error": "0",
}
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True, slots=True)
class Owner:
    """The user whom the server runs as; None means: as we are."""

    uid: int | None
    gid: int | None


@dataclass(frozen=True, slots=True)
class Server:
    """One data folder and what is needed to start and stop its server."""

    home: Path
    binaries: Binaries
    owner: Owner
    throwaway: bool

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def sockets(self) -> Path:
        near = self.home / "socket"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER:
            return near
        return Path("/tmp") / f"diandan-{sha256(os.fsencode(self.home)).hexdigest()[:20]}"  # noqa: S108 checked below

    def run(self, name: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the server's user; its words become ours when it fails."""
        done = subprocess.run(  # noqa: S603 a program of the chosen binaries with our own arguments
            [self.binaries.path(name), *arguments],
            user=self.owner.uid,
            group=self.owner.gid,
            extra_groups=[] if self.owner.uid is not None else None,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if name == "initdb" else subprocess.DEVNULL,
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            told = (done.stderr or b"").decode(errors="replace").strip()
            raise EmbeddedDatabaseError(f"{name} failed: {told or f'see {self.log}'}")

    @property
    def log(self) -> Path:
        return self.data / "server.log"


@contextmanager
def running(data_dir: Path, *, pg_bin: Path | None = None, throwaway: bool = False) -> Iterator[str]:
    """The URL of a running embedded database in `data_dir`; the last one out stops the server.

    Survives kill -9 of the program and of the server. `throwaway` is for tests: nothing is synced to disk, and the
    role may create databases. Raises `EmbeddedDatabaseError` in plain words.
    """
    home = Path(os.path.abspath(data_dir))
    try:
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        in_use = os.open(home / "in-use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedDatabaseError(f"The data folder {home} cannot be written: {error.strerror}.") from error
    try:
        with _alone(home):
            fcntl.flock(in_use, fcntl.LOCK_SH)
            server = _server(home, pg_bin, throwaway)
            _start(server)
        try:
            yield f"postgresql+psycopg://{ROLE}@/{ROLE}?host={quote(str(server.sockets))}"
        finally:
            with _alone(home):
                _leave(server, in_use)
    finally:
        os.close(in_use)


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
    if _pid(server) is not None:
        server.run("pg_ctl", "stop", "-D", str(server.data), "-m", "fast", "-w", "-t", "60")


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


def _own(server: Server, path: Path) -> None:
    if server.owner.uid is not None and server.owner.gid is not None:
        os.chown(path, server.owner.uid, server.owner.gid)


def _start(server: Server) -> None:
    _initialise(server)
    _prepare_sockets(server)
    if _pid(server) is None:
        for stale in (server.data / "postmaster.pid", server.sockets / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)
        _configure(server)
        _launch(server)
    _create_database(server)


def _launch(server: Server) -> None:
    """After a killed server its last children may hold on to its memory for a moment: then once more."""
    for tries_left in range(20, -1, -1):
        try:
            server.run("pg_ctl", "start", "-D", str(server.data), "-w", "-t", "300", "-l", str(server.log))
        except EmbeddedDatabaseError:
            if not tries_left:
                raise
            time.sleep(0.5)
        else:
            return


def _initialise(server: Server) -> None:
    """initdb beside the final place, then a rename: a killed one leaves nothing half-made."""
    if (server.data / "PG_VERSION").exists():
        return
    fresh = server.home / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _own(server, fresh)
    options = ["--no-sync"] if server.throwaway else ["--data-checksums"]
    server.run("initdb", "-D", str(fresh), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", *options)
    with (fresh / "postgresql.conf").open("a") as conf:
        conf.write("include_if_exists = 'diandan.conf'\n")
    fresh.rename(server.data)


def _configure(server: Server) -> None:
    settings = SETTINGS | {"unix_socket_directories": str(server.sockets)} | (THROWAWAY if server.throwaway else {})
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
    path = server.data / "diandan.conf"
    path.write_text("".join(lines))
    _own(server, path)


def _prepare_sockets(server: Server) -> None:
    """A folder that only the server's user enters: whoever can reach the socket is trusted."""
    folder = server.sockets
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0 and folder.lstat().st_uid == 0:
        _own(server, folder)
    told = folder.lstat()
    owner = server.owner.uid if server.owner.uid is not None else os.geteuid()
    if not stat.S_ISDIR(told.st_mode) or told.st_uid != owner or told.st_mode & 0o077:
        raise EmbeddedDatabaseError(f"The socket folder {folder} belongs to somebody else, or others may enter it.")


def _pid(server: Server) -> int | None:
    """The pid of this folder's live server. A number in a stale file may be another process by now."""
    try:
        pid = int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    here = Path(f"/proc/{pid}/cwd")
    if not here.parent.parent.joinpath("self").exists():
        return pid
    try:
        return pid if here.resolve() == server.data.resolve() else None
    except OSError:
        return None


def _create_database(server: Server) -> None:
    """The application's role, no superuser, and its database."""
    where = {"host": str(server.sockets), "user": SUPERUSER, "dbname": "postgres", "connect_timeout": 10}
    with psycopg.connect(**where, autocommit=True) as connection:  # type: ignore[arg-type]
        may = "CREATEDB" if server.throwaway else "NOCREATEDB"
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER {may}")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (ROLE,)).fetchone():
            connection.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")
