"""Ids sort by time; numbers can be read out, and a day may give out more than four digits of them."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.core import clock
from app.core.ids import CALL, NOTICE, ORDER, REF_PATTERN, TICKET, demo_id, is_spoken, new_id, spoken
from tests.orders.bodies import ok, waste

DAY = date(2026, 11, 22)
DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("prefix", "count", "number"),
    [
        (ORDER, 7, "DD20261122-0007"),
        (TICKET, 1, "BX20261122-0001"),
        (NOTICE, 9999, "JF20261122-9999"),
        (CALL, 10_000, "TH20261122-10000"),
        (ORDER, 123_456_789, "DD20261122-123456789"),
    ],
)
def test_a_number_has_four_digits_or_more(prefix, count, number):
    assert spoken(prefix, DAY, count) == number


@given(st.sampled_from([ORDER, TICKET, NOTICE, CALL]), DAYS, st.integers(1, 999_999_999))
def test_every_number_that_is_given_out_is_known_as_one(prefix, day, count):
    number = spoken(prefix, day, count)

    assert is_spoken(number)
    assert re.fullmatch(REF_PATTERN, number)


@pytest.mark.parametrize(
    "other",
    [
        "",
        "DD20261122",
        "DD20261122-007",
        "DD20261122-1234567890",
        "dd20261122-0007",
        "DDD20261122-0007",
        "DD20261122-0007\n",
        "DD２０２６１１２２-0007",
        "DD20261122_0007",
        "01890a5d-ac96-774b-bcce-b302099a8057",
    ],
)
def test_what_only_looks_like_a_number_is_none(other):
    assert not is_spoken(other)


def test_fresh_ids_are_of_version_seven_and_sort_by_time():
    made = [new_id() for _ in range(1000)]

    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert made == sorted(made)
    assert len(set(made)) == 1000
    assert all(re.fullmatch(REF_PATTERN, str(one)) for one in made)


def test_the_demonstration_has_the_same_ids_everywhere():
    assert str(demo_id("resident", "+8613800000003")) == str(demo_id("resident", "+8613800000003"))
    assert demo_id("resident", "A001") != demo_id("area", "A001")


async def test_the_ten_thousandth_order_of_a_day_is_found_by_its_number(app, resident):
    today = clock.local_date(clock.utc_now())
    async with app.state.sessions.write() as session, session.begin():
        given_out = "INSERT INTO number_counter (prefix, day, last) VALUES ('DD', :today, 9998)"
        await session.execute(text(given_out), {"today": today})

    last, first = [(await ok(await resident.post("/v1/orders", json=waste()), 201))["number"] for _ in range(2)]

    assert (last, first) == (f"DD{today:%Y%m%d}-9999", f"DD{today:%Y%m%d}-10000")
    assert (await ok(await resident.get(f"/v1/orders/{first}")))["number"] == first
    assert [row["number"] for row in (await ok(await resident.get("/v1/orders")))["items"]] == [first, last]
