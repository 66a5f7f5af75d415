"""What a local day's text messages have cost: one row a day, never above the cap, however many send at once."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.outreach.models import SmsSpending
from app.web.work import Work


async def take(work: Work, fen: int, most_fen: int) -> bool:
    """Count a message before it is sent, unless the day would then cost more than `most_fen`."""
    if fen > most_fen:
        return False
    table = SmsSpending.__table__
    row = insert(SmsSpending).values(day=work.today, spent_fen=fen)
    row = row.on_conflict_do_update(
        index_elements=["day"],
        set_={"spent_fen": table.c.spent_fen + fen},
        where=table.c.spent_fen + fen <= most_fen,
    )
    return (await work.session.execute(row.returning(SmsSpending.spent_fen))).scalar_one_or_none() is not None


async def give_back(work: Work, day: date, fen: int) -> None:
    """The message has certainly not gone out."""
    less = update(SmsSpending).where(SmsSpending.day == day).values(spent_fen=SmsSpending.spent_fen - fen)
    await work.session.execute(less.execution_options(synchronize_session=False))
