"""SELECTs about the people of an order; whoever asks has been let in already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.areas.models import Room
from app.core.actors import Role
from app.kinds.registry import KINDS
from app.orders.models import Order
from app.people.models import OWNERS, Residency, ResidencyStatus, Resident, Staff, StaffArea

NOT_COUNTED = sorted(kind.code for kind in KINDS.values() if not kind.counts_as_open)
MISSED_WITHIN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class PersonAndRooms:
    """Somebody who orders, or for whom: the verified rooms in the compound, those he owns, how many open orders."""

    person: Resident
    rooms: tuple[Room, ...]
    owned: frozenset[UUID]
    open_orders: int


async def person_and_rooms(
    session: AsyncSession, resident_ids: set[UUID], compound_id: UUID, today: date
) -> dict[UUID, PersonAndRooms]:
    """Both people of an order, with their verified rooms here and their open orders, in one statement.

    Their rows are held: an account that is being closed meanwhile is waited for, and then it is not there.
    """
    open_orders = (
        select(func.count())
        .where(Order.requester_id == Resident.id, Order.closed_at.is_(None), Order.kind.not_in(NOT_COUNTED))
        .correlate(Resident)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(Resident, Room, Residency.role, open_orders)
        .outerjoin(
            Residency,
            (Residency.resident_id == Resident.id)
            & (Residency.status == ResidencyStatus.VERIFIED)
            & (Residency.start_on <= today)
            & or_(Residency.end_on.is_(None), Residency.end_on > today),
        )
        .outerjoin(Room, (Room.id == Residency.room_id) & (Room.compound_id == compound_id))
        .where(Resident.id.in_(resident_ids), Resident.closed_at.is_(None))
        .order_by(Room.code)
        .with_for_update(of=Resident, read=True, key_share=True)
    )
    found: dict[UUID, PersonAndRooms] = {}
    for person, room, role, count in rows:
        before = found.get(person.id) or PersonAndRooms(person, (), frozenset(), count)
        rooms = (*before.rooms, room) if room and room not in before.rooms else before.rooms
        owned = before.owned | {room.id} if room and role in OWNERS else before.owned
        found[person.id] = PersonAndRooms(person, rooms, owned, count)
    return found


async def workers(session: AsyncSession, ids: set[UUID], area_id: UUID) -> Sequence[Staff]:
    """Those of the named staff who are workers of the area."""
    serves = select(StaffArea.staff_id).where(StaffArea.area_id == area_id)
    rows = select(Staff).where(
        Staff.id.in_(ids), Staff.active, Staff.role == Role.WORKER, or_(Staff.all_areas, Staff.id.in_(serves))
    )
    return (await session.execute(rows)).scalars().all()


async def clinic_staff(session: AsyncSession, ids: set[UUID], clinic_id: UUID | None) -> Sequence[Staff]:
    """Those of the named staff who belong to the clinic."""
    rows = select(Staff).where(Staff.id.in_(ids), Staff.active, Staff.role == Role.CLINIC, Staff.clinic_id == clinic_id)
    return (await session.execute(rows)).scalars().all()


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier orders of the same kind say about somebody: how often nobody was at home, and of a contract."""

    missed: int
    contract: bool


async def past(session: AsyncSession, kind: str, person_id: UUID, clinic_id: UUID | None, now: datetime) -> Past:
    """Visits missed within 90 days, and whether the clinic has noted a contract with this person."""
    missed = func.count().filter(and_(Order.status == "NO_ONE_HOME", Order.closed_at >= now - MISSED_WITHIN))
    signed = func.bool_or(and_(Order.clinic_id == clinic_id, Order.facts["contract"].as_boolean()))
    row = (
        await session.execute(
            select(missed, func.coalesce(signed, False)).where(Order.kind == kind, Order.beneficiary_id == person_id)
        )
    ).one()
    return Past(row[0], row[1])
