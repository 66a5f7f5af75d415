"""The rules of a funeral: at any hour, in the parts of days that it needs, confirmed soon, never refused for a clash."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.core.clock import SHANGHAI, at
from app.kinds import forms
from app.kinds.ceremony.ceremony import both_calendars
from app.kinds.ceremony.limits import LimitBroken
from app.kinds.ceremony.terms import FUNERAL_FORM, DetailsFixed, FuneralDetails
from tests.kinds.ceremonies import CHAIN, FUNERAL, NIGHT, charged, funeral, overlapping, slots, take

TODAY = date(2026, 11, 25)


def on(day: int, *parts: str) -> list[tuple[date, str]]:
    return [(TODAY + timedelta(days=day), part) for part in parts]


WHOLE = ("MORNING", "AFTERNOON", "EVENING", "NIGHT")


def test_three_days_from_02_15_take_the_night_that_runs_and_end_in_the_evening():
    facts = funeral(NIGHT)

    assert FUNERAL.period(facts) == (NIGHT, at(date(2026, 11, 27), 21))
    assert overlapping(facts) == [
        *on(-1, "NIGHT"),
        *on(0, *WHOLE),
        *on(1, *WHOLE),
        *on(2, "MORNING", "AFTERNOON", "EVENING"),
    ]


def test_a_later_day_begins_in_its_morning():
    facts = funeral(NIGHT, starts_on="2026-11-27", days=1)

    assert overlapping(facts) == on(2, "MORNING", "AFTERNOON", "EVENING")


def test_one_day_from_late_in_the_evening_is_the_day_after():
    late = datetime(2026, 11, 25, 22, 40, tzinfo=SHANGHAI)

    assert overlapping(funeral(late, days=1)) == [*on(0, "NIGHT"), *on(1, "MORNING", "AFTERNOON", "EVENING")]


def test_at_23_59_and_at_00_00_today_is_the_local_day():
    before = datetime(2026, 11, 25, 15, 59, tzinfo=SHANGHAI).astimezone(tz=None)
    just_before = at(TODAY, 23, 59)
    midnight = at(TODAY + timedelta(days=1), 0)

    assert FUNERAL.period(funeral(before))[1] == at(date(2026, 11, 27), 21)
    assert FUNERAL.period(funeral(just_before))[1] == at(date(2026, 11, 27), 21)
    assert FUNERAL.period(funeral(midnight))[1] == at(date(2026, 11, 28), 21)


def test_the_family_may_leave_the_venue_to_the_duty_person():
    facts = replace(funeral(NIGHT, venue=None), wanted=())

    FUNERAL.check(facts)
    assert FUNERAL.span(facts) is None
    assert FUNERAL.begin(facts).slots is None


def test_a_day_before_today_is_refused_and_a_running_funeral_can_still_be_amended():
    yesterday = funeral(NIGHT, starts_on="2026-11-24")
    with pytest.raises(forms.DateOutOfRange):
        FUNERAL.check(yesterday)

    FUNERAL.check(replace(yesterday, status="IN_PROGRESS", starts_at=NIGHT - timedelta(days=1)))


def test_it_is_confirmed_within_thirty_minutes_by_a_call_to_the_duty_person():
    facts = funeral(NIGHT)

    began = FUNERAL.begin(facts)
    waiting = replace(facts, memory=began.memory)

    by = NIGHT + timedelta(minutes=30)
    assert FUNERAL.confirm_by(waiting) == by
    assert began.clocks == {"escalate": by, "remind-filing": NIGHT + timedelta(hours=24)}
    assert [(task.type, task.to, task.level, task.due_at, task.urgent) for task in began.tasks] == [
        ("UNCONFIRMED_FUNERAL", "DUTY", 0, by, True)
    ]
    assert FUNERAL.call_now(waiting) == CHAIN
    assert began.slots.or_clash


def test_nobody_answers_and_the_chain_is_called_to_its_end_and_not_forgotten():
    facts, called = funeral(NIGHT), []
    facts = replace(facts, memory=FUNERAL.begin(facts).memory, now=NIGHT + timedelta(minutes=30))
    for _ in range(5):
        escalated = take(FUNERAL, facts, "escalate")
        called += [(task.level, task.due_at - NIGHT) for task in escalated.tasks]
        later = escalated.clocks.get("escalate")
        if later is None:
            break
        facts = replace(facts, memory={**facts.memory, **escalated.memory}, now=later)

    assert called == [(1, timedelta(minutes=40)), (2, timedelta(minutes=50))]
    assert escalated.status is None
    assert escalated.end_tasks == frozenset()
    assert FUNERAL.waiting(facts)[0] == "DUTY"


def test_a_chain_of_one_is_called_once():
    facts = replace(funeral(NIGHT), duty=CHAIN[:1])
    facts = replace(facts, memory=FUNERAL.begin(facts).memory)

    escalated = take(FUNERAL, facts, "escalate")

    assert (escalated.tasks, escalated.clocks) == ((), {})


def test_a_confirmation_ends_the_calls_and_the_waiting():
    facts = funeral(NIGHT)
    facts = replace(facts, memory=FUNERAL.begin(facts).memory, now=NIGHT + timedelta(minutes=16))

    done = take(FUNERAL, facts, "fast-confirm", note="已与家属通话")

    assert (done.status, done.end_tasks, done.clocks) == (
        "FAST_CONFIRMED",
        {"UNCONFIRMED_FUNERAL"},
        {"escalate": None},
    )
    assert FUNERAL.confirm_by(replace(facts, status="FAST_CONFIRMED")) is None


def test_a_clash_waits_for_a_person_who_says_why():
    facts = funeral(NIGHT)
    clash = FUNERAL.on_clash(facts)
    assert [(task.type, task.to, task.urgent) for task in clash.tasks] == [("CLASH", "DUTY", True)]
    assert clash.memory["clash"][0] == "活动室 2026-11-25 上午"
    clashing = replace(facts, memory=clash.memory)
    assert "商量" in FUNERAL.waiting(clashing)[1].zh

    square = replace(clashing, wanted=slots(TODAY, 1, "SQUARE_QHC"))
    ids = [str(slot.id) for slot in square.wanted]
    arranged = take(FUNERAL, square, "arrange", slot_ids=ids, reason="活动室已有婚礼，改到广场")

    assert [str(one) for one in arranged.slots.ids] == ids
    assert (arranged.slots.or_clash, arranged.memory, arranged.end_tasks) == (False, {"clash": None}, {"CLASH"})


def test_a_closed_venue_leaves_what_is_open_and_calls_a_person():
    mine = slots(TODAY, 2)
    closed = tuple(replace(slot, closed=True) for slot in mine[:3])
    facts = replace(funeral(NIGHT), status="FAST_CONFIRMED", slots=(*closed, *mine[3:]), wanted=())

    displaced = FUNERAL.on_closed_slot(facts)

    assert displaced.slots.ids == tuple(slot.id for slot in mine[3:])
    assert displaced.memory["clash"] == [f"活动室 2026-11-25 {part}" for part in ("上午", "下午", "晚上")]
    assert [task.type for task in displaced.tasks] == ["CLASH"]
    assert FUNERAL.on_closed_slot(replace(facts, status="FINISHED")) is None


def test_advisory_limits_only_warn_and_the_law_refuses():
    many = funeral(NIGHT, tables=30, days=5, band_size=8, fireworks=True, music_until="21:30")
    FUNERAL.check(many)
    assert [notice.code for notice in FUNERAL.notices(many)] == ["tables", "days", "band", "music-until", "fireworks"]

    with pytest.raises(LimitBroken) as refused:
        FUNERAL.check(funeral(NIGHT, music_from="05:00"))
    assert "噪声污染防治法" in str(refused.value.say())


def test_only_what_goes_beyond_the_basic_help_is_charged():
    """The worked sample: 3 days, 12 tables, a tent for three days, music until 21:00, cleaning."""
    facts = funeral(NIGHT, tent_days=3, table_sets=8, cleaning=True, music_until="21:00")

    bill = FUNERAL.estimate(facts)
    finished = take(FUNERAL, replace(facts, status="IN_PROGRESS", bill=bill), "finish", report="已清扫")

    assert FUNERAL.notices(facts) == ()
    assert charged(finished) == [("BASIC", 0), ("TENT", 30000), ("CLEANING", 10000)]
    assert (bill.total_fen, bill.due_now_fen, finished.charges[0].purpose) == (40000, 0, "FINAL")


def test_the_basic_help_alone_is_free_and_needs_no_payment():
    facts = funeral(NIGHT, tent_days=1, table_sets=8)

    bill = FUNERAL.estimate(facts)
    finished = take(FUNERAL, replace(facts, status="IN_PROGRESS", bill=bill), "finish", report="好")
    confirmed = take(FUNERAL, replace(facts, status="FINISHED", bill=bill), "confirm")

    assert (bill.total_fen, finished.charges, confirmed.status) == (0, (), "DONE")


def test_it_is_left_at_no_cost_before_it_begins():
    for status in ("SUBMITTED", "FAST_CONFIRMED"):
        left = take(FUNERAL, replace(funeral(NIGHT), status=status), "cancel", reason="改在殡仪馆")
        assert (left.status, left.charges, left.slots.ids) == ("CANCELLED", (), ())
        assert left.end_tasks == {"UNCONFIRMED_FUNERAL", "CLASH"}
    assert "cancel" not in {step.action for step in FUNERAL.flow.choices("IN_PROGRESS", frozenset({"RESIDENT"}))}


def test_it_may_be_filed_afterwards_and_the_committee_is_reminded():
    facts = replace(funeral(NIGHT), status="IN_PROGRESS")
    overdue = replace(facts, memory=take(FUNERAL, facts, "remind-filing").memory)
    assert FUNERAL.waiting(facts)[0] == "CREW"
    assert FUNERAL.waiting(overdue)[0] == "COMMITTEE"

    filed = take(FUNERAL, overdue, "file")
    done = replace(overdue, memory={**overdue.memory, **filed.memory})

    assert (filed.status, filed.clocks) == (None, {"remind-filing": None})
    assert FUNERAL.waiting(done)[0] == "CREW"
    assert not any(FUNERAL.allows(s, done) for s in FUNERAL.flow.steps if s.action in {"file", "remind-filing"})


def test_time_and_venue_are_changed_by_a_person_only():
    for change in ({"days": 5}, {"starts_on": "2026-11-30"}, {"venue": "HALL_QHC"}):
        with pytest.raises(DetailsFixed):
            take(FUNERAL, funeral(NIGHT), "amend", details=change)

    assert take(FUNERAL, funeral(NIGHT), "amend", details={"tables": 14}).amendment.details == {"tables": 14}


def test_nobody_is_asked_what_does_not_concern_us():
    assert FUNERAL_FORM["properties"].keys() == FuneralDetails.model_fields.keys() - {"kind"}
    asked = " ".join(FuneralDetails.model_fields)
    assert not any(word in asked for word in ("cause", "death", "gift", "party", "deceased"))
    assert (FUNERAL.asks_rating, FUNERAL.rateable, FUNERAL.counts_as_open, FUNERAL.needs_room) == (
        False,
        frozenset(),
        False,
        False,
    )


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2024, 2, 2), "2024-02-02（腊月廿三）"),
        (date(2025, 1, 22), "2025-01-22（腊月廿三）"),
        (date(2026, 2, 10), "2026-02-10（腊月廿三）"),
        (date(2025, 6, 25), "2025-06-25（六月初一）"),
        (date(2025, 7, 25), "2025-07-25（闰六月初一）"),
        (date(2025, 8, 23), "2025-08-23（七月初一）"),
        (date(2500, 1, 1), "2500-01-01"),
        (date(1850, 1, 1), "1850-01-01"),
    ],
)
def test_the_lunar_date_stands_beside_the_gregorian_one(day, shown):
    assert both_calendars(day) == shown
