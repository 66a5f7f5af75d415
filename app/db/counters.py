"""The per-day counters behind spoken numbers."""

from datetime import date

from sqlalchemy import Date
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.ids import spoken
from app.db.base import Base


class NumberCounter(Base):
    """How many numbers of a prefix a local day has given out."""

    __tablename__ = "number_counter"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[int]


async def next_number(session: AsyncSession, prefix: str, day: date) -> str:
    """The day's next number. Taken late in a transaction: its row stays locked until the commit."""
    table = NumberCounter.__table__
    take = insert(NumberCounter).values(prefix=prefix, day=day, last=1)
    take = take.on_conflict_do_update(index_elements=["prefix", "day"], set_={"last": table.c.last + 1})
    count = (await session.execute(take.returning(NumberCounter.last))).scalar_one()
    return spoken(prefix, day, count)
