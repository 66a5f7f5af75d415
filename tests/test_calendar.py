"""Days that matter (domain book, section 5, row 16): make-up days, leap months, unknown years, warranty seasons."""

from datetime import date, timedelta

import pytest

from app.calendar import (
    Season,
    SpecialDay,
    add_working_days,
    end_of_full_seasons,
    is_working_day,
    lunar_text,
    unknown_years,
)
from app.demo.bookings import HOLIDAYS, holidays
from tests.orders.bodies import ok, refused

KNOWN = {row.day: SpecialDay(row.name, row.off) for row in holidays() if hasattr(row, "day")}
HEATING = Season("11-15", "03-16")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 1, 26), True),
        (date(2026, 1, 4), True),
        (date(2025, 1, 25), False),
        (date(2025, 1, 28), False),
        (date(2025, 2, 5), True),
        (date(2026, 2, 14), True),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
    ],
)
def test_a_sunday_may_be_worked_and_a_monday_may_be_a_holiday(day, works):
    assert is_working_day(day, KNOWN) is works


def test_working_days_are_counted_over_a_holiday_and_its_make_up_day():
    assert add_working_days(date(2026, 2, 13), 1, KNOWN) == date(2026, 2, 14)
    assert add_working_days(date(2026, 2, 14), 1, KNOWN) == date(2026, 2, 24)
    assert add_working_days(date(2026, 2, 13), 0, KNOWN) == date(2026, 2, 13)


def test_a_year_that_nobody_imported_has_weekdays_and_is_told():
    assert unknown_years(date(2026, 12, 1), date(2028, 1, 1), KNOWN) == [2027, 2028]
    assert is_working_day(date(2027, 10, 1), KNOWN)
    assert not is_working_day(date(2027, 10, 2), KNOWN)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2024, 2, 2), "腊月廿三"),
        (date(2025, 1, 22), "腊月廿三"),
        (date(2026, 2, 10), "腊月廿三"),
        (date(2025, 1, 29), "正月初一"),
        (date(2026, 2, 17), "正月初一"),
        (date(2025, 7, 24), "六月三十"),
        (date(2025, 7, 25), "闰六月初一"),
        (date(2025, 8, 22), "闰六月廿九"),
        (date(2025, 8, 23), "七月初一"),
        (date(2023, 3, 22), "闰二月初一"),
        (date(2028, 1, 1), "腊月初五"),
    ],
)
def test_the_lunar_date_stands_beside_the_gregorian_one_leap_months_too(day, told):
    assert lunar_text(day) == told


def test_every_day_of_three_centuries_has_a_lunar_date_and_no_year_is_an_exception():
    day, months = date(1901, 2, 19), 0
    while day < date(2199, 1, 1):
        told = lunar_text(day)
        assert told, day
        months += told.endswith("初一")
        day += timedelta(days=1)
    assert 3683 <= months <= 3687
    assert [lunar_text(date(year, 6, 1)) for year in (1, 1900, 2200, 9999)] == [""] * 4


@pytest.mark.parametrize(
    ("done", "until"), [(date(2025, 10, 20), date(2027, 3, 15)), (date(2026, 1, 10), date(2028, 3, 15))]
)
def test_the_warranty_counts_whole_heating_seasons(done, until):
    assert end_of_full_seasons(done, HEATING, 2) == until


def test_every_holiday_of_the_demonstration_lies_in_its_year_and_make_up_days_at_weekends():
    for year, spans in HOLIDAYS.items():
        for name, first, last, off in spans:
            assert first[:4] == last[:4] == str(year), name
            assert off or date.fromisoformat(first).weekday() >= 5, name


async def test_holidays_are_public_and_an_unknown_year_is_not_found(visitor):
    told = await ok(await visitor.get("/v1/holidays/2026"))

    assert {"date": "2026-01-04", "name": "元旦调休上班", "off": False} in told["days"]
    await refused(await visitor.get("/v1/holidays/2027"), 404, "holiday-year-unknown")
