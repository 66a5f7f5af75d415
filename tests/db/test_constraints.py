"""Every CHECK of the models is in the migrated database with the very same meaning, and there is no other."""

import re

import pytest
from sqlalchemy import CheckConstraint, Connection, Table, create_engine, text

import app.main  # noqa: F401 every model of the program is known from here on
from app.db.base import Base

ONE_OF = re.compile(r"(\w+) IN \((.+)\)", re.ASCII)
STORED_MEMBER = re.compile(r"'((?:[^']|'')*)'::text")
STORED = text(
    "SELECT t.relname, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
    "WHERE c.contype = 'c' AND c.connamespace = 'public'::regnamespace AND NOT t.relname LIKE 'procrastinate\\_%'"
)


def checks() -> list[tuple[Table, CheckConstraint]]:
    return [
        (table, constraint)
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    ]


def members(constraint: CheckConstraint) -> set[str] | None:
    """What the model allows; None for a CHECK of another kind."""
    found = ONE_OF.fullmatch(str(constraint.sqltext))
    return {member.strip().strip("'") for member in found[2].split(",")} if found else None


def stored(connection: Connection) -> dict[tuple[str, str], str]:
    return {(table, name): definition for table, name, definition in connection.execute(STORED)}


def as_the_database_says_it(connection: Connection, table: Table, constraint: CheckConstraint) -> str:
    """The model's words, read and said again by PostgreSQL over an empty copy of the table."""
    connection.execute(text(f'CREATE TEMP TABLE copy (LIKE "{table.name}")'))
    connection.execute(text(f"ALTER TABLE copy ADD CONSTRAINT said CHECK ({constraint.sqltext})"))
    said = connection.execute(
        text(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'copy'::regclass AND conname = 'said'"
        )
    ).scalar_one()
    connection.execute(text("DROP TABLE copy"))
    return str(said)


def differences(connection: Connection) -> list[str]:
    """Each CHECK on which the models and the database do not agree, by its name."""
    there = stored(connection)
    wanted = {(table.name, str(constraint.name)): (table, constraint) for table, constraint in checks()}
    found = [f"{name} is only in the models" for _, name in wanted.keys() - there.keys()]
    found += [f"{name} is only in the database" for _, name in there.keys() - wanted.keys()]
    for key in wanted.keys() & there.keys():
        table, constraint = wanted[key]
        allowed = members(constraint)
        if allowed is not None:
            same = allowed == set(STORED_MEMBER.findall(there[key]))
        else:
            same = as_the_database_says_it(connection, table, constraint) == there[key]
        if not same:
            found.append(f"{key[1]} differs: {constraint.sqltext} / {there[key]}")
    return sorted(found)


@pytest.fixture
def connection(database_url):
    engine = create_engine(database_url)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def test_the_database_checks_what_the_models_say(connection):
    assert differences(connection) == []


def test_a_closed_set_is_known_as_one(connection):
    sets = {str(constraint.name): members(constraint) for _, constraint in checks()}

    assert sets["ck_menu_item_pricing"] == {"FIXED", "TIERED", "QUOTE", "FREE", "PASS_THROUGH"}
    assert sets["ck_menu_price_state"] == {"PREPARED", "APPROVED", "REJECTED"}
    assert sets["ck_menu_item_lead_days"] is None
    assert len([allowed for allowed in sets.values() if allowed]) >= 17


def test_a_check_that_is_only_on_one_side_is_named(connection):
    before = differences(connection)
    connection.execute(text("ALTER TABLE menu_price DROP CONSTRAINT ck_menu_price_state"))
    connection.execute(text("ALTER TABLE staff ADD CONSTRAINT ck_staff_new CHECK (role <> 'OTHER')"))

    assert set(differences(connection)) - set(before) == {
        "ck_menu_price_state is only in the models",
        "ck_staff_new is only in the database",
    }


@pytest.mark.parametrize("changed", ["'PREPARED', 'APPROVED'", "'PREPARED', 'APPROVED', 'REJECTED', 'LAPSED'"])
def test_a_member_too_few_or_too_many_is_named(connection, changed):
    before = differences(connection)
    connection.execute(text("ALTER TABLE menu_price DROP CONSTRAINT ck_menu_price_state"))
    connection.execute(text(f"ALTER TABLE menu_price ADD CONSTRAINT ck_menu_price_state CHECK (state IN ({changed}))"))

    (found,) = set(differences(connection)) - set(before)

    assert found.startswith("ck_menu_price_state differs: state IN ('PREPARED', 'APPROVED', 'REJECTED') / CHECK")


def test_another_bound_is_named(connection):
    before = differences(connection)
    connection.execute(text("ALTER TABLE menu_item DROP CONSTRAINT ck_menu_item_lead_days"))
    looser = "ALTER TABLE menu_item ADD CONSTRAINT ck_menu_item_lead_days CHECK (lead_days BETWEEN 0 AND 1800)"
    connection.execute(text(looser))

    (found,) = set(differences(connection)) - set(before)

    assert found.startswith("ck_menu_item_lead_days differs: lead_days BETWEEN 0 AND 180 / CHECK")
