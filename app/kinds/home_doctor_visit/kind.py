"""The kind: consents first, then the clinic calls back, offers times, visits; left by many doors, free of charge."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from app.calendar import add_working_days, is_working_day
from app.core.clock import at, local
from app.core.flow import Step
from app.core.text import Text
from app.kinds import forms
from app.kinds.base import StepBody
from app.kinds.contact import Amend
from app.kinds.effects import ConsentDraft, Effects, Notice, SlotDraft, TaskDraft
from app.kinds.ending import Ending
from app.kinds.facts import Bill, Facts
from app.kinds.home_doctor_visit import terms
from app.kinds.home_doctor_visit.flow import DISCREET, FLOW, WAITS
from app.kinds.steps import (
    Assign,
    Cancel,
    Confirm,
    Dispute,
    Finish,
    Reject,
    Reschedule,
    Resolve,
)

CLOCKS = ("triage-late", "lapse-offer", "remind", "lapse-silence")
AHEAD = 1
"""The place on the nurse's list of those whom the clinic has let down: before the others, behind the red flags."""


class HomeDoctorVisit(Ending):
    """From the two consents over the nurse's call to the visit; the platform charges nothing."""

    code = "HOME_DOCTOR_VISIT"
    title = Text("家庭医生上门", "Doctor's home visit")
    details = terms.VisitDetails
    rules = terms.VisitRules
    flow = FLOW
    waits = WAITS
    redo = "TRIAGE"
    wants_clinic = True
    wants_holidays = True
    proxy_scope = "DOCTOR_VISIT"
    consents = ("HEALTH_DATA", "SHARE_WITH_CLINIC")
    private = frozenset({"mobility", "purpose", "preferred_windows"})
    sealed_note = "note"
    discreet = DISCREET
    step_slots: ClassVar[Mapping[str, tuple[int, int]]] = {"offer": (1, 3), "choose": (1, 1), "reschedule": (1, 1)}
    rateable = frozenset({"COMPLETED"})
    bodies: ClassVar[Mapping[str, type[StepBody]]] = {
        "consent": terms.Consent,
        "unreached": terms.Unreached,
        "offer": terms.Offer,
        "choose": terms.Choose,
        "reject": Reject,
        "reschedule": Reschedule,
        "assign": Assign,
        "depart": terms.Depart,
        "arrive": terms.Arrive,
        "delay": terms.Delay,
        "no-show": terms.NoShow,
        "finish": Finish,
        "confirm": Confirm,
        "dispute": Dispute,
        "resolve": Resolve,
        "exit": terms.Exit,
        "contract": terms.Contract,
        "reoffer": terms.Reoffer,
        "transfer": terms.Transfer,
        "amend": Amend,
        "cancel": Cancel,
    }

    def form(self, item_form: Mapping[str, Any] | None) -> dict[str, Any]:
        return terms.FORM

    def check(self, facts: Facts) -> None:
        answers = facts.details.model_dump(mode="json", exclude={"kind"}, exclude_none=True)
        forms.check_answers(terms.FORM, answers, facts.today, facts.item.lead_days)
        age = facts.person.age
        if facts.details.mobility is terms.Mobility.ADVANCED_AGE_80 and age is not None and age < 80:
            raise terms.NotEligible(pointer="/details/mobility")

    def estimate(self, facts: Facts) -> Bill:
        """Nothing: what the clinic charges is the clinic's, and paid there."""
        return Bill.of(())

    def notices(self, facts: Facts) -> tuple[Notice, ...]:
        found = [
            Notice(
                "no-emergencies",
                Text("急症不要等上门，请立即拨打 120。", "In an emergency call 120 at once; do not wait for a visit."),
                "医师法；国家卫生健康委居家医疗服务规范",
            )
        ]
        if not facts.person.orders_himself:
            text = Text(
                "还要本人同意；同意以前不会把任何信息交给卫生服务中心。",
                "The person has to agree; before that the clinic learns nothing.",
            )
            found.append(Notice("subject-consents", text, "个人信息保护法第二十三条、第二十九条"))
        if facts.person.missed >= facts.item.rules.missed_visits:
            text = Text("出发前会先打电话确认家里有人。", "We shall call first to make sure that somebody is at home.")
            found.append(Notice("call-first", text, "本项服务的约定"))
        return tuple(found)

    def begin(self, facts: Facts) -> Effects:
        tasks = self._call_first(facts)
        memory = {"contract": facts.person.contract}
        if self.missing(facts):
            ask = TaskDraft("CONSENT", facts.now + timedelta(hours=4), to="SUBJECT")
            return Effects(status="AWAITING_CONSENT", tasks=(ask, *tasks), memory=memory)
        return Effects(tasks=tasks, clocks=self._call_back(facts), memory=memory)

    def missing(self, facts: Facts) -> tuple[str, ...]:
        """The consents that are asked for and not given."""
        return tuple(code for code in facts.item.consents if code not in facts.person.consents)

    def _call_first(self, facts: Facts) -> tuple[TaskDraft, ...]:
        often = facts.person.missed >= facts.item.rules.missed_visits
        return (TaskDraft("CALL_FIRST", facts.now + timedelta(hours=4), to="SUBJECT"),) if often else ()

    def _call_back(self, facts: Facts) -> dict[str, datetime | None]:
        """The clinic calls back on the same working day; what comes later in the day has until the next."""
        end, day = facts.item.rules.triage_until_hour, facts.today
        if not is_working_day(day, facts.holidays) or local(facts.now).hour >= end - 1:
            day = add_working_days(day, 1, facts.holidays)
        return {**dict.fromkeys(CLOCKS), "triage-late": at(day, end)}

    def allows(self, step: Step, facts: Facts) -> bool:
        if step.action == "consented":
            return not self.missing(facts)
        if step.action == "consents-withdrawn":
            return facts.status != "AWAITING_CONSENT" and bool(self.missing(facts))
        return True

    def on_consent(self, step: Step, body: terms.Consent, facts: Facts) -> Effects:
        """Given in part it still waits for the rest."""
        given = tuple(ConsentDraft(row.code, row.version) for row in body.consents)
        if set(self.missing(facts)) - {row.code for row in given}:
            return Effects(consents=given)
        done = self.on_consented(step, None, facts)
        return Effects(status=done.status, clocks=done.clocks, end_tasks=done.end_tasks, consents=given)

    def on_consented(self, step: Step, body: None, facts: Facts) -> Effects:
        return Effects(status="TRIAGE", clocks=self._call_back(facts), end_tasks=frozenset({"CONSENT"}))

    def on_consents_withdrawn(self, step: Step, body: None, facts: Facts) -> Effects:
        return self._gone("CANCELLED", tell="cancelled")

    def _gone(
        self, status: str, *, reason: str | None = None, tell: str | None = None, life: str | None = None
    ) -> Effects:
        """No visit any more: times are given back, clocks and calls stop."""
        return Effects(
            status=status,
            slots=SlotDraft(),
            clocks=dict.fromkeys(CLOCKS),
            end_tasks=frozenset({"CONSENT", "UNREACHED_PATIENT", "CALL_FIRST", "HELP_SIGN"}),
            reason=reason,
            tell=tell,
            life=life,
        )

    def on_unreached(self, step: Step, body: terms.Unreached, facts: Facts) -> Effects:
        calls = facts.memory.get("unreached", 0) + 1
        often = calls % facts.item.rules.unreached_calls == 0
        ask = (TaskDraft("UNREACHED_PATIENT", facts.now + timedelta(hours=2), to="SUBJECT"),) if often else ()
        return Effects(memory={"unreached": calls}, tasks=ask)

    def on_triage_late(self, step: Step, body: None, facts: Facts) -> Effects:
        return Effects(clocks={"triage-late": None}, priority=AHEAD)

    def on_offer(self, step: Step, body: terms.Offer, facts: Facts) -> Effects:
        until = facts.now + timedelta(hours=body.valid_hours)
        held = SlotDraft(tuple(slot.id for slot in facts.wanted), until)
        clocks = {"triage-late": None, "lapse-offer": until}
        ended = frozenset({"UNREACHED_PATIENT"})
        return Effects(status=step.target, slots=held, clocks=clocks, end_tasks=ended, tell="offered")

    def on_choose(self, step: Step, body: terms.Choose, facts: Facts) -> Effects:
        slot = facts.wanted[0]
        if slot.id not in {held.id for held in facts.slots}:
            raise terms.NotOffered(pointer="/slot_ids")
        return self._booked(slot, status=step.target, tell="confirmed")

    def _booked(self, slot: Any, *, status: str | None, tell: str) -> Effects:
        return Effects(
            status=status,
            slots=SlotDraft((slot.id,)),
            schedule=(slot.start, slot.end),
            clocks={"lapse-offer": None},
            tell=tell,
        )

    def on_reschedule(self, step: Step, body: Reschedule, facts: Facts) -> Effects:
        return self._booked(facts.wanted[0], status=None, tell="rescheduled")

    def on_reject(self, step: Step, body: Reject, facts: Facts) -> Effects:
        return Effects(status=step.target, slots=SlotDraft(), clocks=self._call_back(facts), reason=body.reason)

    def on_lapse_offer(self, step: Step, body: None, facts: Facts) -> Effects:
        return Effects(status=step.target, slots=SlotDraft(), clocks=self._call_back(facts), tell="offer-lapsed")

    def on_assign(self, step: Step, body: Assign, facts: Facts) -> Effects:
        """Who will ring: name, post and a door code go to the order and into the message."""
        return Effects(assign=tuple(body.worker_ids), door_code=True, memory={"visitor": True}, tell="visitor")

    def on_depart(self, step: Step, body: terms.Depart, facts: Facts) -> Effects:
        if body.worker_ids is not None:
            sent = self.on_assign(step, Assign(action="assign", worker_ids=body.worker_ids), facts)
            return replace(sent, status=step.target)
        if not facts.memory.get("visitor"):
            raise terms.VisitorUnknown
        return Effects(status=step.target, tell="departed")

    def on_delay(self, step: Step, body: terms.Delay, facts: Facts) -> Effects:
        later, times = timedelta(minutes=body.minutes), None
        if facts.status != "IN_VISIT" and facts.starts_at is not None and facts.ends_at is not None:
            times = (facts.starts_at + later, facts.ends_at + later)
        return Effects(schedule=times, delay_minutes=body.minutes, tell="late" if times else None)

    def on_no_show(self, step: Step, body: terms.NoShow, facts: Facts) -> Effects:
        return Effects(status=step.target, used=True, clocks=dict.fromkeys(CLOCKS), tell="missed")

    def on_finish(self, step: Step, body: Finish, facts: Facts) -> Effects:
        return Effects(status=step.target, used=True, clocks=self.finishing(facts), reason=body.report)

    def closing(self, facts: Facts) -> Effects:
        return Effects(status="COMPLETED")

    def on_exit(self, step: Step, body: terms.Exit, facts: Facts) -> Effects:
        """Hospital is nobody's news here: it ends quietly, and the person's other visits with it."""
        outcome = body.outcome
        if outcome is terms.VisitOutcome.NOT_CONTRACTED:
            sign = TaskDraft("HELP_SIGN", facts.now + timedelta(days=1), to="SUBJECT")
            clocks = dict.fromkeys(CLOCKS)
            return Effects(
                status="NOT_CONTRACTED", slots=SlotDraft(), clocks=clocks, tasks=(sign,), reason=body.note, tell="sign"
            )
        quiet = outcome in {terms.VisitOutcome.HOSPITALISED, terms.VisitOutcome.ENDED}
        life = "HOSPITALISED" if outcome is terms.VisitOutcome.HOSPITALISED else None
        return self._gone(outcome, reason=body.note, tell=None if quiet else "not-visited", life=life)

    def on_contract(self, step: Step, body: terms.Contract, facts: Facts) -> Effects:
        ended = frozenset({"HELP_SIGN"})
        return Effects(status=step.target, clocks=self._call_back(facts), end_tasks=ended, memory={"contract": True})

    def on_reoffer(self, step: Step, body: terms.Reoffer, facts: Facts) -> Effects:
        return Effects(
            status=step.target,
            slots=SlotDraft(),
            clocks=self._call_back(facts),
            unschedule=True,
            memory={"visitor": False},
            priority=AHEAD,
            reason=body.reason,
            tell="reoffer",
        )

    def on_closed_slot(self, facts: Facts) -> Effects | None:
        """Illness, weather, a holiday: what was confirmed is offered anew, ahead of others; an offer loses its time."""
        if facts.status not in {"OFFERED", "CONFIRMED"}:
            return None
        return Effects(
            status="TRIAGE",
            slots=SlotDraft(),
            clocks=self._call_back(facts),
            unschedule=True,
            memory={"visitor": False},
            priority=AHEAD,
            tell="reoffer",
        )

    def on_transfer(self, step: Step, body: terms.Transfer, facts: Facts) -> Effects:
        ask = TaskDraft("CONSENT", facts.now + timedelta(hours=4), to="SUBJECT")
        clocks, memory = dict.fromkeys(CLOCKS), {"contract": False}
        return Effects(
            status=step.target,
            clinic=body.clinic,
            tasks=(ask,),
            clocks=clocks,
            memory=memory,
            reason=body.reason,
            tell="transfer",
        )

    def on_amend(self, step: Step, body: Amend, facts: Facts) -> Effects:
        return Effects(amendment=body.amendment())

    def on_cancel(self, step: Step, body: Cancel, facts: Facts) -> Effects:
        return self._gone("CANCELLED", reason=body.reason, tell="cancelled")

    def on_end_quietly(self, step: Step, body: None, facts: Facts) -> Effects:
        return self._gone("ENDED")
