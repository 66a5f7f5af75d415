"""Every SELECT about proxies."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.proxies.models import Proxy, ProxyStatus, Scope


def holds(today: date) -> ColumnElement[bool]:
    """Proxies that let somebody act on this day; none outlives its last day, whether or not a job has ended it."""
    return and_(Proxy.status == ProxyStatus.ACTIVE, Proxy.valid_from <= today, Proxy.valid_until > today)


def principals_of(holder_id: UUID | None, scope: Scope, today: date) -> Select[UUID | None]:
    """The ids of those for whom this holder may do this today, as a sub-select for somebody's `visible`."""
    rows = select(Proxy.principal_id).where(Proxy.holder_id == holder_id, holds(today))
    return rows.where(Proxy.scopes.contains([scope]))


async def active(session: AsyncSession, holder_id: UUID, principal_id: UUID, today: date) -> Proxy | None:
    """What the holder may do for the principal today; its `scopes` say what."""
    rows = select(Proxy).where(Proxy.holder_id == holder_id, Proxy.principal_id == principal_id, holds(today))
    return (await session.execute(rows)).scalar_one_or_none()


LIVE = (ProxyStatus.PENDING, ProxyStatus.ACTIVE)


async def live_of(session: AsyncSession, resident_id: UUID) -> Sequence[Proxy]:
    """What has not ended, on either side of this person; locked in the order of the ids."""
    mine = or_(Proxy.principal_id == resident_id, Proxy.holder_id == resident_id)
    rows = select(Proxy).where(mine, Proxy.status.in_(LIVE)).order_by(Proxy.id).with_for_update()
    return (await session.execute(rows.execution_options(populate_existing=True))).scalars().all()
