"""From rows to facts: what a kind is told about an order, and which part the caller plays towards it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from app.bookings.models import Slot
from app.core.actors import Actor, Role
from app.core.clock import local_date
from app.core.flow import Party, Step
from app.kinds.base import Kind
from app.kinds.facts import Bill, CancelTerms, ChargeFact, Facts, ItemFacts, PriceLine, PriceSheet, QuoteFact, SlotFact
from app.kinds.registry import AnyDetails, kind_of
from app.kinds.steps import decimal
from app.menu.models import MenuItem
from app.menu.schemas import consents_of
from app.orders.models import Order, OrderQuote
from app.orders.queries import Seen
from app.orders.stored import bill_of, line_of
from app.orders.surroundings import Surroundings

DETAILS: TypeAdapter[Any] = TypeAdapter(AnyDetails)

_STAFF_PARTIES = {
    Role.MANAGER: Party.MANAGER,
    Role.CLERK: Party.CLERK,
    Role.COMMITTEE: Party.COMMITTEE,
    Role.CLINIC: Party.CLINIC,
    Role.SYSTEM: Party.SYSTEM,
}


def parties(actor: Actor, seen: Seen) -> frozenset[Party]:
    """The parts that the caller plays; `visible` has decided already that the order is there for him at all.

    An agent plays the part of the resident to whom the call is linked, or else of the one who ordered; never without
    a call, and the subject's own part only when the call is linked to him.
    """
    order = seen.order
    if actor.role is Role.RESIDENT or (actor.role is Role.AGENT and actor.call_id is not None):
        person = actor.id if actor.role is Role.RESIDENT else actor.for_id or order.requester_id
        mine = {
            Party.RESIDENT: seen.proxied or person in {order.requester_id, order.beneficiary_id},
            Party.OWNER: seen.owned,
            Party.SUBJECT: order.beneficiary_id == (actor.for_id if actor.role is Role.AGENT else actor.id),
        }
        return frozenset(party for party, is_mine in mine.items() if is_mine)
    if actor.role is Role.WORKER:
        roles = {Party.CREW: seen.mine_to_do, Party.DUTY: seen.on_duty}
        return frozenset(party for party, is_mine in roles.items() if is_mine)
    party = _STAFF_PARTIES.get(actor.role)
    return frozenset({party} if party else ())


def item_facts(item: MenuItem, rules: dict[str, Any]) -> ItemFacts:
    checked = kind_of(item.kind).rules.model_validate(rules)
    return ItemFacts(item.code, item.lead_days, item.form, checked, consents_of(item))


def slot_fact(slot: Slot) -> SlotFact:
    resource = slot.resource
    return SlotFact(
        slot.id,
        resource.name,
        slot.day,
        slot.code,
        slot.label,
        slot.start_at,
        slot.end_at,
        slot.closed,
        resource.code,
    )


def cancel_terms(row: dict[str, Any]) -> CancelTerms:
    return CancelTerms(row["text"], row["free_hours"], row["late_fee_fen"])


def stored_sheet(price: PriceSheet) -> dict[str, Any]:
    lines = [{"code": x.code, "label": x.label, "unit": x.unit, "unit_price": f"{x.unit_price:f}"} for x in price.lines]
    return {"version": price.version, "mode": price.mode, "lines": lines}


def sheet_of(row: dict[str, Any]) -> PriceSheet:
    lines = tuple(PriceLine(x["code"], x["label"], x["unit"], decimal(x["unit_price"])) for x in row["lines"])
    return PriceSheet(row["version"], row["mode"], lines)


def current_quote(order: Order) -> OrderQuote | None:
    return order.quotes[-1] if order.quotes else None


def _quote_fact(quote: OrderQuote | None) -> QuoteFact | None:
    if quote is None:
        return None
    lines = tuple(line_of(line) for line in quote.lines)
    return QuoteFact(quote.version, quote.state, quote.total_fen, quote.deposit_fen, quote.expires_at, lines)


def facts_of(seen: Seen, now: datetime, wanted: Sequence[Slot] = ()) -> Facts:
    """Everything a rule may look at, from a wholly loaded order; `wanted` are the slots that the step names."""
    order = seen.order
    return Facts(
        now=now,
        today=local_date(now),
        status=order.status,
        item=item_facts(order.item, order.rules),
        details=DETAILS.validate_python(order.details),
        price=sheet_of(order.price),
        bill=bill_of(order.bill),
        cancel_terms=cancel_terms(order.cancel_terms),
        quote=_quote_fact(current_quote(order)),
        charges=tuple(ChargeFact(c.purpose, c.state, c.amount_fen, c.paid_fen, c.refunded_fen) for c in order.charges),
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        slots=tuple(slot_fact(row.slot) for row in order.reservations) if seen.whole else (),
        wanted=tuple(slot_fact(slot) for slot in wanted),
        owner_known=seen.owner_known,
        orders_as_owner=seen.requester_owns,
        acks=frozenset(row["code"] for row in order.warnings if row["acknowledged"]),
        duty=seen.duty,
        person=seen.person,
        clinic=order.clinic.code if seen.whole and order.clinic else None,
        holidays=seen.holidays,
        displaced=order.displaced,
        memory=order.facts,
    )


def first_facts(
    *,
    now: datetime,
    today: date,
    kind: Kind,
    item: MenuItem,
    details: Any,
    price: PriceSheet,
    wanted: Sequence[Slot],
    orders_as_owner: bool,
    acks: frozenset[str],
    clinic: str | None,
    around: Surroundings,
) -> Facts:
    """The facts of an order that is not there yet."""
    return Facts(
        now=now,
        today=today,
        status=kind.flow.initial,
        item=item_facts(item, item.rules),
        details=details,
        price=price,
        bill=Bill(),
        cancel_terms=cancel_terms(item.cancel_terms),
        wanted=tuple(slot_fact(slot) for slot in wanted),
        owner_known=orders_as_owner,
        orders_as_owner=orders_as_owner,
        acks=acks,
        duty=around.duty,
        person=around.person,
        clinic=clinic,
        holidays=around.holidays,
    )


def choices(seen: Seen, facts: Facts, mine: frozenset[Party]) -> list[Step]:
    """What these parties may do now; the worker's own steps are nobody's choice."""
    order = seen.order
    kind = kind_of(order.kind)
    return [
        step
        for step in kind.flow.choices(order.status, mine)
        if step.action in kind.bodies and kind.allows(step, facts)
    ]
