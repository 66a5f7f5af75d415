"""The embedded database keeps its data whatever is killed, and says plainly when it cannot start."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from app.db import embedded
from app.db.binaries import EmbeddedDatabaseError

PG_BIN = Path(os.environ["DIANDAN_TEST_PG_BIN"]) if "DIANDAN_TEST_PG_BIN" in os.environ else None

PROGRAM = """
import sys, time
from pathlib import Path
from app.db import embedded
with embedded.running(Path(sys.argv[1]), pg_bin=Path(sys.argv[2]) if sys.argv[2] else None) as url:
    print(url, flush=True)
    time.sleep(600)
"""


def running(home: Path):
    return embedded.running(home, pg_bin=PG_BIN, throwaway=True)


def sql(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []


def notes(url: str) -> list[str]:
    return [str(row[0]) for row in sql(url, "SELECT said FROM note ORDER BY said")]


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def runs(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while runs(pid):
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the data folders of these tests lie: the server's user can pass through it, also when we are root."""
    made = Path(tempfile.mkdtemp(prefix="diandan-embedded-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def first(folder: Path) -> Path:
    """A data folder that was made once, beside what a killed first start has left, and holds one note."""
    home = folder / "first"
    (home / "postgres.new" / "base").mkdir(parents=True)
    with running(home) as url:
        sql(url, "CREATE TABLE note (said text)")
        sql(url, "INSERT INTO note VALUES ('first')")
    assert not (home / "postgres.new").exists()
    return home


@pytest.fixture
def another(folder: Path, first: Path) -> Iterator[Callable[[str], Path]]:
    """Copies of that folder, stopped and removed at the end."""
    made: list[Path] = []

    def copy(name: str) -> Path:
        home = folder / name
        home.mkdir(mode=0o755)
        made.append(home)
        subprocess.run(["cp", "-a", str(first / "postgres"), str(home)], check=True)
        for binaries in first.glob("binaries-*"):
            subprocess.run(["cp", "-al", str(binaries), str(home)], check=True)
        return home

    yield copy
    for home in made:
        if (home / "postgres" / "postmaster.pid").exists():
            with running(home):
                pass
        shutil.rmtree(home)


@pytest.fixture
def home(another: Callable[[str], Path]) -> Path:
    return another("home")


@pytest.fixture
def start_program() -> Iterator[Callable[[Path], tuple[subprocess.Popen[str], str]]]:
    """Start a program that uses a data folder; gives it and the URL that it was told."""
    started: list[subprocess.Popen[str]] = []

    def start(home: Path) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-c", PROGRAM, str(home), str(PG_BIN or "")]
        program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(program)
        assert program.stdout is not None
        return program, program.stdout.readline().strip()

    yield start
    for program in started:
        program.kill()
        program.communicate()


def test_a_second_start_finds_the_data_and_is_quick(home):
    began = time.monotonic()
    with running(home) as url:
        assert time.monotonic() - began < 5
        assert notes(url) == ["first"]
        assert sql(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]
        if os.geteuid() == 0:
            assert (home / "postgres").stat().st_uid != 0
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_killed_programs_and_servers_lose_nothing(home, start_program):
    program, url = start_program(home)
    sql(url, "INSERT INTO note VALUES ('before the program was killed')")
    server = postmaster(home)
    kill(program.pid)
    assert runs(server)

    program, url = start_program(home)
    assert postmaster(home) == server
    sql(url, "INSERT INTO note VALUES ('before the server was killed')")
    kill(server)
    kill(program.pid)

    program, url = start_program(home)
    assert postmaster(home) != server
    sql(url, "INSERT INTO note VALUES ('before both were killed')")
    kill(program.pid)
    kill(postmaster(home))

    with running(home) as url:
        assert len(notes(url)) == 4


@pytest.mark.parametrize("where", ["elsewhere", "in a folder of its own name"])
def test_a_stale_pid_file_with_the_pid_of_somebody_else_fools_nobody(home, folder, where):
    with running(home):
        told = (home / "postgres" / "postmaster.pid").read_text()
    cwd = folder / "postgres"
    cwd.mkdir(exist_ok=True)
    foreign = subprocess.Popen(["sleep", "600"], cwd="/" if where == "elsewhere" else cwd)
    try:
        (home / "postgres" / "postmaster.pid").write_text("\n".join([str(foreign.pid), *told.split("\n")[1:]]))
        with running(home) as url:
            assert notes(url) == ["first"]
            assert postmaster(home) != foreign.pid
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


@pytest.mark.parametrize("torn", ["", "not a number", "99999999999999999999"], ids=["empty", "words", "huge"])
def test_a_torn_pid_file_does_not_stand_in_the_way(home, torn):
    (home / "postgres" / "postmaster.pid").write_text(torn)
    with running(home) as url:
        assert notes(url) == ["first"]


def test_a_data_folder_of_another_major_version_is_refused_in_plain_words(folder):
    home = folder / "old"
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("12\n")

    with (
        pytest.raises(EmbeddedDatabaseError, match="was made by PostgreSQL 12; here is only PostgreSQL"),
        running(home),
    ):
        pass

    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"DIANDAN_DATA_DIR": str(home)} | ({"DIANDAN_PG_BIN": str(PG_BIN)} if PG_BIN else {})
    diandan = Path(sys.executable).with_name("diandan")
    told = subprocess.run([diandan, "serve"], env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "PostgreSQL 12" in told.stderr
    assert "DIANDAN_DATA_DIR" in told.stderr
    assert "Traceback" not in told.stderr
    assert (home / "postgres" / "PG_VERSION").read_text() == "12\n"


def test_two_data_folders_run_side_by_side(another):
    here, there = another("here"), another("there")
    with running(here) as one, running(there) as two:
        sql(one, "INSERT INTO note VALUES ('here')")
        sql(two, "INSERT INTO note VALUES ('there')")
        assert postmaster(here) != postmaster(there)
        assert notes(one) == ["first", "here"]
        assert notes(two) == ["first", "there"]


def test_the_last_one_out_stops_the_server_and_nobody_earlier(home, start_program):
    program, url = start_program(home)
    server = postmaster(home)
    with running(home) as same:
        assert same == url
        assert postmaster(home) == server
        with running(home):
            pass
        assert notes(url) == ["first"]
        kill(program.pid)
        assert notes(url) == ["first"]
    assert not runs(server)


def test_a_path_too_long_for_a_socket_gets_its_sockets_elsewhere(another):
    home = another("long-" + "x" * 90)
    with running(home) as url:
        sockets = Path(url.rpartition("host=")[2].replace("%2F", "/"))
        assert sockets.parent == Path("/tmp")
        assert sockets.stat().st_mode & 0o077 == 0
        assert notes(url) == ["first"]
    sockets.rmdir()


def test_a_closed_folder_is_passed_by_its_owner_and_named_to_the_user_that_root_starts_the_server_as(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    if os.geteuid() == 0:
        with pytest.raises(EmbeddedDatabaseError, match=f"cannot pass through {closed}"), running(closed / "data"):
            pass
    else:
        with running(closed / "data") as url:
            assert url
