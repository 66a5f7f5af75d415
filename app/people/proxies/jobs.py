"""What the worker does with proxies: ends them on their day."""

from datetime import timedelta

from app.people.proxies import ending, queries
from app.web.run import Run

ANSWER_DAYS = 7
"""So long a proxy waits for its principal."""

BATCH = 500


async def expire(run: Run) -> None:
    """End what is over; nothing acted on it since its day, as every reader asks for the day."""
    while True:
        async with run.work() as work:
            asked_before = work.now - timedelta(days=ANSWER_DAYS)
            rows = await queries.over(work.session, asked_before, work.today, limit=BATCH)
            for row in rows:
                await ending.end(work, row, "expire")
        if len(rows) < BATCH:
            return
