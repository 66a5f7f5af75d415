"""Every SELECT about emergency words; an edition never changes, so each process reads it once."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.areas.emergencies.models import EmergencyEdition, EmergencyWord

_kept: WeakKeyDictionary[Engine | Connection, tuple[int, Sequence[EmergencyWord]]] = WeakKeyDictionary()
"""The newest edition that was read, by the engine of its database."""


async def edition(session: AsyncSession) -> int:
    """The number of the list that counts now."""
    return (await session.execute(select(func.max(EmergencyEdition.number)))).scalar_one() or 0


_newest = select(func.max(EmergencyEdition.number).label("newest")).subquery()
_LIST = (
    select(_newest.c.newest, *EmergencyWord.__table__.columns)
    .outerjoin(EmergencyWord, and_(EmergencyWord.edition == _newest.c.newest, _newest.c.newest != bindparam("known")))
    .order_by(EmergencyWord.ordinal)
)


async def words(session: AsyncSession) -> Sequence[EmergencyWord]:
    """The list that counts now, in its order; one statement, which brings words only where the edition is new."""
    where = session.get_bind()
    number, known = _kept.get(where, (0, []))
    found = [dict(row) for row in (await session.execute(_LIST, {"known": number})).mappings()]
    newest = found[0]["newest"]
    if newest is not None and newest != number:
        known = [EmergencyWord(**{name: row[name] for name in row if name != "newest"}) for row in found]
        _kept[where] = (newest, known)
    return known
