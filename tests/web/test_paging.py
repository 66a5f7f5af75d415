"""Pages by key: every row once, forged cursors refused, and the search means what it says."""

import time

import pytest

from tests.orders.bodies import ok, refused


async def test_every_compound_comes_once_and_in_order(visitor):
    seen, cursor = [], None
    while True:
        params = {"limit": 50} | ({"cursor": cursor} if cursor else {})
        page = await ok(await visitor.get("/v1/compounds", params=params))
        seen += [row["code"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 233
    assert seen == sorted(seen)


async def test_a_cursor_works_only_where_it_was_given_out(visitor, resident, neighbour):
    page = await ok(await visitor.get("/v1/compounds", params={"limit": 5, "street": "城西街道"}))
    cursor = page["next_cursor"]

    for path, params in (
        ("/v1/compounds", {"cursor": cursor}),
        ("/v1/compounds", {"cursor": cursor, "street": "城东街道"}),
        ("/v1/areas", {"cursor": cursor, "street": "城西街道"}),
        ("/v1/compounds", {"cursor": "AAAA" + cursor[4:], "street": "城西街道"}),
        ("/v1/compounds", {"cursor": "x", "street": "城西街道"}),
    ):
        await refused(await visitor.get(path, params=params), 422, "cursor-invalid")
    bad = await visitor.get("/v1/compounds", params={"cursor": "ä"})
    assert bad.status_code == 422


@pytest.mark.parametrize("text", ["%", "_", "\\", "%%小区"])
async def test_the_search_is_literal(visitor, text):
    assert (await ok(await visitor.get("/v1/compounds", params={"q": text})))["items"] == []


async def test_the_search_finds_by_name_and_is_bounded(visitor):
    found = await ok(await visitor.get("/v1/compounds", params={"q": "唐御苑"}))
    assert [row["code"] for row in found["items"]] == ["TYY"]
    started = time.monotonic()
    assert (await visitor.get("/v1/compounds", params={"q": "名" * 3_500})).status_code == 422
    assert time.monotonic() - started < 0.2
