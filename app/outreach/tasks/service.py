"""Call tasks: asked for once, claimed by one, ended by the call or by what made it needless."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.core.actors import Actor
from app.core.errors import InvalidTransition
from app.core.flow import SYSTEM, Party, Step
from app.core.ids import new_id
from app.outreach import quiet
from app.outreach.tasks import problems, queries
from app.outreach.tasks.models import (
    CALLERS,
    TASK_FLOW,
    CallTask,
    NewTask,
    TaskOutcome,
    TaskStatus,
)
from app.people import disclosures
from app.people.models import Resident
from app.people.schemas import RevealResident
from app.people.service import require_call
from app.web.work import Work

MOST_TRIES = 3
CLAIM_HOLDS = timedelta(minutes=30)
AGAIN = {True: timedelta(minutes=10), False: timedelta(hours=2)}
"""After how long a call is tried again: when it is urgent, and when not."""
AGAIN_WITHIN = timedelta(days=3)
FIELDS = ["name", "phone"]


async def add(work: Work, draft: NewTask) -> CallTask:
    """The task that was asked for; asked for again under the same key it is the first one, whatever became of it."""
    row = insert(CallTask).values(
        id=new_id(),
        type=draft.type,
        compound_id=draft.compound_id,
        area_id=draft.area_id,
        order_id=draft.order_id,
        order_number=draft.order_number,
        resident_id=draft.resident_id,
        phone=draft.phone,
        post=draft.post,
        message=draft.message,
        params=draft.params,
        due_at=draft.due_at,
        urgent=draft.urgent,
        status=TASK_FLOW.initial,
        tries=0,
        dedup_key=draft.dedup_key,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    await work.session.execute(row.on_conflict_do_nothing(index_elements=["dedup_key"]))
    return await queries.by_key(work.session, draft.dedup_key)


async def end(work: Work, order_id: UUID, *types: str) -> None:
    """Nobody has to call about this order any more: for these types, or for any when none is named."""
    for task in await queries.waiting_for(work.session, order_id, types):
        step = TASK_FLOW.choose("cancel", task.status, SYSTEM)
        task.status, task.ended_at = step.target or task.status, work.now
        task.version += 1
    await work.session.flush()


def parties(actor: Actor, task: CallTask) -> frozenset[Party]:
    """What the caller is to the task: one who may take it, and the one who has."""
    mine = {CALLERS[actor.role]} if actor.role in CALLERS else set()
    if task.claimed_by is not None and task.claimed_by == actor.id:
        mine.add(Party.CREW)
    return frozenset(mine)


def choices(task: CallTask, actor: Actor, now: datetime) -> list[Step]:
    return [step for step in TASK_FLOW.choices(task.status, parties(actor, task)) if _allows(step, task, now)]


def _allows(step: Step, task: CallTask, now: datetime) -> bool:
    """A claimed task is claimed by somebody else only when the claim has grown old."""
    return step.action != "claim" or task.claimed_at is None or now - task.claimed_at >= CLAIM_HOLDS


async def take_step(work: Work, task_id: UUID, body: Any) -> CallTask:
    """Claim the task, or say what came of the call. Of two who claim at once one wins; the other gets a 409."""
    task = await queries.locked(work.session, work.actor, task_id)
    if task is None:
        raise problems.TaskNotFound
    work.expect(task.version)
    step = TASK_FLOW.choose(body.action, task.status, parties(work.actor, task))
    if not _allows(step, task, work.now):
        raise InvalidTransition(status=TASK_FLOW.label(task.status), action=step.label)
    if body.action == "claim":
        task.status, task.claimed_by, task.claimed_at = TaskStatus.CLAIMED, work.actor.id, work.now
    else:
        require_call(work)
        task.call_id, task.note = work.actor.call_id, body.note
        await (_done(work, task, step, body.outcome) if body.action == "done" else _unreached(work, task, body))
    task.version += 1
    await work.session.flush()
    return await queries.with_claimer(work.session, task)


async def _done(work: Work, task: CallTask, step: Step, outcome: str) -> None:
    task.status, task.outcome, task.ended_at = step.target or task.status, outcome, work.now
    if task.order_id is not None:
        await work.defer("orders.task_done", task_id=str(task.id))


async def _unreached(work: Work, task: CallTask, body: Any) -> None:
    """It waits for another try, not at night unless it is urgent; the third time it is over, and the order is told."""
    task.tries += 1
    if task.tries >= MOST_TRIES:
        task.status, task.outcome, task.ended_at = TaskStatus.DONE, TaskOutcome.NOT_REACHED, work.now
        if task.order_id is not None:
            await work.defer("orders.task_unreached", task_id=str(task.id))
        return
    if body.again_at is not None and not work.now < body.again_at <= work.now + AGAIN_WITHIN:
        raise problems.AgainTooLate(pointer="/again_at")
    due = body.again_at or work.now + AGAIN[task.urgent]
    task.due_at = due if task.urgent or body.again_at else quiet.after(due)
    task.status, task.claimed_by, task.claimed_at = TaskStatus.OPEN, None, None


async def reveal(work: Work, task_id: UUID, body: RevealResident) -> tuple[CallTask, Resident | None]:
    """The task with its number in full; where that is a resident's, a row of who asked and why."""
    require_call(work)
    task = await queries.with_resident(work.session, work.actor, task_id)
    if task is None:
        raise problems.TaskNotFound
    if task.phone is None:
        raise problems.NoPhone
    if task.post is None and task.resident_id is not None:
        work.session.add(disclosures.shown(work, task.resident_id, FIELDS, body))
        await work.session.flush()
    return task, task.resident if task.post is None else None
