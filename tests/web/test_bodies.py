"""Bodies that no front end sends: 400, 413, 415 or 422, quickly, and nothing breaks."""

import gzip
import json
import time
import unicodedata

import pytest

from tests.orders.bodies import waste

PATH = "/v1/auth/otp"
JSON = {"content-type": "application/json"}

CASES = {
    "not JSON": (b"{", JSON, 400),
    "empty": (b"", JSON, 422),
    "NaN": (b'{"phone": NaN}', JSON, 400),
    "depth 100,000": (b"[" * 100_000 + b"]" * 100_000, JSON, 400),
    "invalid UTF-8": (b'{"phone": "\xff\xfe"}', JSON, 400),
    "BOM": (b'\xef\xbb\xbf{"phone": "13800000001"}', JSON, 400),
    "UTF-16": ('{"phone": "13800000001"}'.encode("utf-16"), JSON, 400),
    "10 MB": (b'{"phone": "' + b"1" * 10_000_000 + b'"}', JSON, 413),
    "gzip": (gzip.compress(b"0" * 10_000_000), {**JSON, "content-encoding": "gzip"}, 415),
    "a form": (b"phone=13800000001", {"content-type": "application/x-www-form-urlencoded"}, 415),
    "no type": (b'{"phone": "13800000001"}', {}, 415),
    "an array": (b"[]", JSON, 422),
    "null": (b"null", JSON, 422),
    "a number": (b"1" * 400, JSON, 400),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_bad_body_is_refused_quickly(visitor, case):
    content, headers, status = CASES[case]
    started = time.monotonic()
    answer = await visitor.post(PATH, content=content, headers=headers)
    seconds = time.monotonic() - started

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert seconds < 0.2


async def test_50_megabytes_in_chunks_are_cut_off_early(visitor):
    sent = 0

    async def chunks():
        nonlocal sent
        for _ in range(800):
            sent += 65_536
            yield b"x" * 65_536

    answer = await visitor.post(PATH, content=chunks(), headers=JSON)

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "text", ["\x00", "\u202e\u2066名", "a" + "\u0301" * 100_000, "\u200b\u200d名", "名\ufeff", "𠮷野家"]
)
async def test_text_is_refused_or_comes_back_as_it_was(resident, text):
    body = waste(contact={"name": text, "phone": "13800000003"})
    answer = await resident.post("/v1/orders", json=body)

    if answer.status_code == 201:
        assert answer.json()["contact"]["name"] == unicodedata.normalize("NFC", text)
    else:
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "number",
    [
        "-1",
        "0",
        "2147483648",
        "9007199254740993",
        "9223372036854775808",
        "18446744073709551616",
        "1" + "0" * 30,
        "1.0",
        '"1"',
        '"1_000"',
        '"１"',
        "true",
        "1e0",
    ],
)
async def test_numbers_out_of_bounds_are_refused_and_never_become_floats(resident, number):
    raw = json.dumps({"score": "@"}).replace('"@"', number)
    answer = await resident.post("/v1/orders/DD20261122-0007/rating", content=raw, headers=JSON)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/score"


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1000000000", "1_0", "１０", "1.0", "abc", ""])
async def test_a_page_has_at_most_a_hundred_rows(visitor, limit):
    answer = await visitor.get("/v1/compounds", params={"limit": limit})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "?limit"
