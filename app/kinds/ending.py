"""The end that works have in common: finished, confirmed or silent, disputed, settled, and money given back."""

from abc import abstractmethod
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field

from app.core.flow import Step
from app.core.money import yuan
from app.kinds.base import Kind, Rules
from app.kinds.effects import ChargeDraft, Effects, PaymentDraft
from app.kinds.facts import BillLine, ChargePurpose, Facts
from app.kinds.problems import NothingToPay, NothingToRefund, TooMuchPaid
from app.kinds.steps import Confirm, Dispute, DisputeOutcome, Refund, Resolve, Settle

Days = Annotated[int, Field(strict=True, ge=1, le=90)]
CLOCKS = ("remind", "lapse-silence")


class EndingRules(Rules):
    """So many days after the work is finished silence accepts it; so many more there are to pay."""

    silence_days: Days = 3
    remind_days_before: Annotated[int, Field(strict=True, ge=0, le=30)] = 1
    pay_days: Days = 7


def one_line(code: str, label: str, amount_fen: int) -> BillLine:
    """A line of a settlement list that is just an amount; negative when it gives back."""
    return BillLine(code, label, Decimal(1), "项", Decimal(amount_fen) / 100)


class Ending(Kind):
    """A kind whose work is finished, accepted and paid by a settlement list."""

    rules: ClassVar[type[Rules]] = EndingRules
    redo: ClassVar[str]
    """The state from which disputed work is done again."""

    @abstractmethod
    def closing(self, facts: Facts) -> Effects:
        """What it means that the work is accepted and nothing is left to pay."""

    def finishing(self, facts: Facts) -> dict[str, Any]:
        """The clocks of the silence that accepts."""
        rules = facts.item.rules
        end = facts.now + timedelta(days=rules.silence_days)
        return {"remind": end - timedelta(days=rules.remind_days_before), "lapse-silence": end}

    def pay_by(self, facts: Facts) -> Any:
        return facts.now + timedelta(days=facts.item.rules.pay_days)

    def on_confirm(self, step: Step, body: Confirm | None, facts: Facts) -> Effects:
        clocks = dict.fromkeys(CLOCKS)
        if facts.balance_fen > 0:
            return Effects(status="CONFIRMED", clocks=clocks)
        end = self.closing(facts)
        return Effects(status=end.status, memory=end.memory, clocks={**clocks, **end.clocks})

    on_lapse_silence = on_confirm

    def on_remind(self, step: Step, body: None, facts: Facts) -> Effects:
        return Effects(clocks={"remind": None}, tell="remind")

    def on_dispute(self, step: Step, body: Dispute, facts: Facts) -> Effects:
        return Effects(status=step.target, clocks=dict.fromkeys(CLOCKS), reason=body.reason)

    def on_resolve(self, step: Step, body: Resolve, facts: Facts) -> Effects:
        if body.outcome is DisputeOutcome.REDO:
            return Effects(status=self.redo, reason=body.note, tell="resolved")
        charges: tuple[ChargeDraft, ...] = ()
        if body.outcome is DisputeOutcome.REDUCE:
            if not body.reduce_fen or body.reduce_fen > max(facts.balance_fen, 0):
                raise TooMuchPaid(pointer="/reduce_fen", balance=yuan(max(facts.balance_fen, 0)))
            less = one_line("REDUCTION", "异议减免", -body.reduce_fen)
            charges = (ChargeDraft(ChargePurpose.CREDIT, (less,), None),)
        clocks = self.finishing(facts)
        return Effects(status="FINISHED", charges=charges, clocks=clocks, reason=body.note, tell="resolved")

    def on_settle(self, step: Step, body: Settle, facts: Facts) -> Effects:
        if facts.balance_fen <= 0:
            raise NothingToPay
        if body.amount_fen > facts.balance_fen:
            raise TooMuchPaid(pointer="/amount_fen", balance=yuan(facts.balance_fen))
        payment = PaymentDraft(body.amount_fen, body.method, body.receipt_no)
        if facts.status == "CONFIRMED" and body.amount_fen == facts.balance_fen:
            end = self.closing(facts)
            return Effects(status=end.status, memory=end.memory, clocks=end.clocks, payment=payment, tell="settled")
        return Effects(payment=payment, tell="settled")

    def on_refund(self, step: Step, body: Refund, facts: Facts) -> Effects:
        if facts.balance_fen >= 0:
            raise NothingToRefund
        if body.amount_fen > -facts.balance_fen:
            raise TooMuchPaid(pointer="/amount_fen", balance=yuan(-facts.balance_fen))
        return Effects(refund=PaymentDraft(body.amount_fen, body.method, body.receipt_no), tell="refunded")

    def given_back(self, facts: Facts) -> tuple[ChargeDraft, ...]:
        """Everything that was paid goes back; charges that nobody has paid yet are voided beside it."""
        owed = sum(c.amount_fen for c in facts.charges if c.state != "VOID" and (c.paid_fen or c.amount_fen < 0))
        line = one_line("GIVEN_BACK", "全额退还", -owed)
        return (ChargeDraft(ChargePurpose.CREDIT, (line,), None),) if owed > 0 else ()
