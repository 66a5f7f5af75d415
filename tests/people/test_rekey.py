"""`diandan rekey`: afterwards the new key alone opens everything, and blind indexes find as before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.config import DEV_ENCRYPTION_KEY, DEV_SECRET, Settings
from app.db import rekey, sealing
from app.db.sealing import Keyring, SealError
from app.main import install_keyring
from tests.orders.bodies import an_order, ok

NEW = "new:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
BOTH = Keyring.parse(f"{NEW},{DEV_ENCRYPTION_KEY}", DEV_SECRET)
NEW_ONLY = Keyring.parse(NEW, DEV_SECRET)
OLD_ONLY = Keyring.parse(DEV_ENCRYPTION_KEY, DEV_SECRET)


@pytest.fixture(autouse=True)
def _keys_of_the_others():
    yield
    install_keyring(Settings())


def sealed(url: str) -> dict[tuple[str, str], list[bytes]]:
    """Every sealed value, by table and column."""
    engine = create_engine(url)
    found = {}
    with engine.connect() as connection:
        for table in rekey.sealed_tables():
            for column in table.contexts:
                asked = text(f'SELECT "{column}" FROM "{table.name}" WHERE "{column}" IS NOT NULL ORDER BY 1')
                found[(table.name, column)] = [bytes(value) for value in connection.execute(asked).scalars()]
    engine.dispose()
    return found


def opened(keyring: Keyring, url: str) -> dict[tuple[str, str], list[bytes]]:
    contexts = {(t.name, column): context for t in rekey.sealed_tables() for column, context in t.contexts.items()}
    return {key: sorted(keyring.open(v, contexts[key]) for v in values) for key, values in sealed(url).items()}


def ask(url: str, statement: str) -> list[object]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(text(statement)).scalars())
    engine.dispose()
    return found


def test_the_tables_with_personal_data_are_known():
    known = {(table.name, column) for table in rekey.sealed_tables() for column in table.contexts}

    assert {
        ("resident", "phone"),
        ("resident", "name"),
        ("residency", "reason"),
        ("roster_entry", "phone"),
        ("roster_entry", "name"),
        ("disclosure", "note"),
        ("service_order", "contact"),
        ("call", "caller_phone"),
        ("idempotency_record", "answer"),
    } <= known


async def test_afterwards_the_new_key_alone_opens_everything(app, database_url, resident, visitor):
    await an_order(resident)
    body = {"room": "QHC-1-1-201", "role": "FAMILY"}
    await ok(await resident.post("/v1/me/residencies", json=body, headers={"Idempotency-Key": "k"}), 201)
    before = opened(OLD_ONLY, database_url)
    indexes = "SELECT encode(phone_index, 'hex') FROM resident ORDER BY 1"
    found_by = ask(database_url, indexes)
    versions = ask(database_url, "SELECT version FROM resident ORDER BY id")
    assert before[("resident", "name")]
    assert before[("service_order", "contact")]
    assert before[("idempotency_record", "answer")]
    with pytest.raises(SealError):
        opened(NEW_ONLY, database_url)

    sealing.use(BOTH)
    done = list(rekey.rekey(database_url))

    assert dict(done)["resident"] == 5
    assert opened(NEW_ONLY, database_url) == before
    with pytest.raises(SealError):
        opened(OLD_ONLY, database_url)
    assert ask(database_url, indexes) == found_by
    assert ask(database_url, "SELECT version FROM resident ORDER BY id") == versions
    sealing.use(NEW_ONLY)
    assert (await ok(await resident.get("/v1/me")))["phone"] == "+8613800000003"


def test_it_goes_on_where_it_stopped_and_does_nothing_twice(database_url, monkeypatch):
    monkeypatch.setattr(rekey, "BATCH", 2)
    sealing.use(BOTH)
    steps = rekey.rekey(database_url)
    assert next(steps)[1] == 2
    steps.close()

    rest = list(rekey.rekey(database_url))

    before = sealed(database_url)
    rows = sum(count for table, count in rest if table == "resident")
    assert 0 < rows <= 5
    assert list(rekey.rekey(database_url)) == []
    assert sealed(database_url) == before
    opened(NEW_ONLY, database_url)


def test_a_value_that_no_key_opens_is_left_as_it_is(database_url):
    before = sealed(database_url)
    sealing.use(NEW_ONLY)

    with pytest.raises(SealError, match="dev"):
        list(rekey.rekey(database_url))

    assert sealed(database_url) == before


def test_the_command_tells_what_it_does(database_url):
    diandan = Path(sys.executable).with_name("diandan")
    keys = {"DATABASE_URL": database_url, "DIANDAN_ENCRYPTION_KEYS": f"{NEW},{DEV_ENCRYPTION_KEY}"}

    told = [
        subprocess.run([diandan, "rekey"], env=os.environ | keys, capture_output=True, text=True, check=True).stderr
        for _ in range(2)
    ]

    assert "resident: 5 rows" in told[0]
    assert told[1].strip() == "Everything is sealed with the first key: 0 rows were not."
    opened(NEW_ONLY, database_url)
