"""Every write about duty: one level's list, replaced as a whole."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.areas import queries as areas
from app.areas.duty import queries
from app.areas.duty.models import DutyEntry, DutyLevel, DutyRoster, subjects
from app.areas.duty.schemas import PutDuty
from app.areas.models import Compound
from app.areas.problems import CompoundNotFound
from app.core.actors import Actor, Role
from app.core.errors import Forbidden, Invalid
from app.core.ids import new_id
from app.core.text import Text
from app.web.work import Work


class StaffUnknown(Invalid):
    code = "staff-unknown"
    title = Text("没有这个员工，或不服务这个片区", "No such member of staff in this area")
    detail = Text("“{username}”不是这个片区的员工账号。", "“{username}” is no account of staff who serve this area.")


class TownLineNeeded(Invalid):
    code = "town-line-needed"
    title = Text("全市一级至少要有一个全天候的电话", "The town's list needs a line that is always manned")


KEEPERS = {
    Role.MANAGER: frozenset({DutyLevel.COMPOUND}),
    Role.CLERK: frozenset(DutyLevel) - {DutyLevel.TOWN},
    Role.ADMIN: frozenset(DutyLevel),
}
"""Who keeps the lists of which levels, each for the areas that he serves."""


def keeps(actor: Actor, compound: Compound) -> bool:
    return actor.role in KEEPERS and actor.serves(compound.area_id)


async def put(work: Work, code: str, body: PutDuty) -> Compound:
    """The new list of a level; what is left empty falls through to the next, and the last is never empty."""
    compound = await areas.compound(work.session, code)
    if compound is None:
        raise CompoundNotFound
    if not keeps(work.actor, compound) or body.level not in KEEPERS[work.actor.role]:
        raise Forbidden
    if body.level is DutyLevel.TOWN and not any(contact.always for contact in body.contacts):
        raise TownLineNeeded(pointer="/contacts")
    roster = await _roster(work, body.level, subjects(compound)[body.level])
    work.expect(roster.version, required=roster.version > 0)
    entries = await _entries(work, roster, compound, body)
    await work.session.execute(delete(DutyEntry).where(DutyEntry.roster_id == roster.id))
    roster.version += 1
    work.session.add_all(entries)
    await work.session.flush()
    return compound


async def _roster(work: Work, level: DutyLevel, subject: str) -> DutyRoster:
    """The list, locked; a new one has version 0, which nobody else ever sees."""
    values = {"id": new_id(), "level": level, "subject": subject, "version": 0}
    await work.session.execute(insert(DutyRoster).values(values).on_conflict_do_nothing())
    return await queries.locked_roster(work.session, level, subject)


async def _entries(work: Work, roster: DutyRoster, compound: Compound, body: PutDuty) -> list[DutyEntry]:
    named = {contact.staff for contact in body.contacts if contact.staff}
    known = await queries.staff_serving(work.session, compound.area_id, named) if named else {}
    entries = []
    for place, contact in enumerate(body.contacts):
        if contact.staff is not None and contact.staff not in known:
            raise StaffUnknown(pointer=f"/contacts/{place}/staff", username=contact.staff)
        entries.append(
            DutyEntry(
                id=new_id(),
                roster_id=roster.id,
                ordinal=place + 1,
                post=contact.post,
                phone=contact.phone,
                staff_id=known[contact.staff] if contact.staff else None,
                weekdays=sorted(contact.weekdays),
                from_time=contact.from_,
                until_time=contact.until,
            )
        )
    return entries
