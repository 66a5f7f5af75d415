"""Closing an account: nothing personal is left of it but what the law keeps, and nobody can be found by it."""

from sqlalchemy import delete, update

from app.db.types import blind
from app.people import sessions
from app.people.consents import service as consents
from app.people.homes import queries as homes
from app.people.homes.models import Invitation
from app.people.life.models import LifeEvent
from app.people.models import PHONE, Disclosure, PhoneCode, ResidencyStatus, Resident
from app.people.proxies import ending
from app.people.proxies import queries as proxies
from app.people.wechat import accounts
from app.web.work import Work


async def close(work: Work, person: Resident) -> None:
    """Anonymise the resident and end all that hangs on him; the row stays, because orders and money refer to it.

    The caller has made sure that nothing is open. `orders.scrub_person` goes through his orders afterwards.
    """
    await _leave_homes(work, person)
    await ending.end_all(work, person.id)
    for proxy in await proxies.all_of(work.session, person.id):
        proxy.relation = proxy.named = None
    await consents.withdraw_all(work, person.id)
    await sessions.end_all(work, person.id, "closed")
    await accounts.unlink(work, person.id)
    for statement in (
        delete(LifeEvent).where(LifeEvent.resident_id == person.id),
        update(Disclosure).where(Disclosure.subject_id == person.id).values(note=None),
        delete(PhoneCode).where(PhoneCode.phone_index == blind(person.phone or "", PHONE)),
    ):
        await work.session.execute(statement.execution_options(synchronize_session=False))
    person.lose_phone()
    person.name = person.name_index = person.birth_year = person.away_since = None
    person.privacy_version = person.privacy_accepted_at = None
    person.closed_at = work.now
    person.version += 1
    await work.session.flush()
    await work.defer("orders.scrub_person", resident_id=str(person.id))


async def _leave_homes(work: Work, person: Resident) -> None:
    """Bindings end today, those that wait too; invitations that nobody has used are worth nothing."""
    for home in await homes.all_of(work.session, person.id):
        home.reason = None
        if home.status in homes.LIVE:
            home.status = ResidencyStatus.ENDED
            home.end_on = max(home.start_on, min(work.today, home.end_on or work.today))
            home.version += 1
    unused = update(Invitation).where(Invitation.invited_by == person.id, Invitation.used_at.is_(None))
    await work.session.execute(unused.values(expires_at=work.now).execution_options(synchronize_session=False))
    await work.session.flush()
