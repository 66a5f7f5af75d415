"""An order as one caller sees it: what is masked, what he may do, and what happens next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.core.actors import Actor, Channel, Role
from app.core.flow import Party, Step
from app.core.text import Text, language, mask_name, mask_phone
from app.kinds.base import StepBody
from app.kinds.facts import Bill, Facts, Settlement
from app.kinds.registry import kind_of
from app.orders.facts import choices, current_quote, facts_of, parties, sheet_of
from app.orders.models import ChargeState, Order, OrderCharge, OrderEvent, OrderQuote
from app.orders.queries import Seen
from app.orders.schemas import (
    ActionRead,
    ChargeRead,
    ConsequenceRead,
    ContactRead,
    HistoryRow,
    LineRead,
    MoneyRead,
    NextRead,
    OrderRead,
    OrderRow,
    PersonRead,
    PlacedBy,
    QuoteRead,
    RatingRead,
    ScheduleRead,
    SlotOfOrder,
    WaitingFor,
    line_read,
)
from app.orders.stored import line_of
from app.people.models import Resident

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


def _contact(order: Order, actor: Actor) -> ContactRead:
    """The resident sees what he wrote; everybody else sees it masked."""
    row = order.contact
    own = actor.role is Role.RESIDENT
    return ContactRead(
        name=row["name"] if own else mask_name(row["name"]),
        phone=row["phone"] if own else mask_phone(row["phone"]),
        relation=row["relation"],
        call_before=row["call_before"],
    )


def _person(person: Resident, actor: Actor) -> PersonRead:
    name = person.name or ""
    return PersonRead(id=person.id, name=name if person.id == actor.id else mask_name(name))


def _action(order: Order, step: Step, facts: Facts) -> ActionRead:
    kind = kind_of(order.kind)
    told = kind.consequence(step, facts)
    consequence = told and ConsequenceRead(text=str(told.text), fee_fen=told.fee_fen, refund_fen=told.refund_fen)
    return ActionRead(
        action=step.action, label=str(step.label), takes=takes(kind.bodies[step.action]), consequence=consequence
    )


def _next(order: Order, facts: Facts) -> NextRead:
    party, words = kind_of(order.kind).waiting(facts)
    known = order.assignees[0].staff.post if party is Party.CREW and order.assignees else None
    if order.displaced:
        party, words = Party.RESIDENT, DISPLACED
    return NextRead(text=str(words), waiting_for=WaitingFor(role=party, known=known), due=order.due_at)


def next_read(seen: Seen, now: datetime) -> NextRead:
    """What happens next with an order, for a list or to be read out."""
    return _next(seen.order, facts_of(seen, now))


def history_row(order: Order, event: OrderEvent) -> HistoryRow:
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
        reason=event.reason,
    )


def _schedule(order: Order) -> ScheduleRead | None:
    if order.starts_at is None or order.ends_at is None:
        return None
    workers = [row.staff.post for row in order.assignees]
    return ScheduleRead(start=order.starts_at, end=order.ends_at, workers=workers)


def _slots(order: Order) -> list[SlotOfOrder]:
    rows = sorted((row.slot for row in order.reservations), key=lambda slot: (slot.start_at, slot.id))
    return [
        SlotOfOrder(
            id=slot.id,
            resource=slot.resource.name,
            date=slot.day,
            part=slot.label,
            start=slot.start_at,
            end=slot.end_at,
            closed=slot.closed,
        )
        for slot in rows
    ]


FINDINGS = ("survey", "tests")


def order_read(seen: Seen, events: Sequence[OrderEvent], actor: Actor, now: datetime) -> OrderRead:
    """The single resource, with actions that carry label, form and consequence for this caller, now."""
    order = seen.order
    facts, kind = facts_of(seen, now), kind_of(order.kind)
    quote = current_quote(order)
    rating = order.rating
    return OrderRead(
        **_head(order),
        compound_name=order.compound.name,
        room_label=order.room.label if order.room else None,
        settlement_label=str(SETTLEMENT[Settlement(order.settlement)]),
        price_version=order.price_version,
        price_text=str(sheet_of(order.price).text),
        details=order.details,
        lines=_lines(facts.bill),
        money=_money(order, facts),
        quote=_quote(quote),
        charges=[_charge(charge) for charge in order.charges],
        schedule=_schedule(order),
        slots=_slots(order),
        findings={name: order.facts[name] for name in FINDINGS if name in order.facts},
        warranty_until=order.facts.get("warranty_until"),
        contact=_contact(order, actor),
        requester=_person(order.requester, actor),
        beneficiary=_person(order.beneficiary, actor),
        placed_by=PlacedBy(role=order.placed_role, name=_placer(order), call_id=order.call_id),
        channel=Channel(order.channel),
        history=[history_row(order, event) for event in events],
        rating=RatingRead(score=rating.score, comment=rating.comment, at=rating.created_at) if rating else None,
        actions=[_action(order, step, facts) for step in choices(seen, facts, parties(actor, seen))],
        next=_next(order, facts),
        closed_at=order.closed_at,
        status_label=str(kind.flow.label(order.status)),
        version=order.version,
    )


def _placer(order: Order) -> str:
    return "本人" if order.placed_by == order.requester_id else "话务员"


def _head(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "number": order.number,
        "kind": order.kind,
        "item": order.item_code,
        "title": title_of(order),
        "compound": order.compound.code,
        "room": order.room.code if order.room else None,
        "status": order.status,
        "settlement": Settlement(order.settlement),
        "displaced": order.displaced,
        "placed_at": order.created_at,
    }


def order_row(seen: Seen, actor: Actor, now: datetime) -> OrderRow:
    """The order in a list: names of actions only, nothing personal."""
    order = seen.order
    facts = facts_of(seen, now)
    return OrderRow(
        **_head(order),
        status_label=str(kind_of(order.kind).flow.label(order.status)),
        actions=[step.action for step in choices(seen, facts, parties(actor, seen))],
        waiting_for=Party(order.waits_for) if order.waits_for else None,
        due=order.due_at,
        starts_at=order.starts_at,
        version=order.version,
    )
