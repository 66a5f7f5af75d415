"""The house's own rules, read from its source: where questions are asked, who commits, how long things are."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[1] / "app"
LONGEST_FUNCTION, LONGEST_FILE = 40, 300

SELECTS = {
    "web/caching.py": "the versions of pages, a table of its own",
    "web/idempotency.py": "the answer kept under a key, a table of its own",
    "bookings/service.py": "the sub-selects of its conditional updates",
    "demo/missing.py": "which rows of the demonstration are there already, whatever their table",
    "people/jobs.py": "the ended sign-ins that one DELETE names",
}
"""Modules beside queries.py that may ask the database, and what for."""

COMMITS = {
    "main.py": "a password for the docs page is counted, whatever becomes of it",
    "web/route.py": "a request ends here",
    "web/work.py": "a try must count whatever becomes of it",
    "db/migrate.py": "migrations have no request",
}
"""Modules that may commit, and why."""

LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}
"""What is longer than it should be today, and how long it may be until it is taken apart."""


@cache
def trees() -> dict[str, ast.Module]:
    return {path.relative_to(APP).as_posix(): ast.parse(path.read_text()) for path in sorted(APP.rglob("*.py"))}


def calls(tree: ast.AST, wanted: str) -> Iterator[ast.Call]:
    """Calls of a function or a method of this name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = (
                called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
            )
            if name == wanted:
                yield node


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def where(called: str) -> set[str]:
    return {name for name, tree in trees().items() if any(calls(tree, called))}


def test_there_is_a_house_to_look_at():
    assert len(trees()) > 80
    assert {"orders/queries.py", "main.py"} <= trees().keys()


def test_the_database_is_asked_only_by_queries():
    elsewhere = {name for name in where("select") if not name.endswith("/queries.py")}

    assert elsewhere == SELECTS.keys()


def test_only_the_end_of_a_request_commits():
    assert where("commit") == COMMITS.keys()


@pytest.mark.parametrize("name", sorted(trees()))
def test_a_module_says_what_it_is_for(name):
    told = ast.get_docstring(trees()[name]) or ""

    assert len(told.splitlines()[0] if told else "") > 10


def test_no_file_is_longer_than_one_can_read_at_once():
    lengths = {name: len((APP / name).read_text().splitlines()) for name in trees()}

    assert {name: lines for name, lines in lengths.items() if lines > LONG_FILES.get(name, LONGEST_FILE)} == {}


def test_no_function_is_longer_than_a_screen():
    lengths = {f"{name}:{function}": lines for name, tree in trees().items() for function, lines in functions(tree)}

    assert {name: lines for name, lines in lengths.items() if lines > LONG_FUNCTIONS.get(name, LONGEST_FUNCTION)} == {}


@pytest.mark.parametrize(
    ("source", "asks"),
    [
        ("select(Order).where(Order.id == x)", True),
        ("select(Order.id)", True),
        ("sqlalchemy.select(Order)", True),
        ("Order.__table__.select()", True),
        ("selected(Order)", False),
        ("'select(Order)'", False),
    ],
)
def test_a_question_is_known_when_it_is_seen(source, asks):
    assert any(calls(ast.parse(source), "select")) == asks
