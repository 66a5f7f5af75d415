"""The way out by text message; here the adapter writes a line to the log and never what the message says."""

from collections.abc import Mapping

import structlog

from app.core.text import mask_phone

log = structlog.get_logger(__name__)


async def send(phone: str, template: str, params: Mapping[str, str]) -> None:
    """Say that a message would have gone out: to whom (masked) and by which template."""
    log.info("sms", to=mask_phone(phone), template=template, fields=sorted(params))
