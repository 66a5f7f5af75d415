"""Call tasks: whom to call, why, until when, and who has taken it upon himself."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.actors import Role
from app.core.flow import SYSTEM, Flow, Party, Step
from app.core.text import Text
from app.db.base import Base, Identified, Versioned, one_of
from app.db.types import Sealed, SealedJSON
from app.people.models import Resident, Staff


class TaskType(StrEnum):
    """Why somebody has to be called."""

    LANDLINE = "LANDLINE"
    UNCONFIRMED_FUNERAL = "UNCONFIRMED_FUNERAL"
    UNREACHED_PATIENT = "UNREACHED_PATIENT"
    CONSENT = "CONSENT"
    CALL_FIRST = "CALL_FIRST"
    HELP_SIGN = "HELP_SIGN"
    CLASH = "CLASH"


_T = TaskType
PATIENTS = frozenset({_T.UNREACHED_PATIENT, _T.CONSENT, _T.CALL_FIRST, _T.HELP_SIGN})
"""Tasks that tell of a patient by being there: property staff do not see them."""

TEXTS = {
    _T.LANDLINE: Text("这位市民收不到短信，请打电话告知。", "No message reaches this resident. Call and tell."),
    _T.UNCONFIRMED_FUNERAL: Text(
        "白事还没有人确认，请马上打给值班人员。", "A funeral is not confirmed yet. Call the person on duty at once."
    ),
    _T.UNREACHED_PATIENT: Text(
        "多次没有打通，请换个时间再联系这位市民。", "Not reached several times. Try this resident at another time."
    ),
    _T.CONSENT: Text(
        "请联系服务对象本人，说明并征得同意。",
        "Call the person whom the service is for, explain, and ask for the consent.",
    ),
    _T.CALL_FIRST: Text("上门前请先打电话确认有人在家。", "Call first: make sure that somebody will be at home."),
    _T.HELP_SIGN: Text("还没有签约，请联系市民协助办理。", "No contract yet. Call and help with signing it."),
    _T.CLASH: Text(
        "场地与已确认的预约相冲突，请联系双方协商。", "The venue clashes with a confirmed booking. Call both."
    ),
}


class TaskStatus(StrEnum):
    OPEN = "OPEN"
    CLAIMED = "CLAIMED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class TaskOutcome(StrEnum):
    """What came of the call."""

    TOLD = "TOLD"
    AGREED = "AGREED"
    DECLINED = "DECLINED"
    CALL_BACK = "CALL_BACK"
    WRONG_NUMBER = "WRONG_NUMBER"
    NOT_REACHED = "NOT_REACHED"


CALLERS = {
    Role.AGENT: Party.AGENT,
    Role.CLERK: Party.CLERK,
    Role.MANAGER: Party.MANAGER,
    Role.WORKER: Party.DUTY,
    Role.CLINIC: Party.CLINIC,
}
ANYBODY = frozenset(CALLERS.values())
HOLDER = frozenset({Party.CREW})
"""The part of the one who has claimed the task."""

_S = TaskStatus
TASK_FLOW = Flow(
    _S.OPEN,
    {
        _S.OPEN: Text("待拨打", "To be called"),
        _S.CLAIMED: Text("有人在办", "Somebody is on it"),
        _S.DONE: Text("已办结", "Done"),
        _S.CANCELLED: Text("不用办了", "No longer needed"),
    },
    Step("claim", {_S.OPEN, _S.CLAIMED}, _S.CLAIMED, by=ANYBODY, label=Text("我来打", "I call")),
    Step("done", {_S.CLAIMED}, _S.DONE, by=HOLDER, label=Text("已联系上", "Reached")),
    Step("unreached", {_S.CLAIMED}, {_S.OPEN, _S.DONE}, by=HOLDER, label=Text("没打通", "Not reached")),
    Step("cancel", {_S.OPEN, _S.CLAIMED}, _S.CANCELLED, by=SYSTEM, label=Text("撤销", "Cancel")),
)
"""A claim that has grown old is open to others: whoever went home must not keep a task to himself."""


@dataclass(frozen=True, slots=True)
class NewTask:
    """A wish that somebody be called.

    `phone` with a `post` is the number of that post; without one it is the resident's. `message` and `params` say what
    to read out, as a notification would have said it. `dedup_key`: the same wish makes one task, ever.
    """

    type: TaskType
    compound_id: UUID | None
    area_id: UUID | None
    order_id: UUID | None
    order_number: str | None
    resident_id: UUID | None
    phone: str | None
    post: str | None
    due_at: datetime
    urgent: bool
    dedup_key: str
    message: str | None = None
    params: dict[str, str] = field(default_factory=dict)


class CallTask(Identified, Versioned, Base):
    """Somebody to call. `order_id` is a plain id: orders lie a floor above."""

    __tablename__ = "call_task"
    __table_args__ = (
        one_of("type", TaskType),
        one_of("status", TaskStatus),
        one_of("outcome", TaskOutcome),
        CheckConstraint("tries BETWEEN 0 AND 3", name="tries"),
        Index("ix_call_task_waiting", "due_at", "id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_call_task_order_id", "order_id", postgresql_where=text("ended_at IS NULL")),
    )

    type: Mapped[str]
    compound_id: Mapped[UUID | None] = mapped_column(ForeignKey("compound.id"), index=True)
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("management_area.id"), index=True)
    order_id: Mapped[UUID | None]
    order_number: Mapped[str | None]
    resident_id: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"), index=True)
    phone: Mapped[str | None] = mapped_column(Sealed("call_task.phone"))
    post: Mapped[str | None]
    message: Mapped[str | None]
    params: Mapped[dict[str, Any]] = mapped_column(SealedJSON("call_task.params"))
    due_at: Mapped[datetime]
    urgent: Mapped[bool]
    status: Mapped[str]
    tries: Mapped[int]
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None]
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("call.id"))
    outcome: Mapped[str | None]
    note: Mapped[str | None] = mapped_column(Sealed("call_task.note"))
    ended_at: Mapped[datetime | None]
    dedup_key: Mapped[str] = mapped_column(unique=True)

    claimer: Mapped[Staff | None] = relationship(lazy="raise")
    resident: Mapped[Resident | None] = relationship(lazy="raise")
