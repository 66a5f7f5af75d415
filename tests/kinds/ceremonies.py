"""Facts about ceremonies, for tests of their rules alone: no database, and any instant one likes."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from app.core.clock import SHANGHAI, local_date
from app.kinds.ceremony.funeral import Funeral
from app.kinds.ceremony.terms import FuneralDetails, FuneralRules, WeddingDetails, WeddingRules
from app.kinds.ceremony.wedding import Wedding
from app.kinds.facts import (
    Bill,
    CancelTerms,
    ChargeFact,
    DutyFact,
    Facts,
    ItemFacts,
    PriceLine,
    PriceSheet,
    SlotFact,
)

NIGHT = datetime(2026, 11, 25, 2, 15, tzinfo=SHANGHAI)
LINES = (
    ("HALL", "活动室", "半天", "200.00"),
    ("TABLE", "桌椅", "套", "10.00"),
    ("SOUND", "音响", "天", "100.00"),
    ("TENT", "搭棚", "天", "150.00"),
    ("CLEANING", "清扫", "次", "100.00"),
)
PRICE = PriceSheet(1, "TIERED", tuple(PriceLine(c, label, unit, Decimal(p)) for c, label, unit, p in LINES))
CHAIN = (
    DutyFact("COMPOUND", "值班电工", "0359-0000-001"),
    DutyFact("OPERATOR", "物业值班", "0359-0000-002"),
    DutyFact("TOWN", "政务热线", "12345"),
)
PARTS = (
    ("MORNING", "上午", time(6), time(12)),
    ("AFTERNOON", "下午", time(12), time(18)),
    ("EVENING", "晚上", time(18), time(21, 30)),
    ("NIGHT", "夜间", time(21, 30), time(6)),
)
WEDDING, FUNERAL = Wedding(), Funeral()


def slots(first: date, count: int, code: str = "HALL_QHC", *, night: bool = False) -> tuple[SlotFact, ...]:
    """All parts of so many days in one venue; the nights only where they are asked for."""
    found = []
    for n in range(count):
        day = first + timedelta(days=n)
        for part, label, start, end in PARTS if night else PARTS[:3]:
            after = day if end > start else day + timedelta(days=1)
            begins, ends = (datetime.combine(d, t, SHANGHAI) for d, t in ((day, start), (after, end)))
            found.append(SlotFact(uuid4(), "活动室", day, part, label, begins, ends, False, code))
    return tuple(found)


def overlapping(facts: Facts) -> list[tuple[date, str]]:
    """The parts of days that a funeral takes by itself: those that overlap its span."""
    span = FUNERAL.span(facts)
    assert span is not None
    days = slots(local_date(span.start) - timedelta(days=1), 12, night=True)
    return [(slot.day, slot.code) for slot in days if slot.start < span.end and slot.end > span.start]


def wedding(now: datetime, *, day: date, rules: dict[str, Any] | None = None, **answers: Any) -> Facts:
    """A wedding in the hall, morning and afternoon of the day."""
    asked = {"kind": "WEDDING", "tables": 18, "fire_lane_kept": True, **answers}
    return _facts(
        now,
        WeddingDetails.model_validate(asked),
        ItemFacts("wedding", 3, None, WeddingRules.model_validate(rules or {})),
        wanted=slots(day, 1)[:2],
    )


def funeral(now: datetime, *, rules: dict[str, Any] | None = None, **answers: Any) -> Facts:
    asked = {"kind": "FUNERAL", "days": 3, "tables": 12, "fire_lane_kept": True, "venue": "TENT_QHC", **answers}
    item = ItemFacts("funeral", 0, None, FuneralRules.model_validate(rules or {}))
    return _facts(now, FuneralDetails.model_validate(asked), item, wanted=slots(local_date(now), 1), duty=CHAIN)


def _facts(now: datetime, details: Any, item: ItemFacts, **more: Any) -> Facts:
    terms = CancelTerms("")
    return Facts(now, local_date(now), "SUBMITTED", item, details, PRICE, Bill(), terms, **more)


def booked(facts: Facts, *, paid_fen: int = 30000) -> Facts:
    """The wedding after its deposit has been paid."""
    held = facts.wanted
    deposit = ChargeFact("DEPOSIT", "PAID", 30000, paid_fen, 0)
    starts = min(slot.start for slot in held)
    bill = WEDDING.estimate(facts)
    return replace(facts, status="BOOKED", slots=held, wanted=(), charges=(deposit,), starts_at=starts, bill=bill)


def take(kind: Any, facts: Facts, action: str, **body: Any) -> Any:
    """The effects of a step that is permitted in the facts' status."""
    step = next(s for s in kind.flow.steps if s.action == action and facts.status in s.sources)
    assert kind.allows(step, facts)
    given = kind.bodies[action].model_validate({"action": action, **body}) if action in kind.bodies else None
    return kind.decide(step, given, facts)


def charged(effects: Any) -> list[tuple[str, int]]:
    """Purpose and lines of what a step charges."""
    return [(line.code, line.amount_fen) for charge in effects.charges for line in charge.lines]
