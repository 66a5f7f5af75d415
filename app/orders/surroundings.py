"""What surrounds an order and only some kinds want to know: who is on duty, the person's consents and past, holidays."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.areas.duty import queries as duty
from app.bookings import queries as bookings
from app.calendar import Holidays
from app.core.clock import local_date
from app.kinds.base import Kind
from app.kinds.facts import DutyFact, Person
from app.orders.persons import queries as persons
from app.people.consents import queries as consents
from app.people.models import Resident

CALENDAR_DAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Loaded only as far as the kind wants them; the rest has its plain value."""

    duty: tuple[DutyFact, ...] = ()
    person: Person = field(default_factory=Person)
    holidays: Holidays = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Where:
    """For whom, where, and which clinic: what the surroundings are asked for."""

    compound_id: UUID
    clinic_id: UUID | None
    clinic_code: str | None
    subject: Resident
    orders_himself: bool


async def load(session: AsyncSession, kind: Kind, where: Where, now: datetime, *, fresh: bool = False) -> Surroundings:
    """At most a statement for each thing that the kind wants; `fresh` also looks at the person's past."""
    chain: tuple[DutyFact, ...] = ()
    if kind.wants_duty:
        rows = await duty.chain(session, where.compound_id, now)
        chain = tuple(DutyFact(row.level, row.post, row.phone) for row in rows)
    holidays: Holidays = {}
    if kind.wants_holidays:
        today = local_date(now)
        holidays = await bookings.holidays(session, today, today + CALENDAR_DAYS)
    person = Person(orders_himself=where.orders_himself)
    if kind.wants_clinic:
        person = await _person(session, kind, where, now, fresh=fresh)
    return Surroundings(chain, person, holidays)


async def _person(session: AsyncSession, kind: Kind, where: Where, now: datetime, *, fresh: bool) -> Person:
    """A fresh order asks for consents to the texts in force; one that is there keeps to what has been given."""
    asked = consents.held if fresh else consents.standing_codes
    held = await asked(session, where.subject.id)
    codes = frozenset(code for code, recipient in held if recipient in {None, where.clinic_code})
    past = persons.Past(0, contract=False)
    if fresh:
        past = await persons.past(session, kind.code, where.subject.id, where.clinic_id, now)
    born = where.subject.birth_year
    years = local_date(now).year - born if born is not None else None
    return Person(where.orders_himself, years, codes, past.missed, past.contract)
