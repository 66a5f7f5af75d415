"""Who orders and for whom: he himself, a proxy for his principal, an agent for a caller."""

from dataclasses import dataclass
from uuid import UUID

from app.areas.models import Compound, Room
from app.core.actors import Actor, Role
from app.kinds.base import Kind
from app.orders import problems
from app.orders.persons import queries
from app.orders.persons.queries import PersonAndRooms
from app.orders.schemas import PlaceOrder
from app.people.proxies import queries as proxies
from app.web.work import Work


@dataclass(frozen=True, slots=True)
class Persons:
    """Both people of an order, and the grant that lets one act for the other."""

    requester: PersonAndRooms
    beneficiary: PersonAndRooms
    proxy_id: UUID | None

    @property
    def orders_himself(self) -> bool:
        return self.requester.person.id == self.beneficiary.person.id


def speaks_for_himself(actor: Actor, subject_id: UUID) -> bool:
    """Whether what the caller says is the subject's own word: he is it, or he is the one on the agent's line."""
    return subject_id == (actor.for_id if actor.role is Role.AGENT else actor.id)


async def persons(work: Work, body: PlaceOrder, kind: Kind, compound: Compound) -> Persons:
    """The people, checked: nobody orders for another one without his proxy."""
    requester_id, beneficiary_id = _named(work.actor, body)
    proxy_id = await _proxy(work, kind, requester_id, beneficiary_id)
    found = await queries.person_and_rooms(work.session, {requester_id, beneficiary_id}, compound.id, work.today)
    for name, person_id in (("on_behalf_of_id", requester_id), ("beneficiary_id", beneficiary_id)):
        if person_id not in found:
            raise problems.PersonNotFound(pointer=f"/{name}")
        if found[person_id].person.deceased_on is not None:
            raise problems.PersonDeceased(pointer=f"/{name}")
    return Persons(found[requester_id], found[beneficiary_id], proxy_id)


def _named(actor: Actor, body: PlaceOrder) -> tuple[UUID, UUID]:
    requester_id = body.on_behalf_of_id or (actor.id if actor.role is Role.RESIDENT else None)
    if requester_id is None:
        raise problems.OnBehalfRequired(pointer="/on_behalf_of_id")
    return requester_id, body.beneficiary_id or requester_id


async def _proxy(work: Work, kind: Kind, requester_id: UUID, beneficiary_id: UUID) -> UUID | None:
    """The grant that is needed here: the caller's for whom he orders, or the requester's for whom it is.

    An agent may order for a caller and name somebody else whom it is for; not where what is told is private.
    """
    agent = work.actor.role is Role.AGENT
    holder_id = requester_id if agent else work.actor.id
    assert holder_id is not None
    if not agent and requester_id not in {holder_id, beneficiary_id}:
        raise problems.ProxyScope
    if beneficiary_id == holder_id:
        return None
    grant = await proxies.active(work.session, holder_id, beneficiary_id, work.today)
    allowed = grant is not None and kind.proxy_scope in grant.scopes
    if not allowed and not (agent and not kind.private):
        raise problems.ProxyScope
    return grant.id if grant is not None and allowed else None


def room_of(body: PlaceOrder, kind: Kind, people: Persons, compound: Compound) -> Room | None:
    """Where it is done: a verified room of theirs, the subject's own where what is told is private."""
    lived_in = people.beneficiary.rooms
    rooms = {room.code: room for room in (*lived_in, *(() if kind.private else people.requester.rooms))}
    if not rooms and kind.needs_room:
        raise problems.BindingRequired(compound=compound.name)
    if body.room is not None:
        if body.room not in rooms:
            raise problems.RoomNotYours(pointer="/room", room=body.room)
        return rooms[body.room]
    if len(rooms) > 1 and kind.needs_room:
        raise problems.RoomRequired(pointer="/room", extra={"rooms": sorted(rooms)})
    return next(iter(rooms.values())) if len(rooms) == 1 else None
