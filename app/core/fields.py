"""Fields from outside that are what they say: a yes or no, a day, an instant; nothing is guessed from numbers."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer, WithJsonSchema

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_YEARS = range(1900, 2200)


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
