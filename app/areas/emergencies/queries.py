"""Every SELECT about emergency words."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.areas.emergencies.models import EmergencyEdition, EmergencyWord


async def words(session: AsyncSession) -> Sequence[EmergencyWord]:
    """The list that counts now, in its order."""
    newest = select(func.max(EmergencyEdition.number)).scalar_subquery()
    rows = select(EmergencyWord).where(EmergencyWord.edition == newest).order_by(EmergencyWord.ordinal)
    return (await session.execute(rows)).scalars().all()


async def edition(session: AsyncSession) -> int:
    """The number of the list that counts now."""
    return (await session.execute(select(func.max(EmergencyEdition.number)))).scalar_one() or 0
