"""Days that matter: holidays and make-up days, working days, seasons that run over New Year, lunar dates.

Holidays are rows that an operator imports, because nobody knows next year's; a year without rows has weekdays only.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from lunar_python import LunarYear
from lunar_python.util import LunarUtil

LUNAR_YEARS = range(1901, 2200)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A public holiday, or (`off=False`) a weekend day on which everybody works."""

    name: str
    off: bool


Holidays = Mapping[date, SpecialDay]


def is_working_day(day: date, holidays: Holidays) -> bool:
    special = holidays.get(day)
    return not special.off if special else day.weekday() < 5


def add_working_days(day: date, count: int, holidays: Holidays) -> date:
    """The `count`-th working day after the day, which itself is not counted (Civil Code, art. 201)."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return day


def unknown_years(first: date, last: date, holidays: Holidays) -> list[int]:
    """The years of a span that have no rows: an alarm, not an error."""
    known = {day.year for day in holidays}
    return [year for year in range(first.year, last.year + 1) if year not in known]


@dataclass(frozen=True, slots=True)
class Season:
    """The days from `start` until before `until`, both `MM-DD`, of each year; it may run over New Year."""

    start: str
    until: str

    def __contains__(self, day: date) -> bool:
        today = f"{day:%m-%d}"
        if self.start < self.until:
            return self.start <= today < self.until
        return today >= self.start or today < self.until

    def first_start(self, day: date) -> date:
        """The first beginning of the season on or after the day."""
        start = _on(day.year, self.start)
        return start if start >= day else _on(day.year + 1, self.start)

    def after(self, start: date) -> date:
        """The first day that no longer belongs to the season which begins on `start`."""
        return _on(start.year if self.start < self.until else start.year + 1, self.until)


def _on(year: int, month_day: str) -> date:
    """The day of the year; in a common year 02-29 is 03-01."""
    month, day = (int(part) for part in month_day.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 3, 1)


def end_of_full_seasons(done: date, season: Season, count: int) -> date:
    """The last day of the `count`-th whole season after the day; one that has begun already is not counted.

    Two heating seasons are the warranty of 建设工程质量管理条例, art. 40: done on 2025-10-20 it lasts until 2027-03-15.
    """
    after = done
    for _ in range(count):
        after = season.after(season.first_start(after))
    return after - timedelta(days=1)


@lru_cache(maxsize=64)
def _months(year: int) -> tuple[tuple[date, str], ...]:
    """First day and name of each month of a lunar year."""
    found = []
    for month in LunarYear.fromYear(year).getMonthsInYear():
        number = month.getMonth()
        first = date.fromordinal(int(month.getFirstJulianDay() + 0.5) - 1721425)
        found.append((first, f"{'闰' if number < 0 else ''}{LunarUtil.MONTH[abs(number)]}月"))
    return tuple(found)


def lunar_text(day: date) -> str:
    """`腊月廿三`, `闰六月初一`; empty for a year that the tables do not know."""
    if day.year not in LUNAR_YEARS:
        return ""
    months = _months(day.year)
    if day < months[0][0]:
        months = _months(day.year - 1)
    place = bisect_right(months, day, key=lambda month: month[0]) - 1
    first, name = months[place]
    return f"{name}{LunarUtil.DAY[(day - first).days + 1]}"
