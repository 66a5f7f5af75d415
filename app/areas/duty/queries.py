"""Every SELECT about duty: the rosters of a compound in the order of calling, and who stands where."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, case, column, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from app.areas.duty.models import TOWN, DutyEntry, DutyLevel, DutyRoster
from app.areas.models import Compound, ManagementArea, Operator
from app.core.clock import local


@dataclass(frozen=True, slots=True)
class DutyContact:
    """Somebody to call: post and phone are public."""

    level: str
    post: str
    phone: str
    staff_id: UUID | None


@dataclass(frozen=True, slots=True)
class Rosters:
    """Everything about a compound's duty: the lists of all levels, and the operator's own line behind its list."""

    lists: dict[DutyLevel, tuple[int, list[DutyEntry]]]
    operator: DutyContact | None

    def chain(self, at: datetime) -> list[DutyContact]:
        """Whom to call at this instant, the first to call first."""
        found = []
        for level in DutyLevel:
            manned = [entry for entry in self.lists[level][1] if manned_at(entry, at)]
            found += [DutyContact(level, entry.post, entry.phone, entry.staff_id) for entry in manned]
            if level is DutyLevel.OPERATOR and not manned and self.operator is not None:
                found.append(self.operator)
        return found


def manned_at(entry: DutyEntry, at: datetime) -> bool:
    """Whether somebody stands at the post at this instant; the small hours belong to the evening in which they began."""
    here = local(at)
    today, time = here.weekday() in entry.weekdays, here.time()
    since, until = entry.from_time, entry.until_time
    if since is None or until is None:
        return today
    if since < until:
        return today and since <= time < until
    yesterday = (here - timedelta(days=1)).weekday() in entry.weekdays
    return (today and time >= since) or (yesterday and time < until)


_RANK = case({level: rank for rank, level in enumerate(DutyLevel)}, value=DutyRoster.level)
_CONCERNS = or_(
    and_(DutyRoster.level == DutyLevel.COMPOUND, DutyRoster.subject == Compound.code),
    and_(DutyRoster.level == DutyLevel.OPERATOR, DutyRoster.subject == Operator.code),
    and_(
        DutyRoster.level == DutyLevel.COMMUNITY,
        DutyRoster.subject == ManagementArea.street + "/" + ManagementArea.neighbourhood,
    ),
    and_(DutyRoster.level == DutyLevel.STREET, DutyRoster.subject == ManagementArea.street),
    and_(DutyRoster.level == DutyLevel.TOWN, DutyRoster.subject == TOWN),
)


async def rosters(session: AsyncSession, compound: UUID | str) -> Rosters:
    """The lists of all levels that count for a compound, by its id or code; version 0 where nobody has made one."""
    rows = (
        select(DutyRoster.level, DutyRoster.version, DutyEntry, Operator.name, Operator.phone)
        .select_from(Compound)
        .join(ManagementArea, ManagementArea.id == Compound.area_id)
        .join(Operator, Operator.id == ManagementArea.operator_id)
        .outerjoin(DutyRoster, _CONCERNS)
        .outerjoin(DutyEntry, DutyEntry.roster_id == DutyRoster.id)
        .where(Compound.code == compound if isinstance(compound, str) else Compound.id == compound)
        .order_by(_RANK, DutyEntry.ordinal)
        .execution_options(populate_existing=True)
    )
    lists: dict[DutyLevel, tuple[int, list[DutyEntry]]] = {level: (0, []) for level in DutyLevel}
    operator = None
    for row in await session.execute(rows):
        operator = DutyContact(DutyLevel.OPERATOR, row.name, row.phone, None) if row.phone else None
        if row.level is not None:
            entries = lists[DutyLevel(row.level)][1]
            lists[DutyLevel(row.level)] = (row.version, entries)
            if row.DutyEntry is not None:
                entries.append(row.DutyEntry)
    return Rosters(lists, operator)


async def chain(session: AsyncSession, compound: UUID | str, at: datetime) -> list[DutyContact]:
    """Whom to call about a compound at this instant: its own people on duty, then operator, community, street, town.

    One statement; empty only for a compound that there is not.
    """
    return (await rosters(session, compound)).chain(at)


async def locked_roster(session: AsyncSession, level: DutyLevel, subject: str) -> DutyRoster:
    rows = select(DutyRoster).where(DutyRoster.level == level, DutyRoster.subject == subject).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalar_one()


_staff = table("staff", column("id", Uuid), column("username"), column("active"), column("all_areas"))
_staff_area = table("staff_area", column("staff_id", Uuid), column("area_id", Uuid))
"""People are a floor above: their tables are read here by name, as the foreign key names them."""


async def staff_serving(session: AsyncSession, area_id: UUID, usernames: Collection[str]) -> dict[str, UUID]:
    """Those of the named members of staff who work in the area, by username."""
    here = select(_staff_area.c.staff_id).where(_staff_area.c.area_id == area_id)
    rows = select(_staff.c.username, _staff.c.id).where(
        _staff.c.username.in_(usernames), _staff.c.active, or_(_staff.c.all_areas, _staff.c.id.in_(here))
    )
    return {row.username: row.id for row in await session.execute(rows)}


async def usernames(session: AsyncSession, found: Rosters) -> dict[UUID, str]:
    """Who stands on these rosters, by id."""
    ids = {entry.staff_id for _, entries in found.lists.values() for entry in entries if entry.staff_id}
    rows = await session.execute(select(_staff.c.id, _staff.c.username).where(_staff.c.id.in_(ids)))
    return {row.id: row.username for row in rows}


def on_roster(staff_id: Any) -> Select[UUID]:
    """The compounds on whose own roster a member of staff stands; `staff_id` is an id or a column."""
    return (
        select(Compound.id)
        .join(DutyRoster, and_(DutyRoster.level == DutyLevel.COMPOUND, DutyRoster.subject == Compound.code))
        .join(DutyEntry, DutyEntry.roster_id == DutyRoster.id)
        .where(DutyEntry.staff_id == staff_id)
    )
