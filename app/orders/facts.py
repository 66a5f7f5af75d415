"""From rows to facts: what a kind is told about an order, and which part the caller plays towards it."""

from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from app.core.actors import Actor, Role
from app.core.clock import local_date
from app.core.flow import Party, Step
from app.kinds.base import (
    Bill,
    CancelTerms,
    ChargeFact,
    Facts,
    ItemFacts,
    Kind,
    PriceLine,
    PriceSheet,
    QuoteFact,
)
from app.kinds.registry import AnyDetails, kind_of
from app.kinds.steps import decimal
from app.menu.models import MenuItem
from app.orders.models import Order, OrderQuote
from app.orders.schemas import bill_of, line_of

DETAILS: TypeAdapter[Any] = TypeAdapter(AnyDetails)

_STAFF_PARTIES = {
    Role.MANAGER: Party.MANAGER,
    Role.CLERK: Party.CLERK,
    Role.COMMITTEE: Party.COMMITTEE,
    Role.CLINIC: Party.CLINIC,
    Role.WORKER: Party.CREW,
    Role.SYSTEM: Party.SYSTEM,
}


def parties(actor: Actor, order: Order) -> frozenset[Party]:
    """The parts that the caller plays; `visible` has decided already that the order is there for him at all.

    An agent plays the resident's part, and only while a call is open.
    """
    if actor.role is Role.RESIDENT or (actor.role is Role.AGENT and actor.call_id is not None):
        return frozenset({Party.RESIDENT})
    party = _STAFF_PARTIES.get(actor.role)
    return frozenset({party} if party else ())


def item_facts(item: MenuItem) -> ItemFacts:
    return ItemFacts(item.code, item.lead_days, item.form)


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


def facts_of(order: Order, now: datetime) -> Facts:
    """Everything a rule may look at, from a wholly loaded order."""
    return Facts(
        now=now,
        today=local_date(now),
        status=order.status,
        item=item_facts(order.item),
        details=DETAILS.validate_python(order.details),
        price=sheet_of(order.price),
        bill=bill_of(order.bill),
        cancel_terms=cancel_terms(order.cancel_terms),
        quote=_quote_fact(current_quote(order)),
        charges=tuple(ChargeFact(c.purpose, c.state, c.amount_fen, c.paid_fen, c.refunded_fen) for c in order.charges),
        starts_at=order.starts_at,
        memory=order.facts,
    )


def first_facts(*, now: datetime, today: date, kind: Kind, item: MenuItem, details: Any, price: PriceSheet) -> Facts:
    """The facts of an order that is not there yet."""
    return Facts(
        now=now,
        today=today,
        status=kind.flow.initial,
        item=item_facts(item),
        details=details,
        price=price,
        bill=Bill(),
        cancel_terms=cancel_terms(item.cancel_terms),
    )


def choices(order: Order, facts: Facts, mine: frozenset[Party]) -> list[Step]:
    """What these parties may do now; the worker's own steps are nobody's choice."""
    kind = kind_of(order.kind)
    return [
        step
        for step in kind.flow.choices(order.status, mine)
        if step.action in kind.bodies and kind.allows(step, facts)
    ]
