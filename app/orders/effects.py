"""Effects become rows here, and nowhere else; each bumps the order's version and adds a row of history."""

import secrets
from dataclasses import replace
from typing import Any

from app.bookings import service as bookings
from app.core.actors import Role
from app.core.flow import Party
from app.core.ids import new_id
from app.kinds.effects import ChargeDraft, Effects, PaymentDraft, QuoteDraft
from app.kinds.facts import Facts, QuoteState, Settlement
from app.kinds.registry import kind_of
from app.orders import aftermath, problems, slots
from app.orders.facts import facts_of
from app.orders.models import ChargeState, Order, OrderAssignee, OrderCharge, OrderClock, OrderEvent, OrderQuote
from app.orders.persons import queries as persons
from app.orders.queries import Seen
from app.orders.stored import stored_bill, stored_line
from app.web.work import Work


async def apply(
    work: Work, seen: Seen, effects: Effects, *, action: str, came_from: str | None, facts: Facts | None = None
) -> OrderEvent:
    """Write down what a step brought about. The order's row is locked, or not there for anybody else yet.

    `facts` are those of a step that names slots which may clash.
    """
    order = seen.order
    effects = await _take_slots(work, seen, effects, facts, fresh=came_from is None)
    if effects.used:
        await bookings.use(work, order.id)
    if effects.status is not None:
        order.status = effects.status
    if effects.bill is not None:
        order.bill = stored_bill(effects.bill)
    if effects.memory is not None:
        order.facts = {**order.facts, **effects.memory}
    await _schedule(work, order, effects)
    if effects.priority is not None:
        order.priority = max(order.priority, effects.priority)
    _quote(work, order, effects)
    _charge(work, order, effects)
    _set_clocks(order, effects)
    order.settlement = settlement(order)
    _turn(work, seen)
    order.version += 1
    order.updated_at = work.now
    event = _event(work, order, effects, action, came_from)
    await work.session.flush()
    work.session.add(event)
    await work.session.flush()
    await aftermath.follow(work, seen, effects)
    return event


async def _schedule(work: Work, order: Order, effects: Effects) -> None:
    """When, by whom, and what is said at the door."""
    if effects.schedule is not None:
        order.starts_at, order.ends_at = effects.schedule
    if effects.unschedule:
        order.starts_at = order.ends_at = order.door_code = None
        order.assignees.clear()
    if effects.assign is not None:
        await _assign(work, order, effects.assign)
    if effects.door_code:
        order.door_code = f"{secrets.randbelow(10_000):04d}"


async def _take_slots(work: Work, seen: Seen, effects: Effects, facts: Facts | None, *, fresh: bool) -> Effects:
    """Take the slots; where a clash is allowed and one is taken, what the kind says to that comes on top."""
    if effects.slots is None:
        return effects
    order = seen.order
    order.displaced = False
    try:
        await slots.apply(work, order, effects.slots, fresh=fresh)
    except bookings.SlotTaken:
        if not effects.slots.or_clash or facts is None:
            raise
        slots.just_taken(order, ())
        more = kind_of(order.kind).on_clash(facts)
        return replace(
            effects,
            status=more.status or effects.status,
            tasks=(*effects.tasks, *more.tasks),
            clocks={**effects.clocks, **more.clocks},
            memory={**(effects.memory or {}), **(more.memory or {})},
            reason=more.reason or effects.reason,
        )
    return effects


def _turn(work: Work, seen: Seen) -> None:
    """Whose turn it is now and until when; whether anything is left to do."""
    order, kind = seen.order, kind_of(seen.order.kind)
    over = order.status in kind.flow.final | kind.over
    order.closed_at = (order.closed_at or work.now) if over else None
    party, _ = kind.waiting(facts_of(replace(seen, whole=False), work.now))
    order.waits_for = party
    due = min((clock.due_at for clock in order.clocks), default=None)
    order.due_at = order.starts_at if due is None or party in {Party.CREW} else due
    order.priority = 0 if over else order.priority


def settlement(order: Order) -> Settlement:
    """The axis of the money, from the charges alone."""
    charges = [c for c in order.charges if c.state != ChargeState.VOID]
    if not charges:
        return Settlement.NONE
    owed = sum(c.amount_fen for c in charges)
    paid = sum(c.paid_fen for c in charges)
    refunded = sum(c.refunded_fen for c in charges)
    if paid - refunded < owed:
        return Settlement.DUE
    if paid - refunded > owed:
        return Settlement.REFUND_DUE
    return Settlement.REFUNDED if refunded else Settlement.PAID


async def _assign(work: Work, order: Order, ids: tuple[Any, ...]) -> None:
    wanted = set(ids)
    if order.clinic_id is None:
        rows = await persons.workers(work.session, wanted, order.area_id)
    else:
        rows = await persons.clinic_staff(work.session, wanted, order.clinic_id)
    found = {staff.id: staff for staff in rows}
    if found.keys() != wanted:
        raise problems.WorkerUnknown(pointer="/worker_ids")
    for row in [a for a in order.assignees if a.staff_id not in wanted]:
        order.assignees.remove(row)
    for staff_id in sorted(wanted - {a.staff_id for a in order.assignees}):
        order.assignees.append(OrderAssignee(order_id=order.id, staff_id=staff_id, staff=found[staff_id]))


def _quote(work: Work, order: Order, effects: Effects) -> None:
    current = order.quotes[-1] if order.quotes else None
    if effects.quote_state is not None and current is not None:
        if effects.quote_state is QuoteState.ACCEPTED:
            for before in (quote for quote in order.quotes if quote.state == QuoteState.ACCEPTED):
                before.state = QuoteState.SUPERSEDED
        current.state, current.decided_at, current.decided_by = effects.quote_state, work.now, work.actor.id
    if effects.quote is not None:
        if current is not None and current.state == QuoteState.OFFERED:
            current.state, current.decided_at = QuoteState.SUPERSEDED, work.now
        order.quotes.append(_new_quote(work, effects.quote, current.version + 1 if current else 1))


def _new_quote(work: Work, draft: QuoteDraft, version: int) -> OrderQuote:
    assert work.actor.id is not None
    return OrderQuote(
        id=new_id(),
        version=version,
        state=QuoteState.OFFERED,
        lines=[stored_line(line) for line in draft.lines],
        total_fen=sum(line.amount_fen for line in draft.lines),
        deposit_fen=draft.deposit_fen,
        note=draft.note,
        expires_at=draft.expires_at,
        prepared_by=work.actor.id,
    )


def _charge(work: Work, order: Order, effects: Effects) -> None:
    for charge in order.charges:
        if charge.purpose in effects.void_unpaid and charge.state == ChargeState.OPEN and charge.paid_fen == 0:
            charge.state = ChargeState.VOID
    for draft in effects.charges:
        order.charges.append(_new_charge(draft))
    if effects.payment is not None:
        _pay(work, order, effects.payment)
    if effects.refund is not None:
        _refund(order, effects.refund)


def _new_charge(draft: ChargeDraft) -> OrderCharge:
    return OrderCharge(
        id=new_id(),
        purpose=draft.purpose,
        state=ChargeState.OPEN if draft.amount_fen > 0 else ChargeState.PAID,
        lines=[stored_line(line) for line in draft.lines],
        amount_fen=draft.amount_fen,
        due_by=draft.due_by,
        paid_fen=0,
        refunded_fen=0,
    )


def _pay(work: Work, order: Order, payment: PaymentDraft) -> None:
    """Spread a payment over the open charges, the oldest first; credits have lowered the balance already."""
    credit = -sum(c.amount_fen for c in order.charges if c.amount_fen < 0)
    left = payment.amount_fen
    for charge in (c for c in order.charges if c.amount_fen > 0 and c.state == ChargeState.OPEN):
        relief = min(credit, charge.amount_fen)
        credit -= relief
        part = min(left, charge.amount_fen - relief - charge.paid_fen)
        left -= part
        charge.paid_fen += part
        charge.paid_at, charge.paid_via = work.now, payment.method
        charge.receipt_no, charge.recorded_by = payment.receipt_no, work.actor.id
        if charge.paid_fen + relief >= charge.amount_fen:
            charge.state = ChargeState.PAID


def _refund(order: Order, refund: PaymentDraft) -> None:
    """Spread a refund over what was paid, the newest first."""
    left = refund.amount_fen
    for charge in reversed(order.charges):
        part = min(left, charge.paid_fen - charge.refunded_fen)
        left -= part
        charge.refunded_fen += part
        if part and charge.refunded_fen == charge.paid_fen:
            charge.state = ChargeState.REFUNDED


def _set_clocks(order: Order, effects: Effects) -> None:
    for action, due in effects.clocks.items():
        present = next((clock for clock in order.clocks if clock.action == action), None)
        if due is None:
            if present is not None:
                order.clocks.remove(present)
        elif present is None:
            order.clocks.append(OrderClock(order_id=order.id, action=action, due_at=due))
        else:
            present.due_at = due


def _event(work: Work, order: Order, effects: Effects, action: str, came_from: str | None) -> OrderEvent:
    actor = work.actor
    return OrderEvent(
        id=new_id(),
        order_id=order.id,
        action=action,
        from_status=came_from,
        to_status=order.status,
        actor_role=actor.role,
        actor_id=actor.id,
        actor_name=actor.name if actor.is_staff else "",
        on_behalf_of_id=(actor.for_id or order.requester_id) if actor.role is Role.AGENT else None,
        channel=actor.channel,
        reason=effects.reason,
        at=work.now,
    )
