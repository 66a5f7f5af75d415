"""What the worker does for notifications: the message itself, outside every transaction."""

from uuid import UUID

from app.outreach.notices import service, templates
from app.outreach.notices.models import DeliveryState
from app.outreach.notices.service import Sending
from app.web.run import Run


async def deliver(run: Run, notification_id: str) -> None:
    """Send one notification; run again it does nothing, and where it failed it is tried again.

    A job whose worker dies between sending and writing that down sends it twice; a message lost would be worse.
    """
    async with run.work() as work:
        sending = await service.begin(work, UUID(notification_id))
    if sending is None:
        return
    state = DeliveryState.FAILED
    try:
        await _send(run, sending)
        state = DeliveryState.SENT
    finally:
        async with run.work() as work:
            await service.ended(work, sending, state)


async def _send(run: Run, sending: Sending) -> None:
    said = {name: sending.params[name] for name in templates.PARAMS if name in sending.params}
    await run.send_sms(sending.address, sending.template, said)
