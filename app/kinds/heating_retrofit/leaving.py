"""How a heating retrofit is left early, and what that costs: by its scale, or by what was used and done."""

from datetime import datetime, timedelta

from app.core.flow import Step
from app.core.money import yuan
from app.core.text import Text
from app.kinds.effects import ChargeDraft, Consequence, Effects, SlotDraft
from app.kinds.ending import Ending, one_line
from app.kinds.facts import BillLine, ChargePurpose, Facts
from app.kinds.heating_retrofit.terms import OverTheDeposit, Tally
from app.kinds.steps import Cancel, Decline, bill_lines


class Leaving(Ending):
    """Cancelled by the resident or the owner, tallied by the office, or declined by it."""

    def on_cancel(self, step: Step, body: Cancel, facts: Facts) -> Effects:
        """Free until a day before the survey, then the survey; after the deposit or the start what was used is tallied."""
        clocks: dict[str, datetime | None] = {"lapse": None, "lapse-change": None}
        if self._tallied(facts):
            memory = {"cancelled_in": facts.status}
            return Effects(status="CANCEL_PENDING", clocks=clocks, memory=memory, reason=body.reason, tell="cancelling")
        fee = self._late_fee(facts)
        line = one_line("CANCEL_FEE", "取消费（勘察）", fee)
        charges = (ChargeDraft(ChargePurpose.CANCEL_FEE, (line,), self.pay_by(facts)),) if fee else ()
        return Effects(
            status="CANCELLED",
            charges=charges,
            void_unpaid=frozenset({ChargePurpose.DEPOSIT}),
            slots=SlotDraft() if facts.status == "SUBMITTED" else None,
            clocks=clocks,
            reason=body.reason,
            tell="cancelled",
        )

    def _tallied(self, facts: Facts) -> bool:
        deposit = any(c.purpose == ChargePurpose.DEPOSIT and c.paid_fen for c in facts.charges)
        return facts.status in {"SCHEDULED", "IN_PROGRESS", "CHANGE_PENDING"} or deposit

    def _late_fee(self, facts: Facts) -> int:
        terms = facts.cancel_terms
        if facts.status != "SUBMITTED" or facts.starts_at is None:
            return 0
        return 0 if facts.starts_at - facts.now >= timedelta(hours=terms.free_hours) else terms.late_fee_fen

    def on_tally(self, step: Step, body: Tally, facts: Facts) -> Effects:
        """Before the start what was bought, at most the deposit; afterwards by quantity, at most what was agreed."""
        lines = bill_lines(body.lines)
        kept, before = sum(line.amount_fen for line in lines), facts.memory["cancelled_in"]
        deposit = sum(c.amount_fen for c in facts.charges if c.purpose == ChargePurpose.DEPOSIT and c.state != "VOID")
        started = before in {"IN_PROGRESS", "CHANGE_PENDING"}
        most = (facts.bill.total_fen or 0) if started else deposit
        if kept > most:
            raise OverTheDeposit(pointer="/lines", most=yuan(most))
        less = [x for x in self.already_charged(facts) if started or x.code != "LESS_SURVEY"]
        charges = self.charge((*lines, *less), facts)
        return Effects(status=step.target, charges=charges, reason=body.note, tell="cancelled")

    def on_decline(self, step: Step, body: Decline, facts: Facts) -> Effects:
        """The provider leaves: everything that was paid goes back."""
        return Effects(
            status=step.target,
            charges=self.given_back(facts),
            void_unpaid=frozenset(ChargePurpose),
            slots=SlotDraft() if facts.status == "SUBMITTED" else None,
            clocks={"lapse": None, "lapse-change": None},
            reason=body.reason,
            tell="declined",
        )

    def _cancelling(self, facts: Facts) -> Consequence:
        if self._tallied(facts):
            words = Text(
                "按已用材料和已做工程核算，多退少补。", "What was used and done is tallied; the rest is given back."
            )
            return Consequence(words)
        fee = self._late_fee(facts) + (facts.balance_fen if facts.status in {"SURVEYED", "QUOTED"} else 0)
        free = Text("现在取消不收费。", "Cancelling now is free.")
        paid = Text(f"现在取消收取勘察费 {yuan(fee)} 元。", f"Cancelling now costs the survey, {yuan(fee)} yuan.")
        return Consequence(paid if fee else free, fee_fen=fee, refund_fen=0)

    def already_charged(self, facts: Facts) -> list[BillLine]:
        words = {"DEPOSIT": "减：定金", "SURVEY": "减：勘察费"}
        rows = [c for c in facts.charges if c.state != "VOID" and c.purpose in words]
        return [one_line(f"LESS_{c.purpose}", words[c.purpose], -c.amount_fen) for c in rows]

    def charge(self, lines: tuple[BillLine, ...], facts: Facts) -> tuple[ChargeDraft, ...]:
        total = sum(line.amount_fen for line in lines)
        if total == 0:
            return ()
        purpose = ChargePurpose.FINAL if total > 0 else ChargePurpose.CREDIT
        return (ChargeDraft(purpose, lines, self.pay_by(facts) if total > 0 else None),)
