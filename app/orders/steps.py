"""Taking a step: who, whether now, what it brings about; and the steps that the clock takes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.bookings.models import Slot
from app.core.actors import Actor, Role
from app.core.errors import Invalid, InvalidTransition, Problem
from app.core.flow import Party, Step
from app.kinds.base import Kind
from app.kinds.effects import Amendment, Effects
from app.kinds.facts import Facts
from app.kinds.registry import kind_of, refuse_foreign
from app.orders import effects, emergency, problems, queries, slots
from app.orders.facts import DETAILS, facts_of, parties
from app.orders.models import Order
from app.orders.persons import queries as persons
from app.orders.queries import Seen
from app.orders.stored import stored_bill, stored_warnings
from app.people.service import require_call
from app.web.work import Work


async def take_step(work: Work, ref: str, body: Any) -> Seen:
    """Refusals come in one order: 404 unseen, 403 not yours, 412 stale, 409 wrong moment, then 422."""
    require_call(work)
    seen = await queries.locked(work.session, work.actor, ref)
    if seen is None:
        raise problems.OrderNotFound
    order = seen.order
    kind = kind_of(order.kind)
    kind.flow.permit(body.action, parties(work.actor, seen))
    work.expect(order.version)
    step = permitted(kind, seen, work.actor, body.action, facts_of(seen, work.now))
    alarming = await emergency.found(work, emergency.texts(body)) if hasattr(body, "acks") else ()
    if flags := emergency.require_ack(alarming, getattr(body, "acks", None)):
        order.red_flags = sorted({*order.red_flags, *flags})
        order.priority = emergency.FIRST
    facts = facts_of(seen, work.now, await _wanted(work, order, kind, body))
    if body.action == "accept" and work.actor.role is Role.AGENT and not body.read_back:
        raise problems.ReadBackRequired(pointer="/read_back")
    await _bring_about(work, seen, kind, step, body, facts)
    return seen


def permitted(kind: Kind, seen: Seen, actor: Actor, action: str, facts: Facts) -> Step:
    """The step that is meant: 403 when it is never this caller's, 409 when it is not the moment."""
    mine = parties(actor, seen)
    kind.flow.permit(action, mine)
    refuse_foreign(kind, action, facts.status)
    return _choose(kind, action, facts, mine)


async def _wanted(work: Work, order: Order, kind: Kind, body: Any) -> Sequence[Slot]:
    ids = getattr(body, "slot_ids", None)
    if ids is None:
        return ()
    return await slots.wanted(work, kind, ids, order.compound_id, order.item_code, action=body.action)


def _choose(kind: Kind, action: str, facts: Facts, mine: Any) -> Step:
    step = kind.flow.choose(action, facts.status, mine)
    if not kind.allows(step, facts):
        raise InvalidTransition(status=kind.flow.label(facts.status), action=step.label)
    return step


async def _bring_about(work: Work, seen: Seen, kind: Kind, step: Step, body: Any, facts: Facts) -> None:
    before = seen.order.status
    result = kind.decide(step, body, facts)
    if result.amendment is not None:
        await _amend(work, seen, kind, result.amendment, facts)
    await effects.apply(work, seen, result, action=step.action, came_from=before, facts=facts)


async def _amend(work: Work, seen: Seen, kind: Kind, change: Amendment, facts: Facts) -> None:
    order = seen.order
    if change.contact is not None:
        order.contact = dict(change.contact)
    if change.room is not None:
        people = {order.beneficiary_id} if kind.private else {order.requester_id, order.beneficiary_id}
        found = await persons.person_and_rooms(work.session, people, order.compound_id, work.today)
        rooms = {room.code: room for person in found.values() for room in person.rooms}
        if change.room not in rooms:
            raise problems.RoomNotYours(pointer="/room", room=change.room)
        order.room, order.room_id = rooms[change.room], rooms[change.room].id
    if change.details is not None:
        details = _checked_details(order, kind, change.details)
        if kind.sealed_note is not None:
            order.note = details.pop(kind.sealed_note, None) or order.note
        order.details = details
        new_facts = facts_of(seen, work.now)
        kind.check(new_facts)
        known = frozenset(row["code"] for row in order.warnings if row["acknowledged"])
        order.warnings = stored_warnings(kind.notices(new_facts), known | set(change.acks))
        if facts.quote is None:
            order.bill = stored_bill(kind.estimate(new_facts))


def _checked_details(order: Order, kind: Kind, details: dict[str, Any]) -> dict[str, Any]:
    merged = {**order.details, **details, "kind": kind.code}
    try:
        checked: dict[str, Any] = DETAILS.validate_python(merged).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(pointer="/details/" + "/".join(str(p) for p in first["loc"][1:])) from error
    return checked


async def run_clock(work: Work, order_id: UUID, action: str) -> bool:
    """Take the step whose time has come; False when somebody was faster or it no longer applies."""
    seen = await queries.locked(work.session, work.actor, str(order_id))
    clock = next((c for c in seen.order.clocks if c.action == action), None) if seen else None
    if seen is None or clock is None or clock.due_at > work.now:
        return False
    seen.order.clocks.remove(clock)
    kind, facts = kind_of(seen.order.kind), facts_of(seen, work.now)
    try:
        step = _choose(kind, action, facts, parties(work.actor, seen))
    except Problem:
        await work.session.flush()
        return False
    await _bring_about(work, seen, kind, step, None, facts)
    return True


async def displace(work: Work, order_id: UUID) -> bool:
    """The slot of an order has been closed: its row of history says so, and its kind or a desk finds another time."""
    seen = await queries.locked(work.session, work.actor, str(order_id))
    if seen is None or seen.order.displaced or not any(row.slot.closed for row in seen.order.reservations):
        return False
    result = kind_of(seen.order.kind).on_closed_slot(facts_of(seen, work.now))
    before = seen.order.status
    if result is None:
        seen.order.displaced, result = True, Effects(tell="displaced")
    await effects.apply(work, seen, result, action="displace", came_from=before)
    return True


async def by_itself(work: Work, order_id: UUID, action: str) -> bool:
    """A step of the system that something else has brought about; False when it does not apply now."""
    seen = await queries.locked(work.session, work.actor, str(order_id))
    if seen is None:
        return False
    kind, facts = kind_of(seen.order.kind), facts_of(seen, work.now)
    try:
        step = _choose(kind, action, facts, parties(work.actor, seen))
    except Problem:
        return False
    await _bring_about(work, seen, kind, step, None, facts)
    return True


async def owner_found(work: Work, order_id: UUID) -> bool:
    """An owner of the flat has become known: it is his turn now."""
    seen = await queries.locked(work.session, work.actor, str(order_id))
    if seen is None or not seen.owner_known or seen.order.waits_for != Party.CLERK:
        return False
    await effects.apply(work, seen, Effects(tell="quoted"), action="owner-found", came_from=seen.order.status)
    return True
