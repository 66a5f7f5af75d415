"""Placing an order, and its preview that stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app.areas import queries as areas
from app.areas.emergencies.models import EmergencyWord
from app.areas.models import Clinic, Room
from app.bookings import queries as bookings
from app.bookings.models import Slot
from app.core import ids
from app.db.counters import next_number
from app.kinds import forms
from app.kinds.base import Kind
from app.kinds.effects import Notice
from app.kinds.facts import Bill, Facts, PriceSheet
from app.kinds.registry import kind_of
from app.menu import page as menu_page
from app.menu import queries as menu_queries
from app.menu.queries import Offered
from app.menu.schemas import sheet
from app.menu.service import NotOnMenu
from app.orders import consents, effects, emergency, problems, slots, surroundings
from app.orders.facts import first_facts, slot_fact, stored_sheet
from app.orders.models import Order
from app.orders.persons.resolve import Persons, persons, room_of, speaks_for_himself
from app.orders.queries import Seen
from app.orders.schemas import PlaceOrder
from app.orders.stored import stored_bill, stored_warnings
from app.orders.surroundings import Surroundings, Where
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
    people: Persons
    room: Room | None
    clinic: Clinic | None
    around: Surroundings
    wanted: Sequence[Slot]
    notices: tuple[Notice, ...]
    emergency: Sequence[EmergencyWord]


async def draft(work: Work, body: PlaceOrder) -> Draft:
    """Check an order against the menu, the people and the rules of its kind."""
    require_call(work)
    offered, kind, price = await _offered(work, body)
    people = await persons(work, body, kind, offered.compound)
    if kind.counts_as_open and people.requester.open_orders >= MOST_OPEN:
        raise problems.TooManyOpen(most=MOST_OPEN)
    room = room_of(body, kind, people, offered.compound)
    alarming = await emergency.found(work, emergency.texts(body.details) + emergency.texts(body.contact))
    clinic = await _clinic(work, kind, offered)
    around = await _around(work, kind, body, offered, clinic, people)
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
        orders_as_owner=room is not None and room.id in people.requester.owned,
        acks=frozenset(body.acks or ()),
        clinic=clinic.code if clinic else None,
        around=around,
    )
    kind.check(facts)
    wanted = await _spanned(work, kind, facts, offered) or wanted
    facts = replace(facts, wanted=tuple(slot_fact(slot) for slot in wanted))
    bill, notices = kind.estimate(facts), kind.notices(facts)
    return Draft(kind, offered, price, facts, bill, people, room, clinic, around, wanted, notices, alarming)


async def _offered(work: Work, body: PlaceOrder) -> tuple[Offered, Kind, PriceSheet]:
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
    when = menu_page.orderable(offered.item, offered.offer.offered_until, work.today)
    if when.reason is not None:
        raise problems.OutOfSeason(pointer="/item", reason=when.reason, first=when.from_)
    return offered, kind, price


async def _clinic(work: Work, kind: Kind, offered: Offered) -> Clinic | None:
    if not kind.wants_clinic:
        return None
    clinic = await areas.clinic_of(work.session, offered.compound.id)
    if clinic is None:
        raise problems.NoClinic(pointer="/compound", compound=offered.compound.name)
    return clinic


async def _around(
    work: Work, kind: Kind, body: PlaceOrder, offered: Offered, clinic: Clinic | None, people: Persons
) -> Surroundings:
    """What surrounds the order, with the consents that come along counted as given."""
    subject, code = people.beneficiary.person, clinic.code if clinic else None
    himself = people.orders_himself and speaks_for_himself(work.actor, subject.id)
    where = Where(offered.compound.id, clinic.id if clinic else None, code, subject, himself)
    around = await surroundings.load(work.session, kind, where, work.now, fresh=True)
    coming = consents.coming(work, body.consents or (), subject.id)
    return replace(around, person=replace(around.person, consents=around.person.consents | coming))


async def _spanned(work: Work, kind: Kind, facts: Facts, offered: Offered) -> Sequence[Slot]:
    span = kind.span(facts)
    if span is None:
        return ()
    found = await bookings.slots_overlapping(
        work.session, offered.compound.id, offered.item.code, span.resource_code, span.start, span.end
    )
    if not found:
        raise slots.SlotUnknown(pointer="/details")
    return found


def _check_lead_time(work: Work, offered: Offered, wanted: Sequence[Slot]) -> None:
    first, last = work.today + timedelta(days=offered.item.lead_days), work.today + forms.AHEAD
    for slot in wanted:
        if not first <= slot.day <= last:
            raise forms.DateOutOfRange(pointer="/slot_ids", first=first, last=last)


async def place(work: Work, body: PlaceOrder) -> Seen:
    """Write the order, its first row of history and what its kind begins with; all of it or nothing."""
    ready = await draft(work, body)
    flags = emergency.require_ack(ready.emergency, body.acks)
    consents.require_own(work, ready.facts.item.consents, ready.around.person)
    order = _row(work, body, ready)
    order.red_flags, order.priority = flags, emergency.FIRST if flags or ready.kind.urgent else 0
    order.compound, order.item, order.room = ready.offered.compound, ready.offered.item, ready.room
    order.requester, order.beneficiary = ready.people.requester.person, ready.people.beneficiary.person
    order.clinic = ready.clinic
    order.quotes, order.charges, order.clocks, order.assignees, order.rating = [], [], [], [], None
    await consents.give(work, body.consents or (), order.beneficiary_id, ready.clinic)
    began = ready.kind.begin(ready.facts)
    order.number = await next_number(work.session, ids.ORDER, work.today)
    work.session.add(order)
    owner = ready.facts.orders_as_owner
    around = ready.around
    seen = Seen(order, owner, owner, owner, duty=around.duty, person=around.person, holidays=around.holidays)
    slots.just_taken(order, ready.wanted if began.slots is not None else ())
    await effects.apply(work, seen, began, action="place", came_from=None, facts=ready.facts)
    await work.defer("orders.tell", order_id=str(order.id), event="placed", version=order.version)
    return seen


def _row(work: Work, body: PlaceOrder, ready: Draft) -> Order:
    actor, sealed = work.actor, ready.kind.sealed_note
    assert actor.id is not None
    details: dict[str, Any] = body.details.model_dump(mode="json")
    return Order(
        id=ids.new_id(),
        kind=ready.kind.code,
        item_code=ready.offered.item.code,
        compound_id=ready.offered.compound.id,
        area_id=ready.offered.compound.area_id,
        room_id=ready.room.id if ready.room else None,
        requester_id=ready.people.requester.person.id,
        beneficiary_id=ready.people.beneficiary.person.id,
        proxy_id=ready.people.proxy_id,
        clinic_id=ready.clinic.id if ready.clinic else None,
        placed_role=actor.role,
        placed_by=actor.id,
        channel=actor.channel,
        call_id=actor.call_id,
        contact=body.contact.model_dump(),
        note=details.pop(sealed, None) if sealed else None,
        details=details,
        warnings=stored_warnings(ready.notices, ready.facts.acks),
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
