"""The kind for services that need nothing special: the form lies with the menu item, the price is posted or quoted."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from app.core.flow import CLERK, CREW, MANAGER, RESIDENT, SYSTEM, Flow, Party, Step
from app.core.money import yuan
from app.core.text import NO_NUL, Safe, Text
from app.kinds import forms
from app.kinds.base import Details, StepBody
from app.kinds.contact import Amend
from app.kinds.effects import ChargeDraft, Consequence, Effects, QuoteDraft
from app.kinds.ending import Ending, one_line
from app.kinds.facts import Bill, BillLine, ChargePurpose, Facts, QuoteState
from app.kinds.problems import InThePast, QuoteGone, QuoteVersionNeeded
from app.kinds.steps import (
    Accept,
    Cancel,
    Confirm,
    Decline,
    Dispute,
    Finish,
    MakeQuote,
    Reject,
    Resolve,
    Schedule,
    Settle,
    Start,
    bill_lines,
)

Answer = (
    bool
    | Annotated[int, Field(strict=True, ge=-1_000_000_000, le=1_000_000_000)]
    | Annotated[str, Field(max_length=1000, pattern=NO_NUL), Safe]
    | Annotated[list[Annotated[str, Field(max_length=200, pattern=NO_NUL), Safe]], Field(max_length=20)]
)


class GeneralDetails(Details):
    """The answers to the form that the menu item carries, one property a field."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Answer]

    kind: Literal["GENERAL"]

    @property
    def answers(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


LABELS = {
    "SUBMITTED": Text("已提交", "Submitted"),
    "QUOTED": Text("已报价", "Quoted"),
    "ACCEPTED": Text("已接单", "Accepted"),
    "SCHEDULED": Text("已排期", "Scheduled"),
    "IN_PROGRESS": Text("服务中", "In progress"),
    "FINISHED": Text("待确认", "Finished"),
    "DISPUTED": Text("有异议", "Disputed"),
    "CONFIRMED": Text("待结算", "Confirmed"),
    "DONE": Text("已完成", "Done"),
    "CANCELLED": Text("已取消", "Cancelled"),
    "DECLINED": Text("未能承接", "Declined"),
    "EXPIRED": Text("报价已过期", "Quote expired"),
}


class General(Ending):
    """Submit, accept, schedule, do, settle, done."""

    code = "GENERAL"
    redo = "ACCEPTED"
    rateable = frozenset({"CONFIRMED", "DONE"})
    title = Text("一般服务", "General service")
    details = GeneralDetails
    bodies: ClassVar[Mapping[str, type[StepBody]]] = {
        "accept": Accept,
        "reject": Reject,
        "decline": Decline,
        "quote": MakeQuote,
        "amend": Amend,
        "schedule": Schedule,
        "start": Start,
        "finish": Finish,
        "confirm": Confirm,
        "dispute": Dispute,
        "resolve": Resolve,
        "settle": Settle,
        "cancel": Cancel,
    }
    flow = Flow(
        "SUBMITTED",
        LABELS,
        Step("accept", {"SUBMITTED"}, "ACCEPTED", by=MANAGER, label=Text("接单", "Accept")),
        Step("quote", {"SUBMITTED", "QUOTED"}, "QUOTED", by=MANAGER, label=Text("报价", "Quote")),
        Step("accept", {"QUOTED"}, "ACCEPTED", by=RESIDENT, label=Text("接受报价", "Accept the quote")),
        Step("reject", {"QUOTED"}, "CANCELLED", by=RESIDENT, label=Text("不接受报价", "Reject the quote")),
        Step("lapse", {"QUOTED"}, "EXPIRED", by=SYSTEM, label=Text("报价过期", "Quote expires")),
        Step("schedule", {"ACCEPTED", "SCHEDULED"}, "SCHEDULED", by=MANAGER, label=Text("排期派工", "Schedule")),
        Step("start", {"SCHEDULED"}, "IN_PROGRESS", by=CREW, label=Text("开始服务", "Start")),
        Step("finish", {"IN_PROGRESS"}, "FINISHED", by=CREW, label=Text("完工", "Finish")),
        Step("confirm", {"FINISHED"}, {"CONFIRMED", "DONE"}, by=RESIDENT, label=Text("确认完工", "Confirm")),
        Step("remind", {"FINISHED"}, None, by=SYSTEM, label=Text("提醒确认", "Remind")),
        Step(
            "lapse-silence", {"FINISHED"}, {"CONFIRMED", "DONE"}, by=SYSTEM, label=Text("默认确认", "Silence accepts")
        ),
        Step("dispute", {"FINISHED", "CONFIRMED"}, "DISPUTED", by=RESIDENT, label=Text("提出异议", "Dispute")),
        Step("resolve", {"DISPUTED"}, {"ACCEPTED", "FINISHED"}, by=MANAGER, label=Text("处理异议", "Resolve")),
        Step("settle", {"CONFIRMED"}, {"CONFIRMED", "DONE"}, by=CLERK, label=Text("收款", "Settle")),
        Step("settle", {"CANCELLED"}, None, by=CLERK, label=Text("收取消费", "Settle")),
        Step("amend", {"SUBMITTED", "QUOTED", "ACCEPTED"}, None, by=RESIDENT, label=Text("修改", "Amend")),
        Step(
            "cancel",
            {"SUBMITTED", "QUOTED", "ACCEPTED", "SCHEDULED"},
            "CANCELLED",
            by=RESIDENT,
            label=Text("取消", "Cancel"),
        ),
        Step(
            "decline",
            {"SUBMITTED", "QUOTED", "ACCEPTED", "SCHEDULED"},
            "DECLINED",
            by=MANAGER,
            label=Text("不能承接", "Decline"),
        ),
    )
    waits: ClassVar[Mapping[str, tuple[Party | None, Text]]] = {
        "SUBMITTED": (Party.MANAGER, Text("等物业接单或报价。", "Waiting for the property office.")),
        "QUOTED": (Party.RESIDENT, Text("报价已出，等您接受。", "The quote waits for your answer.")),
        "ACCEPTED": (Party.MANAGER, Text("已接单，等物业排期派工。", "Taken on; waiting for a date.")),
        "SCHEDULED": (Party.CREW, Text("已排期，师傅会按时上门。", "Scheduled; the crew will come.")),
        "IN_PROGRESS": (Party.CREW, Text("正在服务。", "The work is under way.")),
        "FINISHED": (Party.RESIDENT, Text("已完工，请您确认；三天没有回音视为确认。", "Finished; please confirm.")),
        "DISPUTED": (Party.MANAGER, Text("您的异议正在处理。", "Your dispute is being handled.")),
        "CONFIRMED": (Party.CLERK, Text("请按结算单付款。", "Please pay by the settlement list.")),
        "DONE": (None, Text("已办结。", "Done.")),
        "CANCELLED": (None, Text("已取消。", "Cancelled.")),
        "DECLINED": (None, Text("物业未能承接，不收费。", "Declined; nothing is charged.")),
        "EXPIRED": (None, Text("报价已过期，需要时请重新下单。", "The quote has expired; order again if needed.")),
    }

    def form(self, item_form: Mapping[str, Any] | None) -> dict[str, Any]:
        return dict(item_form or forms.EMPTY)

    def check(self, facts: Facts) -> None:
        forms.check_answers(self.form(facts.item.form), facts.details.answers, facts.today, facts.item.lead_days)

    def estimate(self, facts: Facts) -> Bill:
        """The posted lines once each, or by the number in the form's field of the same code; open for a quote."""
        if facts.price.mode == "QUOTE":
            return Bill()
        lines = []
        for line in facts.price.lines:
            wanted = facts.details.answers.get(line.code.lower(), 1)
            quantity = Decimal(wanted if isinstance(wanted, int) and not isinstance(wanted, bool) else 1)
            lines.append(BillLine(line.code, line.label, quantity, line.unit, line.unit_price))
        return Bill.of(tuple(lines))

    def allows(self, step: Step, facts: Facts) -> bool:
        quoted = facts.price.mode == "QUOTE"
        if step.action == "quote":
            return quoted
        if step.action == "accept" and facts.status == "SUBMITTED":
            return not quoted
        if step.action == "settle":
            return facts.balance_fen > 0
        return True

    def on_quote(self, step: Step, body: MakeQuote, facts: Facts) -> Effects:
        lines = bill_lines(body.lines)
        expires = facts.now + timedelta(days=body.valid_days)
        draft = QuoteDraft(lines, 0, expires, body.note)
        return Effects(status=step.target, quote=draft, clocks={"lapse": expires}, tell="quoted")

    def on_accept(self, step: Step, body: Accept, facts: Facts) -> Effects:
        if facts.status == "SUBMITTED":
            return Effects(status=step.target, tell="accepted")
        quote = facts.quote
        if body.quote_version is None:
            raise QuoteVersionNeeded(pointer="/quote_version")
        if quote is None or quote.version != body.quote_version or facts.now >= quote.expires_at:
            raise QuoteGone(version=quote.version if quote else 0)
        return Effects(
            status=step.target, bill=Bill.of(quote.lines), quote_state=QuoteState.ACCEPTED, clocks={"lapse": None}
        )

    def on_reject(self, step: Step, body: Reject, facts: Facts) -> Effects:
        clocks = {"lapse": None}
        return Effects(status=step.target, quote_state=QuoteState.REJECTED, clocks=clocks, reason=body.reason)

    def on_lapse(self, step: Step, body: None, facts: Facts) -> Effects:
        return Effects(status=step.target, quote_state=QuoteState.EXPIRED, tell="expired")

    def on_decline(self, step: Step, body: Decline, facts: Facts) -> Effects:
        return Effects(status=step.target, clocks={"lapse": None}, reason=body.reason, tell="declined")

    def on_amend(self, step: Step, body: Amend, facts: Facts) -> Effects:
        return Effects(amendment=body.amendment())

    def on_schedule(self, step: Step, body: Schedule, facts: Facts) -> Effects:
        if body.start < facts.now:
            raise InThePast(pointer="/start")
        period = (body.start, body.end)
        return Effects(status=step.target, schedule=period, assign=tuple(body.worker_ids), tell="scheduled")

    def on_finish(self, step: Step, body: Finish, facts: Facts) -> Effects:
        charged = any(c.purpose == ChargePurpose.FINAL for c in facts.charges)
        final = ChargeDraft(ChargePurpose.FINAL, facts.bill.lines, self.pay_by(facts))
        charges = () if charged or not facts.bill.total_fen else (final,)
        clocks = self.finishing(facts)
        return Effects(status=step.target, charges=charges, clocks=clocks, reason=body.report, tell="finished")

    def closing(self, facts: Facts) -> Effects:
        return Effects(status="DONE")

    def on_cancel(self, step: Step, body: Cancel, facts: Facts) -> Effects:
        fee = self._cancel_fee(facts)
        charges: tuple[ChargeDraft, ...] = ()
        if fee:
            line = one_line("CANCEL_FEE", "取消费", fee)
            charges = (ChargeDraft(ChargePurpose.CANCEL_FEE, (line,), self.pay_by(facts)),)
        clocks = {"lapse": None}
        return Effects(status=step.target, charges=charges, clocks=clocks, reason=body.reason, tell="cancelled")

    def _cancel_fee(self, facts: Facts) -> int:
        terms = facts.cancel_terms
        if facts.starts_at is None or facts.starts_at - facts.now >= timedelta(hours=terms.free_hours):
            return 0
        return terms.late_fee_fen

    def consequence(self, step: Step, facts: Facts) -> Consequence | None:
        if step.action == "cancel":
            fee = self._cancel_fee(facts)
            free = Text("现在取消不收费。", "Cancelling now is free.")
            paid = Text(f"现在取消收取 {yuan(fee)} 元。", f"Cancelling now costs {yuan(fee)} yuan.")
            return Consequence(paid if fee else free, fee_fen=fee, refund_fen=0)
        if step.action == "accept" and facts.quote is not None and facts.status == "QUOTED":
            amount = yuan(facts.quote.total_fen)
            return Consequence(Text(f"接受后总价 {amount} 元。", f"The price will be {amount} yuan."))
        return None
