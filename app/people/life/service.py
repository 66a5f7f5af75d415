"""Writing down what happens to people: quietly, as the family has other things to do than to read our messages."""

from datetime import date
from typing import Any
from uuid import UUID

from app.core.actors import Actor, Role
from app.core.flow import Party
from app.core.ids import new_id
from app.people import sessions
from app.people.life import problems, queries
from app.people.life.models import LIFE_FLOW, LifeEvent, LifeType, state_of
from app.people.life.schemas import TakeBackDeath
from app.people.models import Resident
from app.people.proxies import ending
from app.people.service import ResidentNotFound, require_call
from app.web.work import Work

STAFF_PARTIES = {Role.AGENT: Party.AGENT, Role.CLINIC: Party.CLINIC, Role.CLERK: Party.CLERK}


def parties(actor: Actor, resident_id: UUID) -> frozenset[Party]:
    """The person himself is the SUBJECT, who holds his proxy the RESIDENT."""
    if actor.role in STAFF_PARTIES:
        return frozenset({STAFF_PARTIES[actor.role]})
    return frozenset({Party.SUBJECT if resident_id == actor.id else Party.RESIDENT})


async def report(work: Work, resident_id: UUID, body: Any) -> Resident:
    """What is to come for this person ends or goes on by `orders.person_changed`; nobody is told anything."""
    require_call(work)
    person = await queries.locked(work.session, work.actor, resident_id, work.today)
    if person is None:
        raise ResidentNotFound
    mine = parties(work.actor, resident_id)
    LIFE_FLOW.permit(body.type, mine)
    LIFE_FLOW.choose(body.type, state_of(person), mine)
    taken_back = isinstance(body, TakeBackDeath)
    on = work.today if taken_back else body.on
    if on > work.today or (body.type == LifeType.RETURNED and on < (person.away_since or on)):
        raise problems.EventDay(pointer="/on")
    await _bring_about(work, person, LifeType(body.type), on)
    row = LifeEvent(
        id=new_id(),
        resident_id=person.id,
        type=body.type,
        happened_on=on,
        role=work.actor.role,
        channel=work.actor.channel,
        reported_by=work.actor.id if work.actor.role is Role.RESIDENT else None,
        recorded_by=work.actor.id if work.actor.is_staff else None,
        call_id=work.actor.call_id,
        reason=body.reason if taken_back else None,
        at=work.now,
    )
    work.session.add(row)
    person.version += 1
    await work.session.flush()
    await work.defer("orders.person_changed", resident_id=str(person.id))
    return person


async def _bring_about(work: Work, person: Resident, what: LifeType, on: date) -> None:
    if what is LifeType.HOSPITALISED:
        person.away_since = on
        return
    person.away_since = None
    person.deceased_on = on if what is LifeType.DECEASED else None
    if what is LifeType.DECEASED:
        await ending.end_all(work, person.id)
        await sessions.end_all(work, person.id, "deceased")
