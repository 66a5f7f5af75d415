"""Forgetting who called: what a closed account leaves in call records and in calls to make."""

from uuid import UUID

from sqlalchemy import update

from app.outreach.models import Call
from app.outreach.tasks.models import CallTask
from app.web.work import Work


async def forget(work: Work, resident_id: UUID) -> None:
    """Phones and notes go; that there was a call, and what came of it, stays."""
    for statement in (
        update(Call).where(Call.resident_id == resident_id).values(caller_phone=None, note=None),
        update(CallTask).where(CallTask.resident_id == resident_id).values(phone=None, note=None),
    ):
        await work.session.execute(statement.execution_options(synchronize_session=False))
