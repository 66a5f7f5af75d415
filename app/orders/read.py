"""An order as one caller sees it: what is masked, what he may do, and what happens next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.core.actors import Actor, Channel, Role
from app.core.flow import Party, Step
from app.core.text import Text, language
from app.kinds.base import Kind, StepBody
from app.kinds.facts import Bill, Facts, Settlement
from app.kinds.registry import kind_of
from app.orders import masks, times
from app.orders.facts import choices, current_quote, facts_of, parties, sheet_of
from app.orders.models import ChargeState, Order, OrderCharge, OrderEvent, OrderQuote
from app.orders.parts import (
    ActionRead,
    ChargeRead,
    ClinicOfOrder,
    ConsequenceRead,
    DutyPhone,
    HistoryRow,
    LineRead,
    MoneyRead,
    NextRead,
    PlacedBy,
    QuoteRead,
    RatingRead,
    WaitingFor,
    WarningRead,
    line_read,
)
from app.orders.queries import Seen
from app.orders.schemas import OrderRead, OrderRow
from app.orders.stored import line_of

SETTLEMENT = {
    Settlement.NONE: Text("无款项", "Nothing to pay"),
    Settlement.DUE: Text("待付款", "To be paid"),
    Settlement.PAID: Text("已付清", "Paid"),
    Settlement.REFUND_DUE: Text("待退款", "To be refunded"),
    Settlement.REFUNDED: Text("已退款", "Refunded"),
}
WORDS = {
    "place": Text("下单", "Placed"),
    "displace": Text("时段停用", "Slot closed"),
    "owner-found": Text("业主已核实", "Owner found"),
    "late": Text("顺延", "Moved"),
    "proxy-ended": Text("代办授权已结束", "Proxy ended"),
    "call-made": Text("已电话联系", "Called"),
    "call-unreached": Text("电话没有打通", "Not reached by phone"),
}
DISPLACED = Text("原来约的时段停用了，请改约一个时间。", "The slot has been closed; please choose another one.")

_SCHEMAS: dict[type[StepBody], dict[str, Any] | None] = {}


def takes(body: type[StepBody]) -> dict[str, Any] | None:
    """What the step asks beside its name, as JSON Schema; None when it asks nothing."""
    if body not in _SCHEMAS:
        schema = body.model_json_schema()
        schema["properties"].pop("action")
        required = [name for name in schema.get("required", []) if name != "action"]
        schema["required"] = required
        _SCHEMAS[body] = schema if schema["properties"] else None
    return _SCHEMAS[body]


def title_of(order: Order) -> str:
    return order.item.title_en if language.get() == "en" else order.item.title


def _lines(bill: Bill) -> list[LineRead]:
    return [line_read(line) for line in bill.lines]


def _money(order: Order, facts: Facts) -> MoneyRead:
    open_charges = [c for c in order.charges if c.state == ChargeState.OPEN]
    dues = [c.due_by for c in open_charges if c.due_by is not None]
    quote = facts.quote
    quoted = facts.bill.total_fen if facts.bill.total_fen is not None else (quote.total_fen if quote else None)
    return MoneyRead(
        quoted_fen=quoted,
        due_fen=max(facts.balance_fen, 0),
        due_by=min(dues, default=None),
        paid_fen=sum(c.paid_fen for c in order.charges),
        refunded_fen=sum(c.refunded_fen for c in order.charges),
        balance_fen=facts.balance_fen,
    )


def _quote(quote: OrderQuote | None) -> QuoteRead | None:
    if quote is None:
        return None
    return QuoteRead(
        version=quote.version,
        state=quote.state,
        lines=[line_read(line_of(line)) for line in quote.lines],
        total_fen=quote.total_fen,
        deposit_fen=quote.deposit_fen,
        note=quote.note,
        expires_at=quote.expires_at,
    )


def _charge(charge: OrderCharge) -> ChargeRead:
    return ChargeRead(
        purpose=charge.purpose,
        state=charge.state,
        lines=[line_read(line_of(line)) for line in charge.lines],
        amount_fen=charge.amount_fen,
        paid_fen=charge.paid_fen,
        refunded_fen=charge.refunded_fen,
        due_by=charge.due_by,
    )


def _action(order: Order, step: Step, facts: Facts) -> ActionRead:
    kind = kind_of(order.kind)
    told = kind.consequence(step, facts)
    consequence = told and ConsequenceRead(text=str(told.text), fee_fen=told.fee_fen, refund_fen=told.refund_fen)
    return ActionRead(
        action=step.action, label=str(step.label), takes=takes(kind.bodies[step.action]), consequence=consequence
    )


def _next(order: Order, facts: Facts) -> NextRead:
    party, words = kind_of(order.kind).waiting(facts)
    known = order.assignees[0].staff.post if party in {Party.CREW, Party.CLINIC} and order.assignees else None
    if order.displaced:
        party, words = Party.RESIDENT, DISPLACED
    return NextRead(text=str(words), waiting_for=WaitingFor(role=party, known=known), due=order.due_at)


def next_read(seen: Seen, now: datetime) -> NextRead:
    """What happens next with an order, for a list or to be read out."""
    return _next(seen.order, facts_of(seen, now))


def history_row(order: Order, event: OrderEvent, actor: Actor) -> HistoryRow:
    label = WORDS.get(event.action) or kind_of(order.kind).flow.action_label(event.action)
    return HistoryRow(
        at=event.at,
        action=event.action,
        label=str(label),
        from_status=event.from_status,
        to_status=event.to_status,
        actor_role=event.actor_role,
        actor_name=event.actor_name,
        on_behalf_of_id=event.on_behalf_of_id,
        channel=Channel(event.channel),
        reason=masks.reason(order, event.reason, event.actor_role, actor),
    )


def _warning(row: dict[str, Any]) -> WarningRead:
    values = {**row, "text": str(Text(*row["text"]))}
    return WarningRead(**values)


FINDINGS = ("survey", "tests", "filing")


def order_read(seen: Seen, events: Sequence[OrderEvent], actor: Actor, now: datetime) -> OrderRead:
    """The single resource, with actions that carry label, form and consequence for this caller, now."""
    order = seen.order
    facts, kind = facts_of(seen, now), kind_of(order.kind)
    whole = OrderRead(
        **_head(order, actor),
        compound_name=order.compound.name,
        room_label=order.room.label if order.room else None,
        settlement_label=str(SETTLEMENT[Settlement(order.settlement)]),
        price_version=order.price_version,
        price_text=str(sheet_of(order.price).text),
        details=masks.details(order, actor),
        lines=_lines(facts.bill),
        money=_money(order, facts),
        quote=_quote(current_quote(order)),
        charges=[_charge(charge) for charge in order.charges],
        schedule=times.schedule(order),
        slots=times.slots(order),
        offers=times.offers(order),
        warnings=[_warning(row) for row in order.warnings],
        call_now=_call_now(facts, kind),
        confirm_by=kind.confirm_by(facts),
        clinic=_clinic(order),
        visitor=masks.visitor(order, actor),
        note=masks.note(order, actor),
        findings={name: order.facts[name] for name in FINDINGS if name in order.facts},
        warranty_until=order.facts.get("warranty_until"),
        contact=masks.contact(order, actor),
        requester=masks.person(order.requester, actor),
        beneficiary=masks.person(order.beneficiary, actor),
        placed_by=PlacedBy(role=order.placed_role, name=_placer(order), call_id=order.call_id),
        channel=Channel(order.channel),
        history=[history_row(order, event, actor) for event in events],
        rating=_rating(order),
        actions=[_action(order, step, facts) for step in choices(seen, facts, parties(actor, seen))],
        next=_next(order, facts),
        closed_at=order.closed_at,
    )
    return masks.discreetly(whole) if masks.is_discreet(kind, actor) else whole


def _rating(order: Order) -> RatingRead | None:
    rating = order.rating
    return RatingRead(score=rating.score, comment=rating.comment, at=rating.created_at) if rating else None


def _call_now(facts: Facts, kind: Kind) -> list[DutyPhone]:
    return [DutyPhone(post=row.post, phone=row.phone) for row in kind.call_now(facts)]


def _placer(order: Order) -> str:
    if order.placed_by == order.requester_id:
        return "本人"
    return "代办人" if order.placed_role == Role.RESIDENT else "话务员"


def _clinic(order: Order) -> ClinicOfOrder | None:
    clinic = order.clinic
    return ClinicOfOrder(code=clinic.code, name=clinic.name, phone=clinic.phone) if clinic else None


def _named(order: Order, actor: Actor) -> dict[str, str]:
    """What the order is, and how far; in a discreet view only that somebody comes."""
    kind = kind_of(order.kind)
    if kind.discreet is not None and masks.is_discreet(kind, actor):
        status = kind.discreet[order.status]
        named = {"kind": "HOME_VISIT", "item": "home-visit", "title": str(masks.HOME_VISIT)}
        return {**named, "status": status, "status_label": str(masks.STATUS[status])}
    label = str(kind.flow.label(order.status))
    named = {"kind": order.kind, "item": order.item_code, "title": title_of(order)}
    return {**named, "status": order.status, "status_label": label}


def _head(order: Order, actor: Actor) -> dict[str, Any]:
    return {
        "id": order.id,
        "number": order.number,
        **_named(order, actor),
        "compound": order.compound.code,
        "room": order.room.code if order.room else None,
        "settlement": Settlement(order.settlement),
        "displaced": order.displaced,
        "flagged": bool(order.red_flags),
        "version": order.version,
        "placed_at": order.created_at,
    }


def order_row(seen: Seen, actor: Actor, now: datetime) -> OrderRow:
    """The order in a list: names of actions only, nothing personal."""
    order = seen.order
    facts = facts_of(seen, now)
    return OrderRow(
        **_head(order, actor),
        actions=[step.action for step in choices(seen, facts, parties(actor, seen))],
        waiting_for=Party(order.waits_for) if order.waits_for else None,
        due=order.due_at,
        starts_at=order.starts_at,
    )
