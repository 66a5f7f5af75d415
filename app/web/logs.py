"""Structured logs: one JSON line an event, with ids and never with what is personal."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

_SECRET_KEYS = re.compile(r"phone|token|secret|password|otp|authorization|cookie", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")


def _scrub(_: Any, __: str, event: EventDict) -> EventDict:
    """The last guard, not the first: whoever logs must not pass such values at all."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = "***" if _SECRET_KEYS.search(key) and key != "event" else _PHONE.sub("***", value)
    return event


def configure(style: str) -> None:
    """`json` for machines, `console` for a person who develops; both go to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _scrub,
    ]
    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if style == "console":
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access", "procrastinate", "alembic"):
        logging.getLogger(noisy).handlers.clear()
        logging.getLogger(noisy).propagate = True
