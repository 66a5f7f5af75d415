"""How proxies end by themselves: with the person, with his home, and with time."""

from collections.abc import Collection
from uuid import UUID

from app.core.flow import SYSTEM
from app.people.proxies import queries
from app.people.proxies.models import PROXY_FLOW, Proxy, ProxyEvidence, ProxyStatus
from app.web.work import Work


async def end_all(work: Work, resident_id: UUID) -> None:
    """Whatever this person granted or held ends: he died, or closed the account."""
    for row in await queries.live_of(work.session, resident_id):
        await end(work, row)


async def moved_out(work: Work, resident_id: UUID) -> None:
    """What somebody granted ends with his last home here; a guardianship does not hang on a home."""
    for row in await queries.live_of(work.session, resident_id):
        if row.principal_id == resident_id and row.evidence != ProxyEvidence.GUARDIANSHIP:
            await end(work, row)


async def end(work: Work, row: Proxy, action: str = "end") -> None:
    """Take the clock's step, and tell whoever acts on orders by this proxy."""
    step = PROXY_FLOW.choose(action, row.status, SYSTEM)
    assert step.target is not None
    await close(work, row, step.target)


async def replace(work: Work, row: Proxy, scopes: Collection[str]) -> None:
    """Another proxy of the same two takes its place; nobody has to ask anything if it lets the holder do as much."""
    await close(work, row, ProxyStatus.REVOKED, tell=not set(row.scopes) <= set(scopes))


async def close(work: Work, row: Proxy, status: str, *, tell: bool = True) -> None:
    row.status, row.ended_at = status, work.now
    row.version += 1
    await work.session.flush()
    if tell and row.confirmed_at is not None:
        await work.defer("orders.proxy_ended", proxy_id=str(row.id))
