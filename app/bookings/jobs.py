"""What the worker does for bookings: slots for the days to come, and holds that have expired."""

from app.bookings import queries, service, upkeep
from app.core.actors import SYSTEM
from app.web.run import Run

BATCH = 200


async def refresh_all(run: Run) -> None:
    """Bring every calendar up to date, each in a transaction of its own; an unknown year is an alarm in the log."""
    async with run.work() as work:
        ids = await queries.resource_ids(work.session)
        await queries.alarm_unknown_years(work.session, work.today, work.today + upkeep.AHEAD)
    for resource_id in ids:
        async with run.work() as work:
            resource = await queries.locked_resource(work.session, SYSTEM, resource_id)
            if resource is not None and resource.active:
                await upkeep.refresh(work, resource)


async def sweep_holds(run: Run) -> None:
    """Give back the places of expired holds; whoever takes a place does the same for his slots."""
    async with run.work() as work:
        slot_ids = await queries.slots_with_expired_holds(work.session, work.now, BATCH)
        if slot_ids:
            await service.free_expired(work, slot_ids)
