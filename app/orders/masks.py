"""Who reads what of an order: contacts, names, private answers, the clinic's note, and the discreet view of a visit."""

from typing import Any

from app.core.actors import Actor, Role
from app.core.text import Text, mask_name, mask_phone
from app.kinds.base import Kind
from app.kinds.registry import kind_of
from app.orders.models import Order
from app.orders.parts import ContactRead, NextRead, PersonRead, VisitorRead, WaitingFor
from app.orders.schemas import OrderRead
from app.people.models import Resident

PROPERTY = frozenset({Role.WORKER, Role.MANAGER, Role.COMMITTEE, Role.CLERK})
READERS = frozenset({Role.RESIDENT, Role.CLINIC})
"""Who reads private answers back: those who ordered or whom it is for, and the clinic that comes."""
HOME_VISIT = Text("上门服务", "Home visit")
STATUS = {"OPEN": Text("待上门", "To come"), "CLOSED": Text("已结束", "Ended")}
ONLY_THE_DOOR: dict[str, Any] = {
    "price_text": "",
    "details": {},
    "lines": [],
    "slots": [],
    "offers": [],
    "warnings": [],
    "call_now": [],
    "clinic": None,
    "visitor": None,
    "contact": None,
    "requester": None,
    "beneficiary": None,
    "history": [],
    "rating": None,
    "actions": [],
}


def is_discreet(kind: Kind, actor: Actor) -> bool:
    """Property staff see that somebody comes to a door at a time, and nothing of why."""
    return kind.discreet is not None and actor.role in PROPERTY


def discreetly(whole: OrderRead) -> OrderRead:
    """Time, door and “home visit”; all else is left out."""
    waits = WaitingFor(role=None, known=None)
    return whole.model_copy(update={**ONLY_THE_DOOR, "next": NextRead(text="", waiting_for=waits, due=None)})


def details(order: Order, actor: Actor) -> dict[str, Any]:
    """The answers, less what this caller may not read back."""
    hidden = frozenset() if actor.role in READERS else kind_of(order.kind).private
    return {name: value for name, value in order.details.items() if name not in hidden}


def note(order: Order, actor: Actor) -> str | None:
    return order.note if actor.role is Role.CLINIC else None


def contact(order: Order, actor: Actor) -> ContactRead:
    """Residents and the clinic see what was written; everybody else sees it masked."""
    row, plain = order.contact, actor.role in READERS
    return ContactRead(
        name=row["name"] if plain else mask_name(row["name"]),
        phone=row["phone"] if plain else mask_phone(row["phone"]),
        relation=row["relation"],
        call_before=row["call_before"],
    )


def person(someone: Resident, actor: Actor) -> PersonRead:
    """A name in full for its bearer and for the clinic that goes to see him; masked for everybody else."""
    name = someone.name or ""
    plain = someone.id == actor.id or actor.role is Role.CLINIC
    return PersonRead(id=someone.id, name=name if plain else mask_name(name))


def visitor(order: Order, actor: Actor) -> VisitorRead | None:
    """Who will ring, with the code that he says: for those at home and for the clinic."""
    if order.door_code is None or not order.assignees:
        return None
    staff = order.assignees[0].staff
    return VisitorRead(name=staff.name, post=staff.post, door_code=order.door_code if actor.role in READERS else None)


def reason(order: Order, text: str | None, written_by: str, actor: Actor) -> str | None:
    """What was written along with a step; what the clinic wrote is read by the clinic and those at home."""
    private = bool(kind_of(order.kind).private) and written_by == Role.CLINIC
    return None if private and actor.role not in READERS else text
