"""What weddings and funerals have in common: limits, posted prices, filing, and the settlement list at the end."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from app.calendar import lunar_text
from app.core.clock import local_date
from app.core.flow import Step
from app.kinds import forms
from app.kinds.ceremony import limits
from app.kinds.ceremony.terms import File, NotPosted
from app.kinds.effects import ChargeDraft, Effects, Notice
from app.kinds.ending import Ending, one_line
from app.kinds.facts import Bill, BillLine, ChargePurpose, Facts
from app.kinds.steps import Assign

QUANTITIES = {"TABLE": "table_sets", "SOUND": "sound_days", "TENT": "tent_days", "CLEANING": "cleaning"}
"""Which field of the form says how much of a price line is wanted."""


def both_calendars(day: date) -> str:
    """`2026-02-10（腊月廿三）`: the Gregorian date is the truth, the lunar one stands beside it where it is known."""
    lunar = lunar_text(day)
    return f"{day}（{lunar}）" if lunar else f"{day}"


class Ceremony(Ending):
    """A day of many people: the pledge's limits are said, the law's hold, and what was used is listed before payment."""

    fields: ClassVar[Mapping[str, Any]]
    redo = "IN_PROGRESS"

    @abstractmethod
    def days(self, facts: Facts) -> int:
        """How many days it takes."""

    @abstractmethod
    def free(self, facts: Facts) -> Mapping[str, int]:
        """How much of a price line costs nothing."""

    def form(self, item_form: Mapping[str, Any] | None) -> dict[str, Any]:
        return dict(self.fields)

    def check(self, facts: Facts) -> None:
        answers = facts.details.model_dump(mode="json", exclude={"kind"}, exclude_none=True)
        first = min(facts.today, local_date(facts.starts_at)) if facts.starts_at else facts.today
        forms.check_answers(self.fields, answers, first, facts.item.lead_days)
        posted = {line.code for line in facts.price.lines}
        for code, quantity in self._wanted(facts).items():
            if quantity and code not in posted:
                what = self.fields["properties"][QUANTITIES[code]]["title"]
                raise NotPosted(pointer=f"/details/{QUANTITIES[code]}", what=what)
        limits.refuse(facts.item.rules.limits, limits.measured(facts.details, self.days(facts)))

    def notices(self, facts: Facts) -> tuple[Notice, ...]:
        return limits.warn(facts.item.rules.limits, limits.measured(facts.details, self.days(facts)))

    def estimate(self, facts: Facts) -> Bill:
        return Bill.of(self.lines(facts))

    def _wanted(self, facts: Facts) -> dict[str, int]:
        """How much is to be paid of each line: what is wanted beyond what is free."""
        free = self.free(facts)
        asked = {code: int(getattr(facts.details, name)) for code, name in QUANTITIES.items()}
        return {code: max(quantity - free.get(code, 0), 0) for code, quantity in asked.items()}

    def lines(self, facts: Facts) -> tuple[BillLine, ...]:
        """The posted lines in their order, each with what is wanted of it."""
        return self.priced(facts, self._wanted(facts))

    def priced(self, facts: Facts, quantities: Mapping[str, int]) -> tuple[BillLine, ...]:
        rows = ((line, quantities.get(line.code, 0)) for line in facts.price.lines)
        return tuple(BillLine(x.code, x.label, Decimal(n), x.unit, x.unit_price) for x, n in rows if n)

    def on_assign(self, step: Step, body: Assign, facts: Facts) -> Effects:
        return Effects(assign=tuple(body.worker_ids), tell="assigned")

    def filed(self, body: File, facts: Facts) -> dict[str, Any]:
        """What is kept of a filing."""
        return {"filing": {"on": facts.today.isoformat(), "filing_no": body.filing_no}}

    def closing(self, facts: Facts) -> Effects:
        return Effects(status="DONE")

    def settlement_list(self, lines: tuple[BillLine, ...], report: str, facts: Facts) -> Effects:
        """All lines less the deposit (明码标价和禁止价格欺诈规定, art. 15); made anew, it charges the difference only."""
        total, billed = sum(line.amount_fen for line in lines), facts.memory.get("billed_fen")
        if billed is None:
            rows = (*lines, *self._less_deposit(facts))
        else:
            rows = (one_line("CHANGED", "结算更正", total - billed),) if total != billed else ()
        amount = sum(line.amount_fen for line in rows)
        purpose, due = (ChargePurpose.FINAL, self.pay_by(facts)) if amount > 0 else (ChargePurpose.CREDIT, None)
        return Effects(
            status="FINISHED",
            charges=(ChargeDraft(purpose, rows, due),) if amount else (),
            clocks=self.finishing(facts),
            used=True,
            memory={"billed_fen": total},
            reason=report,
            tell="listed",
        )

    def _less_deposit(self, facts: Facts) -> tuple[BillLine, ...]:
        rows = [c for c in facts.charges if c.purpose == ChargePurpose.DEPOSIT and c.state != "VOID"]
        return tuple(one_line("LESS_DEPOSIT", "减：定金", -c.amount_fen) for c in rows)
