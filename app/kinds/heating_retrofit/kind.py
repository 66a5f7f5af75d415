"""The kind: a survey at a booked time, an itemised quote that an owner accepts, works, and two warm winters."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from app.calendar import Season, end_of_full_seasons
from app.core.clock import local_date, start_of
from app.core.flow import Party, Step
from app.core.money import share_fen, yuan
from app.core.text import Text
from app.kinds import forms
from app.kinds.base import StepBody
from app.kinds.contact import Amend
from app.kinds.effects import ChargeDraft, Consequence, Effects, Notice, QuoteDraft, SlotDraft
from app.kinds.ending import one_line
from app.kinds.facts import Bill, BillLine, ChargePurpose, Facts, QuoteState
from app.kinds.heating_retrofit.flow import FLOW, WAITS
from app.kinds.heating_retrofit.leaving import Leaving
from app.kinds.heating_retrofit.terms import (
    FORM,
    RISER,
    AmendTooLate,
    Change,
    ConsentMissing,
    DepositDue,
    HeatingDetails,
    HeatingRules,
    PressureTest,
    SurveyReport,
    Tally,
    WorksBlocked,
)
from app.kinds.problems import InThePast, QuoteGone, QuoteVersionNeeded
from app.kinds.steps import (
    Accept,
    Assign,
    Cancel,
    Confirm,
    Decline,
    Dispute,
    Finish,
    MakeQuote,
    Refund,
    Reject,
    Reschedule,
    Resolve,
    Schedule,
    Settle,
    Start,
    bill_lines,
)


class HeatingRetrofit(Leaving):
    """From the survey over quote, deposit and works to the end of the warranty."""

    code = "HEATING_RETROFIT"
    title = Text("暖气改造", "Heating retrofit")
    details = HeatingDetails
    rules = HeatingRules
    flow = FLOW
    waits = WAITS
    redo = "IN_PROGRESS"
    slots_wanted = (1, 1)
    for_the_flat = True
    over = frozenset({"UNDER_WARRANTY"})
    rateable = frozenset({"CONFIRMED", "UNDER_WARRANTY"})
    bodies: ClassVar[Mapping[str, type[StepBody]]] = {
        "assign": Assign,
        "reschedule": Reschedule,
        "amend": Amend,
        "survey": SurveyReport,
        "quote": MakeQuote,
        "accept": Accept,
        "reject": Reject,
        "schedule": Schedule,
        "start": Start,
        "change": Change,
        "test": PressureTest,
        "finish": Finish,
        "confirm": Confirm,
        "dispute": Dispute,
        "resolve": Resolve,
        "settle": Settle,
        "refund": Refund,
        "cancel": Cancel,
        "tally": Tally,
        "decline": Decline,
    }

    def form(self, item_form: Mapping[str, Any] | None) -> dict[str, Any]:
        return FORM

    def check(self, facts: Facts) -> None:
        answers = facts.details.model_dump(mode="json", exclude={"kind"}, exclude_none=True)
        forms.check_answers(FORM, answers, facts.today, facts.item.lead_days)

    def estimate(self, facts: Facts) -> Bill:
        """The survey as posted; all the rest is by quote."""
        return Bill(tuple(self._survey_lines(facts)))

    def _survey_lines(self, facts: Facts) -> list[BillLine]:
        posted = (line for line in facts.price.lines if line.code == "SURVEY")
        return [BillLine(line.code, line.label, Decimal(1), line.unit, line.unit_price) for line in posted]

    def notices(self, facts: Facts) -> tuple[Notice, ...]:
        found = []
        if not facts.orders_as_owner:
            text = Text("报价要由房屋业主接受，我们会通知业主。", "An owner of the flat has to accept the quote.")
            found.append(Notice("owner-decides", text, "民法典第二百四十条"))
        if facts.details.shares_riser and RISER & set(facts.details.scope):
            text = Text("动公用立管要先取得供热单位同意。", "Touching the riser needs the heat company's consent.")
            found.append(Notice("heat-company-consent", text, "本项服务的约定"))
        if facts.today in self._blocked(facts):
            text = Text("现在可以勘察报价，放水施工要等采暖季以后。", "Survey now; works wait until after the season.")
            found.append(Notice("works-after-season", text, "本项服务的约定"))
        return tuple(found)

    def waiting(self, facts: Facts) -> tuple[Party | None, Text]:
        if facts.status in {"QUOTED", "CHANGE_PENDING"} and not facts.owner_known:
            return Party.CLERK, Text(
                "报价要由业主接受，房屋业主还没有登记，请服务中心核实业主。",
                "The owner has to accept, and none is registered: the service centre finds out who it is.",
            )
        if facts.status == "ACCEPTED" and facts.balance_fen > 0:
            left = yuan(facts.balance_fen)
            return Party.CLERK, Text(f"请付定金，还差 {left} 元。", f"Please pay the deposit: {left} yuan.")
        if facts.status == "UNDER_WARRANTY":
            until = facts.memory["warranty_until"]
            return None, Text(f"已办结，质保到 {until}。", f"Done; under warranty until {until}.")
        return WAITS[facts.status]

    def begin(self, facts: Facts) -> Effects:
        slot = facts.wanted[0]
        return Effects(slots=SlotDraft((slot.id,)), schedule=(slot.start, slot.end))

    def allows(self, step: Step, facts: Facts) -> bool:
        if step.action == "settle":
            return facts.balance_fen > 0
        if step.action == "refund":
            return facts.balance_fen < 0
        return True

    def on_assign(self, step: Step, body: Assign, facts: Facts) -> Effects:
        return Effects(assign=tuple(body.worker_ids), tell="assigned")

    def on_reschedule(self, step: Step, body: Reschedule, facts: Facts) -> Effects:
        slot = facts.wanted[0]
        return Effects(slots=SlotDraft((slot.id,)), schedule=(slot.start, slot.end), tell="rescheduled")

    def on_amend(self, step: Step, body: Amend, facts: Facts) -> Effects:
        later = set(body.details or {}) - {"heat_company_consent_no"}
        if facts.status != "SUBMITTED" and (later or body.room):
            raise AmendTooLate(pointer="/details")
        return Effects(amendment=body.amendment())

    def on_survey(self, step: Step, body: SurveyReport, facts: Facts) -> Effects:
        report = body.model_dump(exclude={"action", "findings"})
        lines = tuple(self._survey_lines(facts))
        charges = (ChargeDraft(ChargePurpose.SURVEY, lines, self.pay_by(facts)),) if lines else ()
        memory = {"survey": report}
        return Effects(
            status=step.target, charges=charges, used=True, memory=memory, reason=body.findings, tell="surveyed"
        )

    def on_quote(self, step: Step, body: MakeQuote, facts: Facts) -> Effects:
        lines, expires = bill_lines(body.lines), facts.now + timedelta(days=body.valid_days)
        deposit = share_fen(sum(line.amount_fen for line in lines), facts.item.rules.deposit_percent)
        draft = QuoteDraft(lines, deposit, expires, body.note)
        return Effects(status=step.target, quote=draft, clocks={"lapse": expires}, tell="quoted")

    def on_change(self, step: Step, body: Change, facts: Facts) -> Effects:
        expires = facts.now + timedelta(days=body.valid_days)
        draft = QuoteDraft(bill_lines(body.lines), 0, expires, body.note)
        return Effects(status=step.target, quote=draft, clocks={"lapse-change": expires}, tell="changed")

    def on_accept(self, step: Step, body: Accept, facts: Facts) -> Effects:
        quote = facts.quote
        if body.quote_version is None:
            raise QuoteVersionNeeded(pointer="/quote_version")
        if quote is None or quote.version != body.quote_version or facts.now >= quote.expires_at:
            raise QuoteGone(version=quote.version if quote else 0)
        charges: tuple[ChargeDraft, ...] = ()
        if facts.status == "QUOTED" and quote.deposit_fen:
            line = one_line("DEPOSIT", "定金", quote.deposit_fen)
            charges = (ChargeDraft(ChargePurpose.DEPOSIT, (line,), self.pay_by(facts)),)
        clocks = {"lapse": None, "lapse-change": None}
        bill, state = Bill.of(quote.lines), QuoteState.ACCEPTED
        return Effects(
            status=step.target, bill=bill, quote_state=state, charges=charges, clocks=clocks, tell="quote-accepted"
        )

    def on_reject(self, step: Step, body: Reject, facts: Facts) -> Effects:
        clocks = {"lapse": None, "lapse-change": None}
        return Effects(status=step.target, quote_state=QuoteState.REJECTED, clocks=clocks, reason=body.reason)

    def on_lapse(self, step: Step, body: None, facts: Facts) -> Effects:
        return Effects(status=step.target, quote_state=QuoteState.EXPIRED, tell="expired")

    on_lapse_change = on_lapse

    def on_schedule(self, step: Step, body: Schedule, facts: Facts) -> Effects:
        if body.start < facts.now:
            raise InThePast(pointer="/start")
        if facts.balance_fen > 0:
            raise DepositDue(balance=yuan(facts.balance_fen))
        if self._needs_consent(facts):
            raise ConsentMissing
        blocked, first = self._blocked(facts), local_date(body.start)
        days = (first + timedelta(days=n) for n in range((local_date(body.end) - first).days + 1))
        if body.emergency_reason is None and any(day in blocked for day in days):
            raise WorksBlocked(pointer="/start", first=blocked.start, last=blocked.until)
        period = (body.start, body.end)
        return Effects(
            status=step.target,
            schedule=period,
            assign=tuple(body.worker_ids),
            reason=body.emergency_reason,
            tell="scheduled",
        )

    def _needs_consent(self, facts: Facts) -> bool:
        survey = facts.memory.get("survey", {})
        touched = survey.get("shares_riser", facts.details.shares_riser) and RISER & set(facts.details.scope)
        number = facts.details.heat_company_consent_no or survey.get("heat_company_consent_no")
        return bool(touched) and number is None

    def _blocked(self, facts: Facts) -> Season:
        rules = facts.item.rules
        return Season(rules.blocked_from, rules.blocked_until)

    def on_test(self, step: Step, body: PressureTest, facts: Facts) -> Effects:
        row = {**body.model_dump(include={"passed", "pressure_kpa", "minutes"}), "on": facts.today.isoformat()}
        memory = {"tests": [*facts.memory.get("tests", []), row]}
        return Effects(status="TESTED" if body.passed else "IN_PROGRESS", memory=memory, reason=body.note)

    def on_finish(self, step: Step, body: Finish, facts: Facts) -> Effects:
        """The settlement list comes before any payment (明码标价和禁止价格欺诈规定, art. 15): all lines, less what was paid for."""
        billed = facts.memory.get("billed_fen")
        total = facts.bill.total_fen or 0
        lines: tuple[BillLine, ...]
        if billed is None:
            lines = (*facts.bill.lines, *self.already_charged(facts))
        else:
            lines = (one_line("CHANGED", "变更差额", total - billed),) if total != billed else ()
        memory = {"billed_fen": total, "finished_on": facts.today.isoformat()}
        return Effects(
            status=step.target,
            charges=self.charge(lines, facts),
            clocks=self.finishing(facts),
            memory=memory,
            reason=body.report,
            tell="finished",
        )

    def closing(self, facts: Facts) -> Effects:
        rules = facts.item.rules
        season = Season(rules.heating_from, rules.heating_until)
        done = date.fromisoformat(facts.memory["finished_on"])
        until = end_of_full_seasons(done, season, rules.warranty_seasons)
        ends: datetime = start_of(until + timedelta(days=1))
        return Effects(
            status="UNDER_WARRANTY", memory={"warranty_until": until.isoformat()}, clocks={"end-warranty": ends}
        )

    def consequence(self, step: Step, facts: Facts) -> Consequence | None:
        if step.action == "cancel":
            return self._cancelling(facts)
        if step.action == "accept" and facts.quote is not None:
            total, deposit = yuan(facts.quote.total_fen), yuan(facts.quote.deposit_fen)
            return Consequence(
                Text(
                    f"接受后总价 {total} 元，先付定金 {deposit} 元。",
                    f"The price will be {total} yuan, {deposit} first.",
                )
            )
        return None
