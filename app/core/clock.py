"""The only place that reads a clock, and the arithmetic of local days in Asia/Shanghai."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The process clock; a request takes the database's instant from `Work.now` instead."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """The instant on a wall clock in Shanghai; naive values are refused."""
    if instant.tzinfo is None:
        raise ValueError("naive datetime")
    return instant.astimezone(SHANGHAI)


def local_date(instant: datetime) -> date:
    """The local day that the instant belongs to: 00:30 belongs to the day that has just begun."""
    return local(instant).date()


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def end_of(day: date) -> datetime:
    """The first instant after the day: periods are half-open."""
    return start_of(day + timedelta(days=1))


def add_months(day: date, months: int) -> date:
    """The corresponding day so many months on, or the last of that month (Civil Code, art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def wire(instant: datetime) -> str:
    """RFC 3339 with the offset +08:00, to the second."""
    return local(instant).replace(microsecond=0).isoformat()
