"""The rules of a wedding: limits, prices, filing, deposit, the cancellation scale, the settlement list."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.calendar import SpecialDay
from app.core.clock import SHANGHAI, at
from app.kinds import forms
from app.kinds.ceremony.limits import LimitBroken
from app.kinds.ceremony.terms import DetailsFixed, NotPosted
from tests.kinds.ceremonies import PRICE, WEDDING, booked, charged, slots, take, wedding

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)
DAY = date(2026, 12, 19)


def codes(facts):
    return [notice.code for notice in WEDDING.notices(facts)]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"tables": 20}, []),
        ({"tables": 21}, ["tables"]),
        ({"band_size": 6, "fireworks": True}, ["band", "fireworks"]),
        ({"music_from": "07:00", "music_until": "21:00"}, []),
        ({"music_from": "06:59", "music_until": "21:01"}, ["music-from", "music-until"]),
        ({"music_until": "22:00"}, ["music-until"]),
    ],
)
def test_what_the_pledge_advises_is_said_and_never_refuses(answers, said):
    facts = wedding(NOW, day=DAY, **answers)

    WEDDING.check(facts)
    assert codes(facts) == [*said, "deposit"]
    assert all(notice.ack == (notice.code != "deposit") for notice in WEDDING.notices(facts))


def test_a_second_day_is_advised_against_and_the_answer_is_repeated():
    facts = replace(wedding(NOW, day=DAY, tables=25), wanted=slots(DAY, 2))

    tables, days, _ = WEDDING.notices(facts)

    assert (tables.text.zh, tables.source) == ("红事不超过 20 桌，您填的是 25。", "移风易俗倡议")
    assert days.text.en == "At most one day; you said 2."


@pytest.mark.parametrize(
    ("answers", "limit", "source"),
    [
        ({"music_until": "22:01"}, "quiet-until", "噪声污染防治法"),
        ({"music_from": "09:00", "music_until": "00:30"}, "quiet-until", "噪声污染防治法"),
        ({"music_until": "05:00"}, "quiet-until", "噪声污染防治法"),
        ({"music_from": "05:59"}, "quiet-from", "噪声污染防治法"),
        ({"music_from": "22:01"}, "quiet-from", "噪声污染防治法"),
        ({"fire_lane_kept": False}, "fire-lane", "消防法"),
    ],
)
def test_what_the_law_commands_is_refused_with_its_source(answers, limit, source):
    with pytest.raises(LimitBroken) as refused:
        WEDDING.check(wedding(NOW, day=DAY, **answers))

    told = refused.value.say()
    assert refused.value.extra["limit"] == limit
    assert source in str(told)


def test_the_limits_are_data_of_the_operator():
    pledge = {
        "code": "tables",
        "subject": "TABLES",
        "most": 10,
        "type": "MANDATORY",
        "text": "不超过 10 桌",
        "text_en": "At most 10 tables",
        "source": "村规民约",
    }
    WEDDING.check(wedding(NOW, day=DAY, tables=10, rules={"limits": [pledge]}))

    with pytest.raises(LimitBroken, match="limit-broken"):
        WEDDING.check(wedding(NOW, day=DAY, tables=11, rules={"limits": [pledge]}))
    with pytest.raises(ValueError, match="bounds"):
        wedding(NOW, day=DAY, rules={"limits": [{**pledge, "most": None}]})


def test_the_bill_has_the_posted_lines_times_what_is_wanted():
    facts = wedding(NOW, day=DAY, table_sets=18, sound_days=1, tent_days=2, cleaning=True)

    bill = WEDDING.estimate(facts)

    assert [(line.code, line.amount_fen) for line in bill.lines] == [
        ("HALL", 40000), ("TABLE", 18000), ("SOUND", 10000), ("TENT", 30000), ("CLEANING", 10000),
    ]  # fmt: skip
    assert (bill.total_fen, bill.due_now_fen) == (108000, 0)


def test_a_venue_without_a_price_line_costs_nothing():
    facts = replace(wedding(NOW, day=DAY), wanted=slots(DAY, 1, "SQUARE_QHC"))

    assert WEDDING.estimate(facts).total_fen == 0


def test_what_is_not_posted_cannot_be_ordered():
    facts = wedding(NOW, day=DAY, sound_days=1)
    without = replace(PRICE, lines=tuple(line for line in PRICE.lines if line.code != "SOUND"))

    with pytest.raises(NotPosted) as refused:
        WEDDING.check(replace(facts, price=without))
    assert refused.value.pointer == "/details/sound_days"


def test_the_filing_is_due_in_working_days_over_a_holiday():
    friday = datetime(2026, 9, 18, 16, 0, tzinfo=SHANGHAI)
    worked_sunday = {date(2026, 9, 20): SpecialDay("国庆节调休上班", off=False)}

    plain = WEDDING.begin(wedding(friday, day=DAY))
    known = WEDDING.begin(replace(wedding(friday, day=DAY), holidays=worked_sunday))

    assert plain.clocks == {"escalate-filing": at(date(2026, 9, 22), 18)}
    assert known.clocks == {"escalate-filing": at(date(2026, 9, 21), 18)}


def test_the_venue_is_booked_with_the_submission_all_or_nothing():
    facts = wedding(NOW, day=DAY)

    began = WEDDING.begin(facts)

    assert began.slots.ids == tuple(slot.id for slot in facts.wanted)
    assert (began.slots.until, began.slots.or_clash) == (None, False)
    assert began.schedule == (at(DAY, 6), at(DAY, 18))


def test_an_overdue_filing_becomes_the_managers():
    facts = wedding(NOW, day=DAY)
    rows = [step for step in WEDDING.flow.steps if step.action == "file"]
    assert [WEDDING.allows(step, facts) for step in rows] == [True, False]

    overdue = replace(facts, memory=take(WEDDING, facts, "escalate-filing").memory)

    assert [WEDDING.allows(step, overdue) for step in rows] == [True, True]
    assert WEDDING.waiting(facts)[0] == "COMMITTEE"
    assert WEDDING.waiting(overdue)[0] == "MANAGER"


def test_the_deposit_is_due_48_hours_after_the_filing_and_its_last_fen_books():
    filed = take(WEDDING, wedding(NOW, day=DAY), "file", filing_no="HB-2026-11")
    assert (filed.status, charged(filed)) == ("FILED", [("DEPOSIT", 30000)])
    due = NOW + timedelta(hours=48)
    assert filed.clocks == {"escalate-filing": None, "lapse-deposit": due}
    assert filed.charges[0].due_by == due
    assert filed.memory == {"filing": {"on": "2026-11-24", "filing_no": "HB-2026-11"}}

    facts = replace(booked(wedding(NOW, day=DAY), paid_fen=10000), status="FILED")
    part = take(WEDDING, facts, "settle", method="CASH", amount_fen=19999)
    whole = take(WEDDING, facts, "settle", method="CASH", amount_fen=20000)

    assert (part.status, whole.status) == (None, "BOOKED")
    assert whole.clocks == {"escalate-filing": None, "lapse-deposit": None}


def test_without_a_deposit_the_filing_books():
    filed = take(WEDDING, wedding(NOW, day=DAY, rules={"deposit_fen": 0}), "file")

    assert (filed.status, filed.charges) == ("BOOKED", ())
    assert codes(wedding(NOW, day=DAY, rules={"deposit_fen": 0})) == []


def test_a_deposit_that_is_not_paid_lapses_and_a_part_goes_back():
    facts = replace(booked(wedding(NOW, day=DAY), paid_fen=10000), status="FILED")

    lapsed = take(WEDDING, facts, "lapse-deposit")

    assert (lapsed.status, lapsed.slots.ids) == ("LAPSED", ())
    assert charged(lapsed) == [
        ("GIVEN_BACK", -30000)
    ]  # 300.00 is no longer owed, 100.00 has been paid: 100.00 goes back


@pytest.mark.parametrize(
    ("before", "back"),
    [
        (timedelta(days=7), 30000),
        (timedelta(days=7) - timedelta(seconds=1), 15000),
        (timedelta(days=3), 15000),
        (timedelta(days=3) - timedelta(seconds=1), 0),
        (timedelta(hours=-1), 0),
    ],
)
def test_the_scale_of_the_cancellation(before, back):
    facts = booked(wedding(at(DAY, 6) - before, day=DAY))
    step = next(step for step in WEDDING.flow.steps if step.action == "cancel")

    warned = WEDDING.consequence(step, facts)
    left = take(WEDDING, facts, "cancel", reason="改期")

    assert (warned.fee_fen, warned.refund_fen) == (30000 - back, back)
    assert (left.status, left.slots.ids) == ("CANCELLED", ())
    assert charged(left) == ([("DEPOSIT_BACK", -back)] if back else [])


def test_a_proof_of_bereavement_or_illness_gives_all_back():
    facts = booked(wedding(at(DAY, 6) - timedelta(hours=5), day=DAY))

    left = take(WEDDING, facts, "cancel-excused", reason="家中有变故", proof="ORIGINAL_SEEN")

    assert (left.status, charged(left), left.memory) == (
        "CANCELLED",
        [("GIVEN_BACK", -30000)],
        {"proof": "ORIGINAL_SEEN"},
    )


def test_before_the_deposit_leaving_is_free_and_the_provider_gives_all_back():
    submitted = wedding(NOW, day=DAY)
    assert charged(take(WEDDING, submitted, "cancel", reason="不办了")) == []

    declined = take(WEDDING, booked(submitted), "decline", reason="活动室漏水")

    assert (declined.status, charged(declined)) == ("DECLINED", [("GIVEN_BACK", -30000)])


def test_the_settlement_list_is_all_lines_with_damage_less_the_deposit_and_then_the_difference():
    facts = replace(booked(wedding(NOW, day=DAY, table_sets=18, cleaning=True)), status="IN_PROGRESS")
    broken = [{"label": "玻璃", "quantity": "2", "unit": "块", "unit_price": "35.00"}]

    first = take(WEDDING, facts, "inspect", lines=broken, note="玻璃碎两块")
    again = replace(facts, memory=first.memory)
    second = take(WEDDING, again, "inspect", note="玻璃不是客人打碎的")

    assert charged(first) == [
        ("HALL", 40000),
        ("TABLE", 18000),
        ("CLEANING", 10000),
        ("L1", 7000),
        ("LESS_DEPOSIT", -30000),
    ]
    assert (first.status, first.used, first.charges[0].purpose) == ("FINISHED", True, "FINAL")
    assert (charged(second), second.charges[0].purpose) == ([("CHANGED", -7000)], "CREDIT")


def test_another_day_is_booked_and_priced_anew_and_lies_ahead():
    facts = replace(wedding(NOW, day=DAY), slots=slots(DAY, 1)[:2], wanted=slots(DAY + timedelta(days=1), 1))
    ids = [str(slot.id) for slot in facts.wanted]

    moved = take(WEDDING, facts, "reschedule", slot_ids=ids)

    assert (moved.bill.total_fen, moved.schedule[0]) == (60000, at(DAY + timedelta(days=1), 6))
    early = replace(facts, wanted=slots(NOW.date() + timedelta(days=2), 1))
    with pytest.raises(forms.DateOutOfRange):
        take(WEDDING, early, "reschedule", slot_ids=ids)


def test_after_the_filing_only_the_contact_changes_and_a_new_day_needs_a_closed_slot():
    facts = booked(wedding(NOW, day=DAY))
    contact = {"name": "王秀英", "phone": "13800000003"}
    row = next(step for step in WEDDING.flow.steps if step.action == "reschedule")

    assert take(WEDDING, facts, "amend", contact=contact).amendment.contact["name"] == "王秀英"
    with pytest.raises(DetailsFixed):
        take(WEDDING, facts, "amend", details={"tables": 30})
    assert [WEDDING.allows(row, facts), WEDDING.allows(row, replace(facts, displaced=True))] == [False, True]
