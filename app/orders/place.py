"""Placing an order, and its preview that stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.areas.models import Room
from app.bookings.models import Slot
from app.core import ids
from app.core.actors import Role
from app.db.counters import next_number
from app.kinds import forms
from app.kinds.base import Kind
from app.kinds.facts import Bill, Facts, PriceSheet
from app.kinds.registry import kind_of
from app.menu import page as menu_page
from app.menu import queries as menu_queries
from app.menu.queries import Offered
from app.menu.schemas import sheet
from app.menu.service import NotOnMenu
from app.orders import effects, problems, queries, slots
from app.orders.facts import first_facts, stored_sheet
from app.orders.models import Order
from app.orders.queries import PersonAndRooms, Seen
from app.orders.schemas import PlaceOrder
from app.orders.stored import stored_bill
from app.people.models import Resident
from app.people.service import require_call
from app.web.work import Work

MOST_OPEN = 5
"""So many orders may one person have open at a time; kinds that cannot wait are not counted."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that has passed every check and is not written yet."""

    kind: Kind
    offered: Offered
    price: PriceSheet
    facts: Facts
    bill: Bill
    requester: Resident
    beneficiary: Resident
    room: Room | None
    wanted: Sequence[Slot]


async def draft(work: Work, body: PlaceOrder) -> Draft:
    """Check an order against the menu, the people and the rules of its kind."""
    require_call(work)
    offered = await menu_queries.offered(work.session, body.compound, body.item, work.today)
    if offered is None:
        raise NotOnMenu(pointer="/item", item=body.item, compound=body.compound)
    kind = kind_of(offered.item.kind)
    if body.details.kind != kind.code:
        raise NotOnMenu(pointer="/details/kind", item=body.item, compound=body.compound)
    price = sheet(offered.item.pricing, offered.price)
    if body.price_version != price.version:
        extra = {"price_version": price.version}
        raise problems.PriceChanged(pointer="/price_version", extra=extra, version=price.version, price_text=price.text)
    _check_season(work, offered)
    requester, beneficiary = await _people(work, body, offered)
    if kind.counts_as_open and requester.open_orders >= MOST_OPEN:
        raise problems.TooManyOpen(most=MOST_OPEN)
    room = _room(body, requester, beneficiary, offered)
    wanted = await slots.wanted(work, kind, body.slot_ids, offered.compound.id, offered.item.code)
    _check_lead_time(work, offered, wanted)
    facts = first_facts(
        now=work.now,
        today=work.today,
        kind=kind,
        item=offered.item,
        details=body.details,
        price=price,
        wanted=wanted,
        orders_as_owner=room is not None and room.id in requester.owned,
    )
    kind.check(facts)
    bill = kind.estimate(facts)
    return Draft(kind, offered, price, facts, bill, requester.person, beneficiary.person, room, wanted)


def _check_lead_time(work: Work, offered: Offered, wanted: Sequence[Slot]) -> None:
    first, last = work.today + timedelta(days=offered.item.lead_days), work.today + forms.AHEAD
    for slot in wanted:
        if not first <= slot.day <= last:
            raise forms.DateOutOfRange(pointer="/slot_ids", first=first, last=last)


def _check_season(work: Work, offered: Offered) -> None:
    when = menu_page.orderable(offered.item, offered.offer.offered_until, work.today)
    if when.reason is not None:
        raise problems.OutOfSeason(pointer="/item", reason=when.reason, first=when.from_)


async def _people(work: Work, body: PlaceOrder, offered: Offered) -> tuple[PersonAndRooms, PersonAndRooms]:
    if work.actor.role is Role.RESIDENT:
        requester_id = body.on_behalf_of_id or work.actor.id
        if requester_id != work.actor.id or body.beneficiary_id not in {None, work.actor.id}:
            raise problems.ProxyScope
    else:
        requester_id = body.on_behalf_of_id
        if requester_id is None:
            raise problems.OnBehalfRequired(pointer="/on_behalf_of_id")
    assert requester_id is not None
    beneficiary_id: UUID = body.beneficiary_id or requester_id
    found = await queries.person_and_rooms(
        work.session, {requester_id, beneficiary_id}, offered.compound.id, work.today
    )
    for name, person_id in (("on_behalf_of_id", requester_id), ("beneficiary_id", beneficiary_id)):
        if person_id not in found:
            raise problems.PersonNotFound(pointer=f"/{name}")
    return found[requester_id], found[beneficiary_id]


def _room(body: PlaceOrder, requester: PersonAndRooms, beneficiary: PersonAndRooms, offered: Offered) -> Room | None:
    rooms = {room.code: room for room in (*beneficiary.rooms, *requester.rooms)}
    if not rooms:
        raise problems.BindingRequired(compound=offered.compound.name)
    if body.room is None:
        if len(rooms) > 1:
            raise problems.RoomRequired(pointer="/room", extra={"rooms": sorted(rooms)})
        return next(iter(rooms.values()))
    if body.room not in rooms:
        raise problems.RoomNotYours(pointer="/room", room=body.room)
    return rooms[body.room]


async def place(work: Work, body: PlaceOrder) -> Seen:
    """Write the order, its first row of history and what its kind begins with; all of it or nothing."""
    ready = await draft(work, body)
    order = _row(work, body, ready)
    order.compound, order.item, order.room = ready.offered.compound, ready.offered.item, ready.room
    order.requester, order.beneficiary = ready.requester, ready.beneficiary
    order.quotes, order.charges, order.clocks, order.assignees, order.rating = [], [], [], [], None
    began = ready.kind.begin(ready.facts)
    order.number = await next_number(work.session, ids.ORDER, work.today)
    work.session.add(order)
    owner = ready.facts.orders_as_owner
    seen = Seen(order, owned=owner, owner_known=owner, requester_owns=owner, whole=True)
    await effects.apply(work, seen, began, action="place", came_from=None)
    slots.just_taken(order, ready.wanted)
    await work.defer("orders.tell", order_id=str(order.id), event="placed", version=order.version)
    return seen


def _row(work: Work, body: PlaceOrder, ready: Draft) -> Order:
    actor = work.actor
    assert actor.id is not None
    details: dict[str, Any] = body.details.model_dump(mode="json")
    return Order(
        id=ids.new_id(),
        kind=ready.kind.code,
        item_code=ready.offered.item.code,
        compound_id=ready.offered.compound.id,
        area_id=ready.offered.compound.area_id,
        room_id=ready.room.id if ready.room else None,
        requester_id=ready.requester.id,
        beneficiary_id=ready.beneficiary.id,
        placed_role=actor.role,
        placed_by=actor.id,
        channel=actor.channel,
        call_id=actor.call_id,
        contact=body.contact.model_dump(),
        details=details,
        form_version=ready.offered.item.form_version,
        price_version=ready.price.version,
        price=stored_sheet(ready.price),
        cancel_terms=ready.offered.item.cancel_terms,
        bill=stored_bill(ready.bill),
        status=ready.kind.flow.initial,
        settlement="NONE",
        facts={},
        rules=ready.offered.item.rules,
        displaced=False,
        version=0,
        created_at=work.now,
        updated_at=work.now,
    )
