"""Doors beside the contract: the docs page behind a login, and where weaknesses are reported."""

import pytest

from app.config import Settings

CONTACT = "mailto:security@example.invalid"


@pytest.fixture
def settings() -> Settings:
    return Settings(docs_login=True, security_contact=CONTACT)


async def test_the_docs_page_opens_for_staff_only_and_counts_wrong_passwords(visitor):
    closed = await visitor.get("/docs")
    assert (closed.status_code, closed.headers["www-authenticate"][:5]) == (401, "Basic")
    assert (await visitor.get("/docs", auth=("clerk", "wrong"))).status_code == 401

    opened = await visitor.get("/docs", auth=("clerk", "demo-2026"))

    assert (opened.status_code, opened.headers["content-type"][:9]) == (200, "text/html")
    for _ in range(5):
        await visitor.get("/docs", auth=("manager", "wrong"))
    assert (await visitor.get("/docs", auth=("manager", "demo-2026"))).status_code == 401


async def test_security_txt_tells_whom_to_write(visitor):
    told = await visitor.get("/.well-known/security.txt")

    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    assert told.text.splitlines()[0] == f"Contact: {CONTACT}"
    assert told.text.splitlines()[1].startswith("Expires: 20")
