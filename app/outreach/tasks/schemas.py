"""What crosses the wire about call tasks; a person's phone is masked until it is revealed with a reason."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.core import clock
from app.core.actors import Actor
from app.core.fields import Flag, Instant
from app.core.text import Note, mask_phone
from app.outreach.notices import templates
from app.outreach.tasks import service
from app.outreach.tasks.models import TASK_FLOW, TEXTS, CallTask, TaskOutcome, TaskStatus, TaskType
from app.people.models import Resident

Input = ConfigDict(extra="forbid")
Local = Annotated[
    datetime, PlainSerializer(clock.wire, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
Label = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=1000)]


class ClaimTask(BaseModel):
    """Take the task upon oneself."""

    model_config = Input

    action: Literal["claim"]


class EndTask(BaseModel):
    """The call was made: what came of it."""

    model_config = Input

    action: Literal["done"]
    outcome: Literal["TOLD", "AGREED", "DECLINED", "WRONG_NUMBER"]
    note: Note | None = None


class MissTask(BaseModel):
    """Nobody answered; `again_at` is when to try next, at most three days ahead. The third time ends the task."""

    model_config = Input

    action: Literal["unreached"]
    again_at: Instant | None = None
    note: Note | None = None


TakeTaskStep = Annotated[ClaimTask | EndTask | MissTask, Field(discriminator="action")]


class CallTaskRead(BaseModel):
    """Somebody to call: why, until when, and what to say.

    `post` and `post_phone` are there when the number is that of a post; else `phone_masked` is the resident's.
    """

    id: UUID
    type: TaskType
    text: Words
    message: Words | None
    order_id: UUID | None
    order_number: Annotated[str, Field(max_length=24)] | None
    post: Label | None
    post_phone: Annotated[str, Field(max_length=20)] | None
    phone_masked: Annotated[str, Field(max_length=20)] | None
    due_at: Local
    overdue: Flag
    urgent: Flag
    status: TaskStatus
    status_label: Annotated[str, Field(max_length=40)]
    tries: Annotated[int, Field(ge=0, le=3)]
    claimed_by: Label | None
    mine: Flag
    claimed_at: Local | None
    outcome: TaskOutcome | None
    actions: Annotated[list[str], Field(max_length=5)]
    created_at: Local
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, task: CallTask, actor: Actor, now: datetime) -> "CallTaskRead":
        of_post = task.phone if task.post is not None else None
        of_person = task.phone if task.post is None else None
        return cls(
            id=task.id,
            type=TaskType(task.type),
            text=str(TEXTS[TaskType(task.type)]),
            message=templates.told(task.message, task.params).body if task.message else None,
            order_id=task.order_id,
            order_number=task.order_number,
            post=task.post,
            post_phone=of_post,
            phone_masked=mask_phone(of_person) if of_person else None,
            due_at=task.due_at,
            overdue=task.due_at < now,
            urgent=task.urgent,
            status=TaskStatus(task.status),
            status_label=str(TASK_FLOW.label(task.status)),
            tries=task.tries,
            claimed_by=task.claimer.name if task.claimer else None,
            mine=task.claimed_by is not None and task.claimed_by == actor.id,
            claimed_at=task.claimed_at,
            outcome=TaskOutcome(task.outcome) if task.outcome else None,
            actions=[step.action for step in service.choices(task, actor, now)],
            created_at=task.created_at,
            version=task.version,
        )


class TaskContactRead(BaseModel):
    """Whom to call, in full; the resident can read that it was shown."""

    post: Label | None
    name: Annotated[str, Field(max_length=100)] | None
    phone: Annotated[str, Field(max_length=20)]

    @classmethod
    def of(cls, task: CallTask, person: Resident | None) -> "TaskContactRead":
        assert task.phone is not None
        return cls(post=task.post, name=person.name if person else None, phone=task.phone)
