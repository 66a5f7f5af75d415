"""Identifiers: UUIDv7 made by the application, and the short numbers that people read out on the phone."""

import re
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

ORDER: Final = "DD"
TICKET: Final = "BX"
NOTICE: Final = "JF"
CALL: Final = "TH"

NUMBER_PATTERN: Final = r"[A-Z]{2}[0-9]{8}-[0-9]{4,9}"
REF_PATTERN: Final = rf"([0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|{NUMBER_PATTERN})"
"""An id or a spoken number: every `{id}` in a path takes both."""
_NUMBER = re.compile(NUMBER_PATTERN, re.ASCII)


_DEMONSTRATION: Final = UUID("5f0c1f4e-4f1a-5b0e-9d3c-140881000000")


def demo_id(kind: str, code: str) -> UUID:
    """The id of one row of the demonstration: the same in every installation, so that examples can speak of it."""
    return uuid5(_DEMONSTRATION, f"{kind}/{code}")


def new_id() -> UUID:
    """A fresh UUIDv7: sortable by time, not guessable."""
    return uuid7()


def spoken(prefix: str, day: date, count: int) -> str:
    """`DD20261122-0007`; a ten-thousandth one on a day simply grows a digit."""
    return f"{prefix}{day:%Y%m%d}-{count:04d}"


def is_spoken(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
