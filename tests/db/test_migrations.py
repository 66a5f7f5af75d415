"""Migrations: safe to run twice at once, the same as the models, and gone without a trace when taken back."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from time import monotonic

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from app.db import migrate
from tests import migrations

LOCK = 4_162_233_581


def ask(url: str, statement: str) -> list[object]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(statement)).scalars())
    finally:
        engine.dispose()


def test_there_is_one_head():
    script = ScriptDirectory.from_config(migrate.config())
    assert script.get_heads() == [migrate.head()]


def test_no_migration_imports_the_program():
    for path in (migrate.FOLDER / "versions").glob("*.py"):
        told = path.read_text()
        assert "import app" not in told
        assert "from app" not in told


def test_the_job_queues_schema_is_the_one_of_the_locked_package():
    """When this fails, a later version brings changes: add its own migrations as one of ours, and name them here."""
    ours = next(Path(migrate.FOLDER / "versions").glob("*_0001_*.sql"))
    assert ours.read_bytes() == files("procrastinate").joinpath("sql", "schema.sql").read_bytes()


def test_up_down_up_and_the_models_say_the_same(empty_database_url):
    migrate.upgrade(empty_database_url)
    migrations.compare(empty_database_url)
    migrations.down(empty_database_url)
    left = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    assert ask(empty_database_url, left) == []
    migrate.upgrade(empty_database_url)
    migrations.compare(empty_database_url)
    assert ask(empty_database_url, "SELECT version_num FROM alembic_version") == [migrate.head()]


def test_several_that_migrate_at_once_all_succeed(empty_database_url):
    diandan = Path(sys.executable).with_name("diandan")
    environment = os.environ | {"DATABASE_URL": empty_database_url}
    programs = [subprocess.Popen([diandan, "migrate"], env=environment, stderr=subprocess.PIPE) for _ in range(4)]
    told = [program.communicate(timeout=60)[1].decode() for program in programs]
    assert [program.returncode for program in programs] == [0] * 4, told
    assert ask(empty_database_url, "SELECT version_num FROM alembic_version") == [migrate.head()]


def test_a_migration_waits_longer_for_another_one_than_a_request_may_wait(empty_database_url):
    """The role's own limit of two seconds is for requests."""
    migrate.upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    with engine.connect() as holder, ThreadPoolExecutor(1) as pool:
        holder.execute(text("SET idle_in_transaction_session_timeout = 0"))
        holder.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        began = monotonic()
        second = pool.submit(migrate.upgrade, empty_database_url)
        holder.execute(text("SELECT pg_sleep(5.5)"))
        assert not second.done()
        holder.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        second.result(20)
        assert monotonic() - began > 5
    engine.dispose()


def test_a_request_does_not_wait_for_ever(database_url):
    settings = "SELECT current_setting(name) FROM unnest(ARRAY['lock_timeout', 'statement_timeout']) AS name"
    assert ask(database_url, settings) == ["2s", "6s"]
    engine = create_engine(database_url)
    with engine.connect() as holder, engine.connect() as waiting:
        holder.execute(text("LOCK TABLE staff"))
        with pytest.raises(OperationalError, match="lock timeout"):
            waiting.execute(text("SELECT 1 FROM staff"))
        waiting.rollback()
        holder.rollback()
    engine.dispose()


def test_a_migration_that_fails_leaves_the_one_before_whole(empty_database_url):
    migrate.upgrade(empty_database_url, "0001")
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE staff (in_the_way int)"))
    engine.dispose()
    with pytest.raises(Exception, match="staff"):
        migrate.upgrade(empty_database_url)
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'procrastinate%'"
    assert sorted(map(str, ask(empty_database_url, tables))) == ["alembic_version", "staff"]
    assert ask(empty_database_url, "SELECT version_num FROM alembic_version") == ["0001"]


ITEM = (
    "INSERT INTO menu_item (code, kind, title, title_en, content, standard, pricing, lead_days, cancel_terms, consents,"
    " form_version, ordinal, version) VALUES ('{code}', '{kind}', 't', 't', 't', 't', 'FREE', 0, '{{}}', '[]', 1, 1, 1)"
)


def test_weddings_funerals_and_doctors_that_are_on_the_menu_already_get_their_own_kinds_and_consents(
    empty_database_url,
):
    migrate.upgrade(empty_database_url, "0008")
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        for code, kind in (("wedding", "CEREMONY"), ("funeral", "CEREMONY"), ("home-doctor", "HOME_DOCTOR_VISIT")):
            connection.execute(text(ITEM.format(code=code, kind=kind).replace(":", "\\:")))
    engine.dispose()

    migrate.upgrade(empty_database_url)

    told = "SELECT concat_ws(' ', code, kind, consents) FROM menu_item ORDER BY code"
    assert ask(empty_database_url, told) == [
        "funeral FUNERAL []",
        'home-doctor HOME_DOCTOR_VISIT ["HEALTH_DATA", "SHARE_WITH_CLINIC"]',
        "wedding WEDDING []",
    ]


def test_a_fresh_database_knows_the_towns_line_and_the_words_that_mean_danger(empty_database_url):
    migrate.upgrade(empty_database_url)

    line = "SELECT concat_ws(' ', r.level, e.phone) FROM duty_entry e JOIN duty_roster r ON r.id = e.roster_id"
    assert ask(empty_database_url, line) == ["TOWN 12345"]
    assert ask(empty_database_url, "SELECT number FROM emergency_edition") == [1]
    categories = "SELECT DISTINCT category FROM emergency_word ORDER BY 1"
    assert ask(empty_database_url, categories) == ["ELECTRIC", "FIRE", "GAS", "MEDICAL", "RESCUE", "SELF_HARM"]
