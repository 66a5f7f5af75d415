"""A backup brings everything back, and never over something that is there."""

import json
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.db import backups

PG_BIN = Path(os.environ["DIANDAN_TEST_PG_BIN"]) if "DIANDAN_TEST_PG_BIN" in os.environ else None


def rows(url, table):
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return sorted(str(row) for row in connection.execute(text(f"SELECT * FROM {table}")))
    finally:
        engine.dispose()


def test_what_was_saved_comes_back_row_for_row(database_url, empty_database_url, tmp_path):
    file = tmp_path / "house.dump"

    saved = backups.backup(database_url, file, PG_BIN)

    assert saved["compound"] == 233
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.dump", "house.dump.counts.json"]
    assert backups.restore(empty_database_url, file, PG_BIN) == saved
    for table in ("staff", "resident", "room", "alembic_version"):
        assert rows(empty_database_url, table) == rows(database_url, table)

    with pytest.raises(backups.BackupError, match="not empty"):
        backups.restore(empty_database_url, file, PG_BIN)
    with pytest.raises(backups.BackupError, match="not empty"):
        backups.restore(database_url, file, PG_BIN)


def test_a_broken_file_leaves_the_database_empty(database_url, empty_database_url, tmp_path):
    file = tmp_path / "house.dump"
    backups.backup(database_url, file, PG_BIN)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(backups.BackupError, match="pg_restore failed"):
        backups.restore(empty_database_url, file, PG_BIN)

    assert rows(empty_database_url, "pg_tables WHERE schemaname = 'public'") == []
    file.write_bytes(whole)
    backups.restore(empty_database_url, file, PG_BIN)


def test_rows_that_are_fewer_than_were_saved_are_told(database_url, empty_database_url, tmp_path):
    file = tmp_path / "house.dump"
    saved = backups.backup(database_url, file, PG_BIN)
    (tmp_path / "house.dump.counts.json").write_text(json.dumps(saved | {"resident": saved["resident"] + 1}))

    with pytest.raises(backups.BackupError, match=r"not as many as were saved: resident\."):
        backups.restore(empty_database_url, file, PG_BIN)


def test_a_folder_or_a_file_that_is_not_there_is_named(empty_database_url, tmp_path):
    with pytest.raises(backups.BackupError, match="nowhere is not there"):
        backups.backup(empty_database_url, tmp_path / "nowhere" / "house.dump", PG_BIN)
    with pytest.raises(backups.BackupError, match=r"house\.dump is not there"):
        backups.restore(empty_database_url, tmp_path / "house.dump", PG_BIN)
