"""A proxy's steps: confirmed by the principal's code, declined, revoked; one more code when the first was too late."""

from typing import Any
from uuid import UUID

from app.core.actors import Actor, Role
from app.core.flow import Party
from app.people import codes
from app.people.proxies import asking, ending, problems, queries
from app.people.proxies.models import PROXY_FLOW, Proxy, ProxyStatus
from app.people.proxies.schemas import ConfirmProxy, ResendProxyCode
from app.people.service import require_call
from app.web.work import Work

STAFF_PARTIES = {Role.AGENT: Party.AGENT, Role.CLERK: Party.CLERK}


def parties(actor: Actor, row: Proxy) -> frozenset[Party]:
    """The principal is the SUBJECT, the holder the RESIDENT."""
    if actor.role in STAFF_PARTIES:
        return frozenset({STAFF_PARTIES[actor.role]})
    sides = {Party.SUBJECT: row.principal_id, Party.RESIDENT: row.holder_id}
    return frozenset(party for party, side in sides.items() if actor.role is Role.RESIDENT and side == actor.id)


async def take_step(work: Work, proxy_id: UUID, body: Any) -> Proxy:
    """Refusals come in one order: 404 unseen, 403 not yours, 412 stale, 409 wrong moment, then the code."""
    require_call(work)
    if isinstance(body, ConfirmProxy):
        await queries.hold_sides(work.session, work.actor, proxy_id, work.today)
    row = await queries.locked(work.session, work.actor, proxy_id, work.today)
    if row is None:
        raise problems.ProxyNotFound
    mine = parties(work.actor, row)
    PROXY_FLOW.permit(body.action, mine)
    work.expect(row.version)
    step = PROXY_FLOW.choose(body.action, row.status, mine)
    if isinstance(body, ConfirmProxy):
        await _confirm(work, row, body)
    elif isinstance(body, ResendProxyCode):
        await asking.send_code(work, row)
    else:
        assert step.target is not None
        await ending.close(work, row, step.target)
    return row


async def _confirm(work: Work, row: Proxy, body: ConfirmProxy) -> None:
    """The code counts first: who is behind the number is told to nobody who does not have it."""
    if row.principal is None or row.holder is None or row.principal.phone is None:
        raise codes.CodeWrong(keep=True)
    code_id = await codes.check(work, row.principal.phone, body.code, proxy_id=row.id)
    principal, holder = await queries.both(work.session, row.principal.id, row.holder.id)
    assert principal is not None
    assert holder is not None
    codes.refuse_gone(principal, holder)
    if work.actor.id != principal.id and await codes.is_unsure(work, principal):
        codes.demand_name(principal, body.name)
    asking.refuse_minor(work, principal, holder)
    for before in await queries.live_between(work.session, principal.id, holder.id):
        if before.id != row.id:
            await ending.replace(work, before, row.scopes)
    await codes.spend(work, code_id)
    row.status, row.valid_from, row.confirmed_at = ProxyStatus.ACTIVE, work.today, work.now
    row.call_id = work.actor.call_id
    row.recorded_by = work.actor.id if work.actor.is_staff else None
    row.version += 1
    await work.session.flush()
