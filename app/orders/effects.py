"""Effects become rows here, and nowhere else; each bumps the order's version and adds a row of history."""

from typing import Any

from app.core.actors import Role
from app.core.ids import new_id
from app.kinds.base import ChargeDraft, Effects, PaymentDraft, QuoteDraft, QuoteState, Settlement
from app.kinds.registry import kind_of
from app.orders import problems, queries
from app.orders.models import ChargeState, Order, OrderAssignee, OrderCharge, OrderClock, OrderEvent, OrderQuote
from app.orders.schemas import stored_bill, stored_line
from app.web.work import Work


async def apply(work: Work, order: Order, effects: Effects, *, action: str, came_from: str | None) -> OrderEvent:
    """Write down what a step brought about. The order's row is locked, or not there for anybody else yet."""
    if effects.status is not None:
        order.status = effects.status
    if effects.bill is not None:
        order.bill = stored_bill(effects.bill)
    if effects.memory is not None:
        order.facts = {**order.facts, **effects.memory}
    if effects.schedule is not None:
        order.starts_at, order.ends_at = effects.schedule
    if effects.assign is not None:
        await _assign(work, order, effects.assign)
    _quote(work, order, effects)
    for charge in effects.charges:
        order.charges.append(_charge(charge))
    if effects.payment is not None:
        _pay(work, order, effects.payment)
    _set_clocks(order, effects)
    order.settlement = settlement(order)
    final = order.status in kind_of(order.kind).flow.final
    order.closed_at = (order.closed_at or work.now) if final else None
    order.version += 1
    order.updated_at = work.now
    event = _event(work, order, effects, action, came_from)
    await work.session.flush()
    work.session.add(event)
    await work.session.flush()
    if effects.tell is not None:
        await work.defer("orders.tell", order_id=str(order.id), event=effects.tell)
    return event


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
    found = {staff.id: staff for staff in await queries.workers(work.session, wanted, order.area_id)}
    if found.keys() != wanted:
        raise problems.WorkerUnknown(pointer="/worker_ids")
    for row in [a for a in order.assignees if a.staff_id not in wanted]:
        order.assignees.remove(row)
    for staff_id in sorted(wanted - {a.staff_id for a in order.assignees}):
        order.assignees.append(OrderAssignee(order_id=order.id, staff_id=staff_id, staff=found[staff_id]))


def _quote(work: Work, order: Order, effects: Effects) -> None:
    current = order.quotes[-1] if order.quotes else None
    if effects.quote_state is not None and current is not None:
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


def _charge(draft: ChargeDraft) -> OrderCharge:
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
        on_behalf_of_id=order.requester_id if actor.role is Role.AGENT else None,
        channel=actor.channel,
        reason=effects.reason,
        at=work.now,
    )
