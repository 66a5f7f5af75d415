"""Limits of a ceremony: what a pledge advises is said and asked to be acknowledged, what a law commands is refused."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.errors import Invalid
from app.core.text import Code, Line, Text
from app.kinds.effects import Notice

Bound = Annotated[int, Field(strict=True, ge=0, le=9999)]
EARLIEST = 600
"""An end of music up to this time of day (hhmm), or up to its beginning, is one of the day after."""


class Subject(StrEnum):
    """What is measured: a number, hours of the day as `hhmm`, or 0 and 1 for no and yes."""

    TABLES = "TABLES"
    GUESTS = "GUESTS"
    VEHICLES = "VEHICLES"
    BAND_SIZE = "BAND_SIZE"
    DAYS = "DAYS"
    MUSIC_FROM = "MUSIC_FROM"
    MUSIC_UNTIL = "MUSIC_UNTIL"
    FIREWORKS = "FIREWORKS"
    FIRE_LANE_KEPT = "FIRE_LANE_KEPT"


HOURS = frozenset({Subject.MUSIC_FROM, Subject.MUSIC_UNTIL})
FLAGS = frozenset({Subject.FIREWORKS, Subject.FIRE_LANE_KEPT})


class LimitType(StrEnum):
    ADVISORY = "ADVISORY"
    MANDATORY = "MANDATORY"


class Limit(BaseModel):
    """One limit, as the operator keeps it: bounds of a subject, both included, in words, with their source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Code
    subject: Subject
    least: Bound | None = None
    most: Bound | None = None
    type: LimitType = LimitType.ADVISORY
    text: Line
    text_en: Line
    source: Line

    @model_validator(mode="after")
    def _bounded(self) -> "Limit":
        if self.least is None and self.most is None:
            raise ValueError("bounds")
        return self

    def holds(self, value: int) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


class LimitBroken(Invalid):
    """A mandatory limit; the detail names the rule."""

    code = "limit-broken"
    title = Text("违反强制性规定", "Against a mandatory rule")
    detail = Text("{what}（依据：{source}）", "{what} (source: {source})")


def _hhmm(text: str | None) -> int | None:
    return int(text.replace(":", "")) if text is not None else None


def measured(details: Any, days: int) -> dict[Subject, int]:
    """What the details say about each subject; what they leave open is measured by nothing."""
    start, end = _hhmm(details.music_from), _hhmm(details.music_until)
    if end is not None and end <= (EARLIEST if start is None else start):
        end += 2400
    found = {
        Subject.TABLES: details.tables,
        Subject.GUESTS: details.guests,
        Subject.VEHICLES: details.vehicles,
        Subject.BAND_SIZE: details.band_size,
        Subject.DAYS: days,
        Subject.MUSIC_FROM: start,
        Subject.MUSIC_UNTIL: end,
        Subject.FIREWORKS: int(details.fireworks),
        Subject.FIRE_LANE_KEPT: int(details.fire_lane_kept),
    }
    return {subject: value for subject, value in found.items() if value is not None}


def _broken(limits: Sequence[Limit], values: dict[Subject, int], wanted: LimitType) -> Iterator[tuple[Limit, Text]]:
    for limit in limits:
        value = values.get(limit.subject)
        if limit.type is wanted and value is not None and not limit.holds(value):
            yield limit, _words(limit, value)


def _words(limit: Limit, value: int) -> Text:
    """The limit, and what was answered where that is more than a yes or no."""
    if limit.subject in FLAGS:
        return Text(limit.text, limit.text_en)
    told = f"{value // 100 % 24:02d}:{value % 100:02d}" if limit.subject in HOURS else str(value)
    return Text(f"{limit.text}，您填的是 {told}。", f"{limit.text_en}; you said {told}.")


def refuse(limits: Sequence[Limit], values: dict[Subject, int]) -> None:
    """Raise `LimitBroken` for the first mandatory limit that does not hold."""
    for limit, words in _broken(limits, values, LimitType.MANDATORY):
        pointer = f"/details/{limit.subject.lower()}"
        raise LimitBroken(pointer=pointer, extra={"limit": limit.code}, what=words, source=limit.source)


def warn(limits: Sequence[Limit], values: dict[Subject, int]) -> tuple[Notice, ...]:
    """The advisory limits that do not hold, each to be acknowledged."""
    return tuple(
        Notice(limit.code, words, limit.source, ack=True)
        for limit, words in _broken(limits, values, LimitType.ADVISORY)
    )


PLEDGE, NOISE, FIRE, FIREWORKS = (
    "移风易俗倡议",
    "噪声污染防治法第六十四条、第八十八条",
    "消防法第二十八条",
    "烟花爆竹安全管理条例第二十八条；移风易俗倡议",
)


def _advised(code: str, subject: Subject, most: int, text: str, text_en: str, source: str = PLEDGE) -> Limit:
    return Limit(code=code, subject=subject, most=most, text=text, text_en=text_en, source=source)


def _law(code: str, subject: Subject, bounds: dict[str, int], text: str, text_en: str, source: str) -> Limit:
    mandatory = LimitType.MANDATORY
    return Limit(code=code, subject=subject, **bounds, type=mandatory, text=text, text_en=text_en, source=source)


BAND = _advised("band", Subject.BAND_SIZE, 5, "乐队不超过 5 人", "At most 5 musicians")
EVERYWHERE = (
    BAND,
    Limit(
        code="music-from",
        subject=Subject.MUSIC_FROM,
        least=700,
        text="7 点以前不放音乐",
        text_en="No music before 07:00",
        source=PLEDGE,
    ),
    _advised("music-until", Subject.MUSIC_UNTIL, 2100, "21 点以后不放音乐", "No music after 21:00"),
    _advised("fireworks", Subject.FIREWORKS, 0, "小区里不燃放烟花爆竹。", "No fireworks in the compound.", FIREWORKS),
    _law(
        "quiet-from",
        Subject.MUSIC_FROM,
        {"least": 600, "most": 2200},
        "22 点到次日 6 点不能放音乐",
        "No music from 22:00 to 06:00",
        NOISE,
    ),
    _law(
        "quiet-until",
        Subject.MUSIC_UNTIL,
        {"most": 2200},
        "22 点到次日 6 点不能放音乐",
        "No music from 22:00 to 06:00",
        NOISE,
    ),
    _law(
        "fire-lane",
        Subject.FIRE_LANE_KEPT,
        {"least": 1},
        "消防车通道必须留出。",
        "The fire lane must be kept free.",
        FIRE,
    ),
)
WEDDING_LIMITS = (
    _advised("tables", Subject.TABLES, 20, "红事不超过 20 桌", "At most 20 tables"),
    _advised("days", Subject.DAYS, 1, "红事不超过 1 天", "At most one day"),
    *EVERYWHERE,
)
FUNERAL_LIMITS = (
    _advised("tables", Subject.TABLES, 15, "白事不超过 15 桌", "At most 15 tables"),
    _advised("days", Subject.DAYS, 3, "白事不超过 3 天", "At most three days"),
    *EVERYWHERE,
)
"""What neighbouring places pledge; an operator sets his own."""
