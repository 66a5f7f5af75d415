"""The command line: `diandan serve | worker | migrate | demo | staff add | openapi | backup | restore | rekey`."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from alembic.util import CommandError
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import OperationalError, ProgrammingError

from app import demo as demonstration
from app import worker as job_worker
from app.config import Settings
from app.core.actors import Role
from app.db import backups, embedded, migrate
from app.db import rekey as keys
from app.db.binaries import EmbeddedDatabaseError
from app.db.engine import Sessions, create_engine
from app.db.sealing import SealError
from app.main import create_app, install_keyring
from app.people import queries as people
from app.people import service as people_service
from app.people.schemas import NewStaff
from app.serving import Serving, serve_until_stopped, stop_on_signals
from app.web import contract, logs

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
staff = typer.Typer(no_args_is_help=True, help="Staff accounts.")
cli.add_typer(staff, name="staff")
console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)

UNDEFINED_TABLE = "42P01"
CONTRACT = Path(__file__).resolve().parents[1] / "openapi" / "openapi.json"


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the database: the one that is set, or the embedded one for as long as it is needed."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with embedded.running(settings.data_dir, pg_bin=settings.pg_bin) as url:
        yield url


def _settings() -> Settings:
    settings = Settings()
    logs.configure(settings.log_format or ("console" if settings.development else "json"))
    refused = settings.unsafe_for_production()
    if refused:
        console.print("This is production, and it does not start, because:")
        for reason in refused:
            console.print(f"  - {reason}")
        raise typer.Exit(1)
    for missing in settings.missing_in_production():
        console.print(f"This is production, and it starts, but {missing}.")
    install_keyring(settings)
    return settings


def _refuse_demo_accounts(settings: Settings, url: str) -> None:
    """In production nobody of the demonstration may be able to sign in."""
    if settings.development:
        return

    async def names() -> list[str]:
        sessions = Sessions(create_engine(url, 1))
        try:
            async with sessions.read() as session:
                return await people.demo_accounts(session)
        finally:
            await sessions.close()

    try:
        found = asyncio.run(names())
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != UNDEFINED_TABLE:
            raise
        console.print("The database has no tables yet. Run `diandan migrate` first.")
        raise typer.Exit(1) from error
    if found:
        console.print(f"This is production, and it does not start: demo accounts are active: {', '.join(found)}")
        raise typer.Exit(1)


def _refuse_demonstration(settings: Settings) -> None:
    if not settings.development:
        console.print("The demonstration does not belong into production.")
        raise typer.Exit(1)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; DIANDAN_HOST otherwise.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; DIANDAN_PORT otherwise.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=32, help="API processes.")] = 1,
    worker: Annotated[bool, typer.Option(help="Run the job worker beside the API (development).")] = True,
    demo: Annotated[bool, typer.Option(help="Load the demonstration first (development).")] = False,
) -> None:
    """Serve the API. In development the database is migrated first and the job worker runs beside it."""
    settings = _settings()
    if demo:
        _refuse_demonstration(settings)
    with database(settings) as url:
        if settings.development:
            migrate.upgrade(url)
            if demo:
                demonstration.load(settings, url)
        _refuse_demo_accounts(settings, url)
        serving = Serving(
            host=host or settings.host,
            port=settings.port if port is None else port,
            workers=workers,
            job_worker=worker and settings.development,
        )
        serve_until_stopped(settings, url, serving)


@cli.command(name="worker")
def run_worker() -> None:
    """Run the job worker alone."""
    settings = _settings()
    with database(settings) as url:
        _refuse_demo_accounts(settings, url)
        asyncio.run(_work(settings, url))


async def _work(settings: Settings, url: str) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    await job_worker.run(settings, url, stop)


@cli.command(name="migrate")
def run_migrations(revision: Annotated[str, typer.Argument(help="Revision to go to.")] = "head") -> None:
    """Bring the database up to date. Safe to run twice at once."""
    settings = _settings()
    with database(settings) as url, console.status("Migrating…"):
        migrate.upgrade(url, revision)
    console.print(f"The database is at revision {revision}.")


@cli.command()
def demo() -> None:
    """Load the demonstration: 162 areas, 233 compounds, accounts and a menu. Running it again changes nothing."""
    settings = _settings()
    _refuse_demonstration(settings)
    with database(settings) as url, console.status("Loading the demonstration…"):
        migrate.upgrade(url)
        loaded = demonstration.load(settings, url)
    console.print(f"{loaded.added} rows added." if loaded.added else "The demonstration is there already.")


@staff.command(name="add")
def add_staff(
    username: str,
    name: Annotated[str, typer.Option(prompt=True)],
    role: Annotated[Role, typer.Option(prompt=True)],
    post: Annotated[str, typer.Option(help="What the person does, as residents read it.")] = "工作人员",
    area: Annotated[list[str] | None, typer.Option(help="Code of an area served; none means all areas.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="Read the password from a file.")] = None,
) -> None:
    """Add a staff account; also how the first administrator comes to be."""
    settings = _settings()
    if password_file is not None:
        password = password_file.read_text().strip()
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(password) < 10:
        console.print("The password must have at least 10 characters.")
        raise typer.Exit(1)
    wanted = NewStaff(username=username, name=name, role=role, post=post, areas=area or [])
    with database(settings) as url:
        asyncio.run(_add_staff(url, wanted, password))
    console.print(f"{username} can sign in now.")


async def _add_staff(url: str, wanted: NewStaff, password: str) -> None:
    sessions = Sessions(create_engine(url, 1))
    try:
        async with sessions.write() as session, session.begin():
            await people_service.add_staff(session, wanted, password)
    except people_service.StaffRefused as refused:
        console.print(refused.say())
        raise typer.Exit(1) from refused
    finally:
        await sessions.close()


@cli.command()
def openapi(
    out: Annotated[Path, typer.Option(help="Where the contract goes.")] = CONTRACT,
    check: Annotated[bool, typer.Option(help="Fail when the committed contract is not what the program says.")] = False,
) -> None:
    """Write the contract, or check that it has not drifted. Needs no database."""
    settings = Settings()
    app = create_app(settings, "postgresql+psycopg://nowhere/none")
    text = contract.committed(app)
    if not check:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
        console.print(f"Written: {out}")
    elif not out.exists() or out.read_text() != text:
        console.print(f"{out} is not what the program says. Run `make openapi`, read the difference, and commit it.")
        raise typer.Exit(1)


@cli.command()
def backup(file: Path) -> None:
    """Write the whole database into one file (pg_dump's custom format)."""
    settings = _settings()
    with database(settings) as url, console.status("Saving…"):
        counts = backups.backup(url, file, settings.pg_bin)
    console.print(f"{file}: {sum(counts.values())} rows of {len(counts)} tables.")


@cli.command()
def restore(file: Path) -> None:
    """Bring an empty database to what the file holds, compare the rows of each table, and bring it up to date."""
    settings = _settings()
    with database(settings) as url, console.status("Restoring…"):
        counts = backups.restore(url, file, settings.pg_bin)
        migrate.upgrade(url)
    console.print(f"{sum(counts.values())} rows of {len(counts)} tables are back, each table as it was.")


@cli.command()
def rekey() -> None:
    """Seal everything with the first of DIANDAN_ENCRYPTION_KEYS; the old keys can be left out once it says it is done.

    Give every process the new key first. It can be stopped and run again at any time.
    """
    settings = _settings()
    done: Counter[str] = Counter()
    with database(settings) as url:
        for table, rows in keys.rekey(url):
            done[table] += rows
            console.print(f"{table}: {done[table]} rows")
    console.print(f"Everything is sealed with the first key: {done.total()} rows were not.")


def main() -> None:
    """The program's entry: failures that an operator can mend are told in one line."""
    try:
        cli()
    except (EmbeddedDatabaseError, backups.BackupError, CommandError) as error:
        told = str(error)
    except SealError as error:
        told = f"DIANDAN_ENCRYPTION_KEYS cannot be used: {error}."
    except OperationalError as error:
        told = f"The database does not answer: {' '.join(str(error.orig).split())}"
    except ValidationError as error:
        told = "\n".join(_complaint(error.title, complaint["loc"], complaint["msg"]) for complaint in error.errors())
    else:
        return
    console.print(told)
    raise SystemExit(1)


def _complaint(model: str, where: tuple[int | str, ...], what: str) -> str:
    """Which setting or argument does not fit, and why; never its value, which may be a secret."""
    name = ".".join(str(part) for part in where)
    if model == Settings.__name__ and name != "DATABASE_URL":
        name = f"DIANDAN_{name.upper()}"
    return f"{name}: {what}"


if __name__ == "__main__":
    main()
