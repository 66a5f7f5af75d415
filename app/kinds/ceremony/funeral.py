"""The kind: help with a funeral at any hour, confirmed by the duty person, never refused for a limit or a clash."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from app.core.clock import at, local_date
from app.core.flow import Party, Step
from app.core.text import Text
from app.kinds.base import StepBody
from app.kinds.ceremony.ceremony import Ceremony, both_calendars
from app.kinds.ceremony.flows import FUNERAL_FLOW, FUNERAL_WAITS, UNENDED
from app.kinds.ceremony.terms import (
    FUNERAL_FORM,
    Arrange,
    DetailsFixed,
    FastConfirm,
    File,
    FuneralDetails,
    FuneralRules,
)
from app.kinds.contact import Amend
from app.kinds.effects import Consequence, Effects, SlotDraft, Span, TaskDraft
from app.kinds.ending import one_line
from app.kinds.facts import BillLine, DutyFact, Facts, SlotFact
from app.kinds.steps import (
    Assign,
    Cancel,
    Confirm,
    Decline,
    Dispute,
    Finish,
    Resolve,
    Settle,
    Start,
)

FIRST_HOUR = 6
"""When a day begins that is not today: with the first part of the day, after the night before."""
TIMES = frozenset({"starts_on", "days", "venue"})
UNCONFIRMED, CLASH = "UNCONFIRMED_FUNERAL", "CLASH"
CLOCKS: dict[str, datetime | None] = {"escalate": None, "remind-filing": None}


class Funeral(Ceremony):
    """Submitted, confirmed by the duty person, the days themselves, a settlement list, settled."""

    code = "FUNERAL"
    title = Text("白事（治丧）", "Funeral")
    details = FuneralDetails
    rules = FuneralRules
    fields = FUNERAL_FORM
    flow = FUNERAL_FLOW
    waits = FUNERAL_WAITS
    step_slots: ClassVar[Mapping[str, tuple[int, int]]] = {"arrange": (1, 40)}
    counts_as_open = False
    needs_room = False
    wants_duty = True
    urgent = True
    asks_rating = False
    rateable: ClassVar[frozenset[str]] = frozenset()
    bodies: ClassVar[Mapping[str, type[StepBody]]] = {
        "fast-confirm": FastConfirm,
        "arrange": Arrange,
        "file": File,
        "assign": Assign,
        "start": Start,
        "finish": Finish,
        "confirm": Confirm,
        "dispute": Dispute,
        "resolve": Resolve,
        "settle": Settle,
        "amend": Amend,
        "cancel": Cancel,
        "decline": Decline,
    }

    def days(self, facts: Facts) -> int:
        days: int = facts.details.days
        return days

    def free(self, facts: Facts) -> Mapping[str, int]:
        rules = facts.item.rules
        return {"TENT": rules.free_tent_days, "TABLE": rules.free_table_sets}

    def lines(self, facts: Facts) -> tuple[BillLine, ...]:
        """The basic help, which costs nothing, and what goes beyond it."""
        rules = facts.item.rules
        words = f"基本协助：搭棚 {rules.free_tent_days} 天、桌椅 {rules.free_table_sets} 套以内、引导"
        return (one_line("BASIC", words, 0), *super().lines(facts))

    def period(self, facts: Facts) -> tuple[datetime, datetime]:
        """From now, or from the morning of a later day, to the end of the last day; the nights between belong to it."""
        first = facts.details.starts_on or facts.today
        start = facts.now if first <= facts.today else at(first, FIRST_HOUR)
        last = first + timedelta(days=facts.details.days - 1)
        end = at(last, facts.item.rules.day_ends_hour)
        return start, end if end > start else end + timedelta(days=1)

    def span(self, facts: Facts) -> Span | None:
        """None where the family leaves the venue to the duty person."""
        venue = facts.details.venue
        return Span(*self.period(facts), venue) if venue is not None else None

    def begin(self, facts: Facts) -> Effects:
        rules = facts.item.rules
        by = facts.now + timedelta(minutes=rules.confirm_minutes)
        file_by = facts.now + timedelta(hours=rules.filing_hours)
        ids = tuple(slot.id for slot in facts.wanted)
        return Effects(
            slots=SlotDraft(ids, or_clash=True, begun=True) if ids else None,
            schedule=self.period(facts),
            clocks={"escalate": by, "remind-filing": file_by},
            memory={"confirm_by": by.isoformat(), "level": 0},
            tasks=(TaskDraft(UNCONFIRMED, by, "DUTY", 0, urgent=True),),
        )

    def on_clash(self, facts: Facts) -> Effects:
        """Nobody is bumped: a person finds another zone or another time, and says why."""
        return self._to_arrange(facts, facts.wanted)

    def on_closed_slot(self, facts: Facts) -> Effects | None:
        """The family is not asked to choose again: it keeps what is left, and a person finds the rest."""
        if facts.status not in UNENDED:
            return None
        left = tuple(slot.id for slot in facts.slots if not slot.closed)
        closed = tuple(slot for slot in facts.slots if slot.closed)
        return replace(self._to_arrange(facts, closed), slots=SlotDraft(left, begun=True), tell="displaced")

    def _to_arrange(self, facts: Facts, slots: tuple[SlotFact, ...]) -> Effects:
        labels = [f"{slot.resource} {slot.day} {slot.label}" for slot in slots]
        by = facts.now + timedelta(minutes=facts.item.rules.confirm_minutes)
        return Effects(memory={"clash": labels}, tasks=(TaskDraft(CLASH, by, "DUTY", 0, urgent=True),))

    def call_now(self, facts: Facts) -> tuple[DutyFact, ...]:
        return facts.duty if facts.status in UNENDED else ()

    def confirm_by(self, facts: Facts) -> datetime | None:
        return datetime.fromisoformat(facts.memory["confirm_by"]) if facts.status == "SUBMITTED" else None

    def waiting(self, facts: Facts) -> tuple[Party | None, Text]:
        status, memory = facts.status, facts.memory
        if status in UNENDED and memory.get("clash"):
            return Party.DUTY, Text(
                "所选场地这段时间不能用，值班人员会与您商量场地和时段。",
                "The venue is not to be had; the duty person will find a place and a time with you.",
            )
        if status in {"FAST_CONFIRMED", "IN_PROGRESS"} and memory.get("filing_overdue") and "filing" not in memory:
            return Party.COMMITTEE, Text("请物管会补办备案。", "The committee still has to file it.")
        if status == "FAST_CONFIRMED" and facts.starts_at is not None:
            day = local_date(facts.starts_at)
            return Party.CREW, Text(f"值班人员已安排：{both_calendars(day)} 起。", f"Arranged, beginning on {day}.")
        return FUNERAL_WAITS[status]

    def allows(self, step: Step, facts: Facts) -> bool:
        if step.action == "settle":
            return facts.balance_fen > 0
        if step.action in {"file", "remind-filing"}:
            return "filing" not in facts.memory
        return True

    def on_escalate(self, step: Step, body: None, facts: Facts) -> Effects:
        """The next one of the duty chain is called, until its end; the calls before stay to be made."""
        level = facts.memory["level"] + 1
        if level >= len(facts.duty):
            return Effects()
        after = facts.now + timedelta(minutes=facts.item.rules.escalate_minutes)
        return Effects(
            tasks=(TaskDraft(UNCONFIRMED, after, "DUTY", level, urgent=True),),
            clocks={"escalate": after if level + 1 < len(facts.duty) else None},
            memory={"level": level},
        )

    def on_fast_confirm(self, step: Step, body: FastConfirm, facts: Facts) -> Effects:
        return Effects(
            status=step.target,
            clocks={"escalate": None},
            end_tasks=frozenset({UNCONFIRMED}),
            reason=body.note,
            tell="fast-confirmed",
        )

    def on_arrange(self, step: Step, body: Arrange, facts: Facts) -> Effects:
        slots = facts.wanted
        return Effects(
            slots=SlotDraft(tuple(slot.id for slot in slots), begun=True),
            schedule=(min(slot.start for slot in slots), max(slot.end for slot in slots)),
            memory={"clash": None},
            end_tasks=frozenset({CLASH}),
            reason=body.reason,
            tell="arranged",
        )

    def on_file(self, step: Step, body: File, facts: Facts) -> Effects:
        return Effects(memory=self.filed(body, facts), clocks={"remind-filing": None}, reason=body.note)

    def on_remind_filing(self, step: Step, body: None, facts: Facts) -> Effects:
        return Effects(memory={"filing_overdue": True})

    def on_amend(self, step: Step, body: Amend, facts: Facts) -> Effects:
        """Time and venue are changed by a person, who sees what others have booked."""
        if TIMES & (body.details or {}).keys():
            raise DetailsFixed(pointer="/details")
        return Effects(amendment=body.amendment())

    def on_finish(self, step: Step, body: Finish, facts: Facts) -> Effects:
        return self.settlement_list(facts.bill.lines, body.report, facts)

    def _leaves(self, status: str, reason: str, tell: str) -> Effects:
        """At any time before the beginning, and at no cost."""
        ends = frozenset({UNCONFIRMED, CLASH})
        return Effects(status=status, slots=SlotDraft(), clocks=CLOCKS, end_tasks=ends, reason=reason, tell=tell)

    def on_cancel(self, step: Step, body: Cancel, facts: Facts) -> Effects:
        return self._leaves("CANCELLED", body.reason, "cancelled")

    def on_decline(self, step: Step, body: Decline, facts: Facts) -> Effects:
        return self._leaves("DECLINED", body.reason, "declined")

    def consequence(self, step: Step, facts: Facts) -> Consequence | None:
        if step.action != "cancel":
            return None
        return Consequence(Text("取消不收费。", "Cancelling is free."), fee_fen=0, refund_fen=0)
