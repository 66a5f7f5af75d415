"""Fields from outside that are what they say: a yes or no, a day, an instant, a time of day; nothing is guessed from numbers."""

import re
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer, WithJsonSchema

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_YEARS = range(1900, 2200)
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _day_text(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("day")


def _instant_text(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.fullmatch(value)):
        return value
    raise ValueError("instant")


def _within(value: date) -> date:
    """Years that a database, a calendar and a time zone all know."""
    if value.year not in _YEARS:
        raise ValueError("year")
    return value


def _time(value: object) -> object:
    if isinstance(value, str):
        parts = value.split(":")
        if len(value) == 5 and len(parts) == 2 and all(len(part) == 2 and part.isdigit() for part in parts):
            return time(int(parts[0]), int(parts[1]))
    elif isinstance(value, time):
        return value
    raise ValueError("time")


Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day_text), AfterValidator(_within)]
"""A local date, `YYYY-MM-DD`."""
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant_text),
    AfterValidator(_within),
    PlainSerializer(lambda value: value.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T08:30:00+08:00"]}),
]
"""An instant with its offset, RFC 3339."""
TimeOfDay = Annotated[
    time,
    BeforeValidator(_time),
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "minLength": 5, "maxLength": 5, "pattern": _TIME, "examples": ["08:30"]}),
]
"""A local time of day, `HH:MM`."""
