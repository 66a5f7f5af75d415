"""The kind: a wedding with its venue booked at once, filed with the committee, a deposit, and an inspection."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from app.calendar import add_working_days
from app.core.clock import at, local_date
from app.core.flow import CLERK, Party, Step
from app.core.money import share_fen, yuan
from app.core.text import Text
from app.kinds import forms
from app.kinds.base import StepBody
from app.kinds.ceremony.ceremony import Ceremony, both_calendars
from app.kinds.ceremony.flows import WEDDING_FLOW, WEDDING_WAITS
from app.kinds.ceremony.terms import (
    WEDDING_FORM,
    CancelExcused,
    DetailsFixed,
    File,
    Inspect,
    WeddingDetails,
    WeddingRules,
)
from app.kinds.contact import Amend
from app.kinds.effects import ChargeDraft, Consequence, Effects, Notice, SlotDraft
from app.kinds.ending import one_line
from app.kinds.facts import BillLine, ChargePurpose, Facts
from app.kinds.steps import (
    Assign,
    Cancel,
    Confirm,
    Decline,
    Dispute,
    Refund,
    Reschedule,
    Resolve,
    Settle,
    Start,
    bill_lines,
)

OFFICE_HOURS_END = 18
CLOCKS: dict[str, datetime | None] = {"escalate-filing": None, "lapse-deposit": None}
"""What stops with the order's end."""


class Wedding(Ceremony):
    """Submitted and the venue taken, filed, deposit, the day itself, inspected, settled."""

    code = "WEDDING"
    title = Text("红事（婚礼）", "Wedding")
    details = WeddingDetails
    rules = WeddingRules
    fields = WEDDING_FORM
    flow = WEDDING_FLOW
    waits = WEDDING_WAITS
    slots_wanted = (1, 12)
    wants_holidays = True
    rateable = frozenset({"CONFIRMED", "DONE"})
    bodies: ClassVar[Mapping[str, type[StepBody]]] = {
        "file": File,
        "settle": Settle,
        "assign": Assign,
        "start": Start,
        "inspect": Inspect,
        "confirm": Confirm,
        "dispute": Dispute,
        "resolve": Resolve,
        "refund": Refund,
        "reschedule": Reschedule,
        "amend": Amend,
        "cancel": Cancel,
        "cancel-excused": CancelExcused,
        "decline": Decline,
    }

    def days(self, facts: Facts) -> int:
        return len({slot.day for slot in facts.wanted or facts.slots})

    def free(self, facts: Facts) -> Mapping[str, int]:
        return {}

    def lines(self, facts: Facts) -> tuple[BillLine, ...]:
        """Each part of a day costs the line with which the venue's code begins: `HALL_QHC` costs `HALL`."""
        parts = Counter(slot.resource_code.partition("_")[0] for slot in facts.wanted or facts.slots)
        return (*self.priced(facts, parts), *super().lines(facts))

    def notices(self, facts: Facts) -> tuple[Notice, ...]:
        rules = facts.item.rules
        if not rules.deposit_fen:
            return super().notices(facts)
        amount = yuan(rules.deposit_fen)
        text = Text(
            f"备案后 {rules.deposit_hours} 小时内付定金 {amount} 元，逾期场地放开；定金抵结算款。",
            f"A deposit of {amount} yuan is due within {rules.deposit_hours} hours of the filing.",
        )
        return (*super().notices(facts), Notice("deposit", text, "本项服务的约定"))

    def waiting(self, facts: Facts) -> tuple[Party | None, Text]:
        if facts.status == "SUBMITTED" and facts.memory.get("filing_overdue"):
            late = Text("备案已超期，请物业催办或代为备案。", "The filing is overdue; the office may file it instead.")
            return Party.MANAGER, late
        if facts.status == "BOOKED" and facts.starts_at is not None:
            day = local_date(facts.starts_at)
            return Party.CREW, Text(f"场地已订定：{both_calendars(day)}。", f"The venue is yours on {day}.")
        return WEDDING_WAITS[facts.status]

    def begin(self, facts: Facts) -> Effects:
        due = add_working_days(facts.today, facts.item.rules.filing_days, facts.holidays)
        return replace(self._booked(facts), clocks={"escalate-filing": at(due, OFFICE_HOURS_END)})

    def _booked(self, facts: Facts) -> Effects:
        """All parts of days that are wanted, or none."""
        slots = facts.wanted
        period = (min(slot.start for slot in slots), max(slot.end for slot in slots))
        return Effects(slots=SlotDraft(tuple(slot.id for slot in slots)), schedule=period)

    def allows(self, step: Step, facts: Facts) -> bool:
        if step.action == "settle":
            return facts.balance_fen > 0
        if step.action == "refund":
            return facts.balance_fen < 0
        if step.action == "file" and step.by == CLERK:
            return bool(facts.memory.get("filing_overdue"))
        if step.action == "reschedule":
            return facts.status == "SUBMITTED" or facts.displaced
        return True

    def on_file(self, step: Step, body: File, facts: Facts) -> Effects:
        rules = facts.item.rules
        done = Effects(status="BOOKED", clocks=CLOCKS, memory=self.filed(body, facts), reason=body.note, tell="filed")
        if not rules.deposit_fen:
            return done
        due = facts.now + timedelta(hours=rules.deposit_hours)
        deposit = ChargeDraft(ChargePurpose.DEPOSIT, (one_line("DEPOSIT", "定金", rules.deposit_fen),), due)
        return replace(done, status="FILED", charges=(deposit,), clocks={**CLOCKS, "lapse-deposit": due})

    def on_escalate_filing(self, step: Step, body: None, facts: Facts) -> Effects:
        return Effects(memory={"filing_overdue": True})

    def on_settle(self, step: Step, body: Settle, facts: Facts) -> Effects:
        paid = super().on_settle(step, body, facts)
        if facts.status == "FILED" and body.amount_fen == facts.balance_fen:
            return replace(paid, status="BOOKED", clocks=CLOCKS, tell="booked")
        return paid

    def on_reschedule(self, step: Step, body: Reschedule, facts: Facts) -> Effects:
        first, last = facts.today + timedelta(days=facts.item.lead_days), facts.today + forms.AHEAD
        if not all(first <= slot.day <= last for slot in facts.wanted):
            raise forms.DateOutOfRange(pointer="/slot_ids", first=first, last=last)
        self.check(facts)
        return replace(self._booked(facts), bill=self.estimate(facts), tell="rescheduled")

    def on_amend(self, step: Step, body: Amend, facts: Facts) -> Effects:
        if body.details and facts.status != "SUBMITTED":
            raise DetailsFixed(pointer="/details")
        return Effects(amendment=body.amendment())

    def on_inspect(self, step: Step, body: Inspect, facts: Facts) -> Effects:
        return self.settlement_list((*facts.bill.lines, *bill_lines(body.lines)), body.note, facts)

    def _deposit(self, facts: Facts) -> int:
        return sum(c.amount_fen for c in facts.charges if c.purpose == ChargePurpose.DEPOSIT and c.state != "VOID")

    def _given_back(self, facts: Facts) -> int:
        """How much of the deposit comes back when the resident leaves now, in fen."""
        left = (facts.starts_at or facts.now) - facts.now
        scale = [row.percent for row in facts.item.rules.refund_scale if left >= timedelta(days=row.days)]
        return share_fen(self._deposit(facts), max(scale, default=0))

    def _leaves(self, status: str, charges: tuple[ChargeDraft, ...], reason: str, tell: str) -> Effects:
        """The venue is given back, and what nobody has paid is no longer asked for."""
        return Effects(
            status=status,
            charges=charges,
            void_unpaid=frozenset(ChargePurpose),
            slots=SlotDraft(),
            clocks=CLOCKS,
            reason=reason,
            tell=tell,
        )

    def on_cancel(self, step: Step, body: Cancel, facts: Facts) -> Effects:
        if facts.status != "BOOKED":
            return self._leaves("CANCELLED", self.given_back(facts), body.reason, "cancelled")
        back = self._given_back(facts)
        line = one_line("DEPOSIT_BACK", "按约定退还定金", -back)
        charges = (ChargeDraft(ChargePurpose.CREDIT, (line,), None),) if back else ()
        return self._leaves("CANCELLED", charges, body.reason, "cancelled")

    def on_cancel_excused(self, step: Step, body: CancelExcused, facts: Facts) -> Effects:
        left = self._leaves("CANCELLED", self.given_back(facts), body.reason, "cancelled")
        return replace(left, memory={"proof": body.proof})

    def on_decline(self, step: Step, body: Decline, facts: Facts) -> Effects:
        return self._leaves("DECLINED", self.given_back(facts), body.reason, "declined")

    def on_lapse_deposit(self, step: Step, body: None, facts: Facts) -> Effects:
        return self._leaves("LAPSED", self.given_back(facts), "定金没有按期付清", "lapsed")

    def consequence(self, step: Step, facts: Facts) -> Consequence | None:
        if step.action != "cancel":
            return None
        if facts.status != "BOOKED":
            words = Text("现在取消不收费，场地放开。", "Cancelling now is free; the venue is given back.")
            return Consequence(words, fee_fen=0, refund_fen=facts.paid_fen)
        back = self._given_back(facts)
        kept = self._deposit(facts) - back
        told = Text(
            f"现在取消退还定金 {yuan(back)} 元，不退 {yuan(kept)} 元；丧事或疾病凭证明全退。",
            f"{yuan(back)} yuan of the deposit come back, {yuan(kept)} do not; all with a proof of need.",
        )
        return Consequence(told, fee_fen=kept, refund_fen=back)
