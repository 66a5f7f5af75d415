"""Quiet hours: from nine in the evening to eight in the morning nobody is called or written to, but for what is urgent."""

from datetime import datetime, timedelta

from app.core import clock

EVENING, MORNING = 21, 8


def is_quiet(instant: datetime) -> bool:
    """Whether people sleep: from 21:00 on, and before 08:00."""
    hour = clock.local(instant).hour
    return hour >= EVENING or hour < MORNING


def after(instant: datetime) -> datetime:
    """The instant itself by day, else the next 08:00."""
    if not is_quiet(instant):
        return instant
    here = clock.local(instant)
    return clock.at(here.date() + timedelta(days=here.hour >= EVENING), MORNING)
