"""Every SELECT about areas, compounds and places; all of it is public."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from app.areas.models import Building, Clinic, ClinicCompound, Compound, ManagementArea, Room, Unit


@dataclass(frozen=True, slots=True)
class Filters:
    street: str | None = None
    area_class: str | None = None
    name: str | None = None


def _literally(text: str) -> str:
    """The text for a LIKE that means just itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_WORDS = (
    joinedload(ManagementArea.area_class, innerjoin=True),
    joinedload(ManagementArea.stage, innerjoin=True),
    joinedload(ManagementArea.operator, innerjoin=True),
)


async def areas(session: AsyncSession, filters: Filters, *, after: str | None, limit: int) -> Sequence[ManagementArea]:
    rows = select(ManagementArea).options(*_WORDS)
    if filters.street is not None:
        rows = rows.where(ManagementArea.street == filters.street)
    if filters.area_class is not None:
        rows = rows.where(ManagementArea.class_code == filters.area_class)
    if after is not None:
        rows = rows.where(ManagementArea.code > after)
    return (await session.execute(rows.order_by(ManagementArea.code).limit(limit))).scalars().all()


async def area(session: AsyncSession, code: str) -> ManagementArea | None:
    rows = select(ManagementArea).options(*_WORDS)
    return (await session.execute(rows.where(ManagementArea.code == code))).scalar_one_or_none()


async def areas_by_code(session: AsyncSession, codes: Sequence[str]) -> Sequence[ManagementArea]:
    rows = select(ManagementArea).where(ManagementArea.code.in_(codes))
    return (await session.execute(rows)).scalars().all()


async def compound_codes(session: AsyncSession, area_id: UUID) -> Sequence[str]:
    rows = select(Compound.code).where(Compound.area_id == area_id).order_by(Compound.code)
    return (await session.execute(rows)).scalars().all()


async def compounds(session: AsyncSession, filters: Filters, *, after: str | None, limit: int) -> Sequence[Compound]:
    """Compounds by code; the name is searched for literally."""
    rows = select(Compound).join(Compound.area).options(contains_eager(Compound.area))
    if filters.street is not None:
        rows = rows.where(ManagementArea.street == filters.street)
    if filters.area_class is not None:
        rows = rows.where(ManagementArea.class_code == filters.area_class)
    if filters.name is not None:
        rows = rows.where(Compound.name.like(f"%{_literally(filters.name)}%", escape="\\"))
    if after is not None:
        rows = rows.where(Compound.code > after)
    return (await session.execute(rows.order_by(Compound.code).limit(limit))).scalars().all()


async def compound(session: AsyncSession, code: str) -> Compound | None:
    """The compound with its area and the area's words."""
    rows = select(Compound).options(joinedload(Compound.area, innerjoin=True).options(*_WORDS))
    return (await session.execute(rows.where(Compound.code == code))).scalar_one_or_none()


async def buildings(session: AsyncSession, compound_id: UUID) -> Sequence[Building]:
    rows = select(Building).where(Building.compound_id == compound_id)
    return (await session.execute(rows)).scalars().all()


async def units(session: AsyncSession, compound_id: UUID) -> Sequence[Unit]:
    rows = select(Unit).join(Building, Building.id == Unit.building_id).where(Building.compound_id == compound_id)
    return (await session.execute(rows)).scalars().all()


async def rooms(session: AsyncSession, compound_id: UUID) -> Sequence[Room]:
    rows = select(Room).where(Room.compound_id == compound_id).order_by(Room.code)
    return (await session.execute(rows)).scalars().all()


async def locked_compound(session: AsyncSession, code: str) -> Compound | None:
    """The compound, its row locked until the end of the transaction; rows that refer to it may still come in."""
    rows = select(Compound).where(Compound.code == code).with_for_update(key_share=True)
    return (await session.execute(rows)).scalar_one_or_none()


async def room(session: AsyncSession, code: str) -> Room | None:
    return (await session.execute(select(Room).where(Room.code == code))).scalar_one_or_none()


async def rooms_elsewhere(session: AsyncSession, compound_id: UUID, codes: Sequence[str]) -> set[str]:
    """Which of these codes are rooms of another compound."""
    rows = select(Room.code).where(Room.code.in_(codes), Room.compound_id != compound_id)
    return set((await session.execute(rows)).scalars())


async def room_ids(session: AsyncSession, compound_id: UUID) -> dict[str, UUID]:
    """The id of every room of a compound, by its code."""
    rows = await session.execute(select(Room.code, Room.id).where(Room.compound_id == compound_id))
    return {row.code: row.id for row in rows}


async def clinic_of(session: AsyncSession, compound_id: UUID) -> Clinic | None:
    """The clinic whose doctors visit the compound."""
    rows = select(Clinic).join(ClinicCompound, ClinicCompound.clinic_id == Clinic.id)
    return (await session.execute(rows.where(ClinicCompound.compound_id == compound_id))).scalar_one_or_none()


async def clinic(session: AsyncSession, code: str, *, lock: bool = False) -> Clinic | None:
    rows = select(Clinic).where(Clinic.code == code)
    if lock:
        rows = rows.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(rows)).scalar_one_or_none()


async def compounds_of_clinic(session: AsyncSession, clinic_id: UUID) -> dict[str, UUID]:
    """The compounds that a clinic serves, by code."""
    rows = select(Compound.code, Compound.id).join(ClinicCompound, ClinicCompound.compound_id == Compound.id)
    found = await session.execute(rows.where(ClinicCompound.clinic_id == clinic_id).order_by(Compound.code))
    return {row.code: row.id for row in found}


async def compound_ids(session: AsyncSession, codes: Sequence[str]) -> dict[str, UUID]:
    """The id of each of these compounds, by its code."""
    rows = await session.execute(select(Compound.code, Compound.id).where(Compound.code.in_(codes)))
    return {row.code: row.id for row in rows}


async def clinics_serving(session: AsyncSession, compound_ids: Sequence[UUID]) -> Sequence[UUID]:
    """The clinics that serve any of these compounds."""
    rows = select(ClinicCompound.clinic_id).where(ClinicCompound.compound_id.in_(compound_ids)).distinct()
    return (await session.execute(rows.order_by(ClinicCompound.clinic_id))).scalars().all()
