"""What the worker does for notifications: the message itself, outside every transaction."""

from uuid import UUID

import structlog

from app.outreach.notices import service, templates
from app.outreach.notices.models import DeliveryChannel, DeliveryState
from app.outreach.notices.service import Sending
from app.web.run import Run, Undeliverable

log = structlog.get_logger(__name__)


async def deliver(run: Run, notification_id: str) -> None:
    """Send one notification; run again it does nothing, and where it failed it is tried again.

    A job whose worker dies between sending and writing that down sends it twice; a message lost would be worse.
    """
    while (sending := await _begun(run, UUID(notification_id))) is not None:
        state = DeliveryState.FAILED
        try:
            await _send(run, sending)
            state = DeliveryState.SENT
        except Undeliverable as error:
            state = DeliveryState.REFUSED
            log.warning("message_refused", channel=sending.channel, template=sending.template, why=type(error).__name__)
        finally:
            async with run.work() as work:
                await service.ended(work, sending, state)


async def _begun(run: Run, notification_id: UUID) -> Sending | None:
    async with run.work() as work:
        return await service.begin(work, notification_id)


async def _send(run: Run, sending: Sending) -> None:
    said = {name: sending.params[name] for name in templates.PARAMS if name in sending.params}
    send = run.send_wechat if sending.channel is DeliveryChannel.WECHAT else run.send_sms
    await send(sending.address, sending.template, said)
