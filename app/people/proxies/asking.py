"""Asking for a proxy, in both directions; the answer is the same whether or not the one who is named is known."""

from datetime import timedelta
from uuid import UUID

from app.core.ages import ADULT_AT, is_under
from app.core.clock import add_months
from app.core.ids import new_id
from app.core.phones import is_mobile
from app.db.types import blind
from app.people import codes
from app.people import queries as people
from app.people.homes.problems import ResidentUnknown
from app.people.models import Resident
from app.people.proxies import ending, problems, queries
from app.people.proxies.models import PROXY_FLOW, Proxy, ProxyEvidence, ProxyStatus
from app.people.proxies.schemas import AskProxy, RecordProxy
from app.people.service import ResidentNotFound
from app.web.work import Work

CODE_VALID = timedelta(minutes=30)
"""The principal may have to be called first."""

ASKED_PER_DAY = 10


async def ask(work: Work, body: AskProxy) -> Proxy:
    """A pending proxy between the caller and the one whom he names; the principal's phone gets a code."""
    assert work.actor.id is not None
    me = await people.resident(work.session, work.actor.id)
    assert me is not None
    refuse_minor(work, me)
    asks_principal = body.role == "PRINCIPAL"
    reached = body.phone if asks_principal else me.phone
    if (reached is None and body.room is None) or (reached is not None and not is_mobile(reached)):
        raise problems.MobileRequired(pointer="/phone" if asks_principal else None)
    await codes.count_day(work, blind(str(me.id), "attempts.proxies"), ASKED_PER_DAY)
    other = await _named(work, me, body)
    principal, holder = (other, me) if asks_principal else (me, other)
    row = Proxy(
        id=new_id(),
        scopes=body.scopes,
        relation=body.relation,
        evidence=ProxyEvidence.CODE_SMS,
        status=PROXY_FLOW.initial,
        valid_from=work.today,
        valid_until=add_months(work.today, body.months),
        asked_by=me.id,
        named=body.phone or body.room,
        version=1,
        created_at=work.now,
    )
    row.principal, row.holder = principal, holder
    work.session.add(row)
    await work.session.flush()
    await send_code(work, row)
    return row


def refuse_minor(work: Work, *people_: Resident) -> None:
    """A minor grants nothing by a code, and acts for nobody."""
    if any(is_under(ADULT_AT, person.birth_year, work.today) for person in people_):
        raise problems.GuardianshipRequired


async def _named(work: Work, me: Resident, body: AskProxy) -> Resident | None:
    """Who is meant: whoever has the phone (made now if need be), or another owner of a room of the caller's own."""
    if body.phone is not None:
        if body.phone == me.phone:
            raise problems.ProxySelf(pointer="/phone")
        return (await codes.find_or_create(work, body.phone))[0]
    assert body.room is not None
    return await queries.other_owner(work.session, me.id, body.room, work.today)


async def send_code(work: Work, row: Proxy) -> None:
    """A code to the principal, where there is one who can get it and a holder whom he would let in."""
    phone = row.principal.phone if row.principal is not None else None
    if phone is None or not is_mobile(phone) or row.holder is None:
        return
    await codes.count_day(work, blind(phone, "attempts.proxy_codes"), work.settings.codes_per_phone_day)
    await codes.issue(work, phone, CODE_VALID, proxy_id=row.id)


async def record(work: Work, principal_id: UUID, body: RecordProxy) -> Proxy:
    """What a clerk has on paper holds at once, and takes the place of what the two had before."""
    if not await people.is_served(work.session, work.actor, principal_id, work.today):
        raise ResidentNotFound
    if body.holder_id == principal_id:
        raise problems.ProxySelf(pointer="/holder_id")
    principal, holder = await queries.both(work.session, principal_id, body.holder_id)
    if principal is None:
        raise ResidentNotFound
    if holder is None:
        raise ResidentUnknown(pointer="/holder_id")
    codes.refuse_gone(principal, holder)
    guardian = body.evidence == ProxyEvidence.GUARDIANSHIP
    refuse_minor(work, *((holder,) if guardian else (principal, holder)))
    for before in await queries.live_between(work.session, principal.id, holder.id):
        await ending.replace(work, before, body.scopes)
    row = Proxy(
        id=new_id(),
        scopes=body.scopes,
        relation=body.relation,
        evidence=body.evidence,
        status=ProxyStatus.ACTIVE,
        valid_from=work.today,
        valid_until=add_months(work.today, body.months),
        paper_number=body.paper_number,
        recorded_by=work.actor.id,
        confirmed_at=work.now,
        version=1,
        created_at=work.now,
    )
    row.principal, row.holder = principal, holder
    work.session.add(row)
    await work.session.flush()
    return row
