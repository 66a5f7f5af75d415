"""What outreach forgets: messages after a year, whom to call after ninety days, and all of it with a closed account."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, update

from app.core.flow import SYSTEM
from app.outreach.models import Call
from app.outreach.notices import queries as notices
from app.outreach.notices.models import Notification, NotificationDelivery
from app.outreach.tasks import queries as tasks
from app.outreach.tasks.models import TASK_FLOW, CallTask
from app.web.run import Run
from app.web.work import Work

KEEP_MESSAGES = timedelta(days=365)
KEEP_NUMBERS = timedelta(days=90)
NOTHING: dict[str, Any] = {"phone": None, "note": None, "params": {}}


async def purge(run: Run) -> None:
    """That somebody was called or told stays in the order's history; with whom and in which words is not kept."""
    async with run.work() as work:
        await _forget(work, notices.older_than(work.now - KEEP_MESSAGES))
        old = CallTask.id.in_(tasks.ended_before(work.now - KEEP_NUMBERS))
        await work.session.execute(update(CallTask).where(old).values(NOTHING))


async def forget_person(run: Run, resident_id: str) -> None:
    """The account is closed: nobody calls any more, and neither messages nor numbers are kept."""
    async with run.work() as work:
        for task in await tasks.of_resident(work.session, UUID(resident_id)):
            if task.ended_at is None:
                step = TASK_FLOW.choose("cancel", task.status, SYSTEM)
                task.status, task.ended_at = step.target or task.status, work.now
            task.phone, task.note, task.params = None, None, {}
            task.version += 1
        await _forget(work, notices.of_resident(UUID(resident_id)))
        calls = update(Call).where(Call.resident_id == UUID(resident_id)).values(caller_phone=None, note=None)
        await work.session.execute(calls.execution_options(synchronize_session=False))


async def _forget(work: Work, ids: Select[UUID]) -> None:
    for statement in (
        delete(NotificationDelivery).where(NotificationDelivery.notification_id.in_(ids)),
        delete(Notification).where(Notification.id.in_(ids)),
    ):
        await work.session.execute(statement.execution_options(synchronize_session=False))
