"""Taking a step: who, whether now, what it brings about; and the steps that the clock takes."""

from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.core.actors import Role
from app.core.errors import Invalid, InvalidTransition, Problem
from app.core.flow import Step
from app.kinds.base import Amendment, Facts, Kind
from app.kinds.registry import kind_of, refuse_foreign
from app.orders import effects, problems, queries
from app.orders.facts import DETAILS, facts_of, parties
from app.orders.models import Order
from app.orders.schemas import stored_bill
from app.people.service import require_call
from app.web.work import Work


async def take_step(work: Work, ref: str, body: Any) -> Order:
    """Refusals come in one order: 404 unseen, 403 not yours, 412 stale, 409 wrong moment, then 422."""
    require_call(work)
    order = await queries.locked(work.session, work.actor, ref)
    if order is None:
        raise problems.OrderNotFound
    kind, mine = kind_of(order.kind), parties(work.actor, order)
    kind.flow.permit(body.action, mine)
    work.expect(order.version)
    refuse_foreign(kind, body.action, order.status)
    facts = facts_of(order, work.now)
    step = _choose(kind, body.action, facts, mine)
    if body.action == "accept" and work.actor.role is Role.AGENT and not body.read_back:
        raise problems.ReadBackRequired(pointer="/read_back")
    await _bring_about(work, order, kind, step, body, facts)
    return order


def _choose(kind: Kind, action: str, facts: Facts, mine: Any) -> Step:
    step = kind.flow.choose(action, facts.status, mine)
    if not kind.allows(step, facts):
        raise InvalidTransition(status=kind.flow.label(facts.status), action=step.label)
    return step


async def _bring_about(work: Work, order: Order, kind: Kind, step: Step, body: Any, facts: Facts) -> None:
    before = order.status
    result = kind.decide(step, body, facts)
    if result.amendment is not None:
        await _amend(work, order, kind, result.amendment, facts)
    await effects.apply(work, order, result, action=step.action, came_from=before)


async def _amend(work: Work, order: Order, kind: Kind, change: Amendment, facts: Facts) -> None:
    if change.contact is not None:
        order.contact = dict(change.contact)
    if change.room is not None:
        found = await queries.person_and_rooms(
            work.session, {order.requester_id, order.beneficiary_id}, order.compound_id, work.today
        )
        rooms = {room.code: room for person in found.values() for room in person.rooms}
        if change.room not in rooms:
            raise problems.RoomNotYours(pointer="/room", room=change.room)
        order.room, order.room_id = rooms[change.room], rooms[change.room].id
    if change.details is not None:
        order.details = _checked_details(order, kind, change.details)
        new_facts = facts_of(order, work.now)
        kind.check(new_facts)
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
    order = await queries.locked(work.session, work.actor, str(order_id))
    clock = next((c for c in order.clocks if c.action == action), None) if order else None
    if order is None or clock is None or clock.due_at > work.now:
        return False
    order.clocks.remove(clock)
    kind, facts = kind_of(order.kind), facts_of(order, work.now)
    try:
        step = _choose(kind, action, facts, parties(work.actor, order))
    except Problem:
        await work.session.flush()
        return False
    await _bring_about(work, order, kind, step, None, facts)
    return True
