"""One PostgreSQL server of one data folder: made, started, found again after a crash, and stopped."""

import os
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg

from app.db.binaries import Binaries, EmbeddedDatabaseError

SUPERUSER = "postgres"
LONGEST_SOCKET_FOLDER = 85
"""A socket's path may have 107 bytes, and the socket's own name takes some."""
LONGEST_LOG = 20_000_000
READY_SECONDS = 300
"""How long it may take to recover from a crash, or to go down for somebody who was killed while stopping it."""
SILENT_SECONDS = 20
"""How long one that says it is ready may not answer."""
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "400",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
"""Terse: the detail of a broken constraint would write a row's values into the log."""
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
"""Nothing has to last, and no worker of the server's own is in a database when it is dropped."""


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
    def log(self) -> Path:
        return self.data / "server.log"

    @property
    def sockets(self) -> Path:
        near = self.home / "socket"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER:
            return near
        return Path("/tmp") / f"diandan-{sha256(os.fsencode(self.home)).hexdigest()[:20]}"  # noqa: S108 checked below

    def start(self) -> None:
        """Make the data folder if it is new, and start its server unless it runs; returns when it can be asked."""
        self._initialise()
        self._prepare_sockets()
        silent_since = time.monotonic()
        while not self._answers():
            if self.pid() is None:
                self._launch()
            patience = READY_SECONDS if self._recovers_or_stops() else SILENT_SECONDS
            if time.monotonic() - silent_since > patience:
                raise EmbeddedDatabaseError(f"PostgreSQL runs, but does not answer: see {self.log}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.pid() is not None:
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60")

    def connect(self) -> psycopg.Connection:
        """A superuser's connection, over the socket that only the server's user can reach."""
        return psycopg.connect(
            host=str(self.sockets), user=SUPERUSER, dbname="postgres", connect_timeout=10, autocommit=True
        )

    def pid(self) -> int | None:
        """The pid of this folder's live server. A number in a stale file may be another process by now."""
        pid = self._noted_pid()
        if pid is None:
            return None
        process = Path(f"/proc/{pid}")
        try:
            os.kill(pid, 0)
            if not Path("/proc/self").exists():
                return pid
            ours = (process / "cwd").resolve() == self.data.resolve()
            return pid if ours and (process / "comm").read_text().startswith("postgres") else None
        except OSError:
            return None

    def _noted_pid(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if 0 < pid < 2**31 else None

    def _recovers_or_stops(self) -> bool:
        """What the server itself notes on the eighth line of its pid file."""
        try:
            noted = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(noted) < 8 or noted[7].strip() in {"starting", "stopping"}

    def _run(self, name: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the server's user; its words become ours when it fails."""
        try:
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
        except OSError as error:
            raise EmbeddedDatabaseError(f"{self.binaries.path(name)} cannot be run: {error.strerror}.") from error
        if done.returncode:
            told = (done.stderr or b"").decode(errors="replace").strip()
            raise EmbeddedDatabaseError(f"{name} failed: {told or f'see {self.log}'}")

    def _own(self, path: Path) -> None:
        if self.owner.uid is not None and self.owner.gid is not None:
            os.chown(path, self.owner.uid, self.owner.gid, follow_symlinks=False)

    def _initialise(self) -> None:
        """initdb beside the final place, then a rename: a killed one leaves nothing half-made."""
        if (self.data / "PG_VERSION").exists():
            return
        fresh = self.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._own(fresh)
        options = ["--no-sync"] if self.throwaway else ["--data-checksums"]
        self._run(
            "initdb", "-D", str(fresh), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", *options
        )
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write("include_if_exists = 'diandan.conf'\n")
        fresh.rename(self.data)

    def _configure(self) -> None:
        settings = SETTINGS | {"unix_socket_directories": str(self.sockets)} | (THROWAWAY if self.throwaway else {})
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
        path = self.data / "diandan.conf"
        path.write_text("".join(lines))
        self._own(path)

    def _prepare_sockets(self) -> None:
        """A folder that only the server's user enters: whoever can reach the socket is trusted."""
        folder = self.sockets
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0 and folder.lstat().st_uid == 0:
            self._own(folder)
        told = folder.lstat()
        owner = self.owner.uid if self.owner.uid is not None else os.geteuid()
        if not stat.S_ISDIR(told.st_mode) or told.st_uid != owner or told.st_mode & 0o077:
            raise EmbeddedDatabaseError(f"The socket folder {folder} belongs to somebody else, or others may enter it.")

    def _answers(self) -> bool:
        """False while it recovers from a crash, or is on its way down."""
        if self.pid() is None:
            return False
        try:
            with self.connect():
                return True
        except psycopg.OperationalError:
            return False

    def _forget_stranger(self) -> None:
        """A pid file that is torn, or whose number is a foreign process by now, would make PostgreSQL refuse to start.

        One whose process is gone stays: PostgreSQL needs it to see that children of a killed server still run.
        """
        pid = self._noted_pid()
        if pid is None or _lives(pid):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _launch(self) -> None:
        """After a killed server its last children may hold on to its memory for a moment: then once more."""
        self._forget_stranger()
        self._configure()
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        for tries_left in range(20, -1, -1):
            try:
                self._run("pg_ctl", "start", "-D", str(self.data), "-w", "-t", str(READY_SECONDS), "-l", str(self.log))
            except EmbeddedDatabaseError:
                if not tries_left:
                    raise
                time.sleep(0.5)
            else:
                return


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
