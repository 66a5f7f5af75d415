"""What happens to orders after a commit and on the clock: messages, reminders, expiries, the silence that accepts."""

from uuid import UUID

import structlog

from app.orders import queries, steps
from app.web.run import Run

log = structlog.get_logger(__name__)
BATCH = 200


async def run_due_clocks(run: Run) -> None:
    """Take every step whose time has come, each in a transaction of its own; one that fails does not stop the rest."""
    async with run.work() as work:
        due = await queries.due_clocks(work.session, BATCH)
    for order_id, action in due:
        try:
            async with run.work() as work:
                await steps.run_clock(work, order_id, action)
        except Exception as error:  # noqa: BLE001 the next minute tries again; the others must not wait for it
            log.error("clock_failed", order=str(order_id), action=action, error=type(error).__name__)


async def displaced(run: Run, order_id: str) -> None:
    """The slot of an order has been closed."""
    async with run.work() as work:
        await steps.displace(work, UUID(order_id))


async def owner_found(run: Run, room_id: str) -> None:
    """Somebody has been verified as the owner of a flat: quotes that waited for that go to him."""
    async with run.work() as work:
        waiting = await queries.open_in_room(work.session, UUID(room_id))
    for order_id in waiting:
        async with run.work() as work:
            await steps.owner_found(work, order_id)


async def tell(run: Run, order_id: str, event: str) -> None:
    """Send a short message to the one who ordered: it names the order's number and nothing about what it is for.

    A job that is taken up again after a crash may send it twice; a message lost would be worse.
    """
    async with run.work() as work:
        order = await queries.with_requester(work.session, work.actor, UUID(order_id))
    if order is None or order.requester.phone is None or order.requester.landline_only:
        return
    await run.send_sms(order.requester.phone, f"order-{event}", {"number": order.number})
