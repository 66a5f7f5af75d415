"""/v1/call-tasks: whom to call, for agents, service centres and people on duty."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query

from app.core import clock
from app.core.actors import Role
from app.core.errors import InvalidTransition
from app.core.fields import Day
from app.outreach.tasks import examples, problems, queries, service
from app.outreach.tasks.schemas import CallTaskRead, TakeTaskStep, TaskContactRead
from app.people.schemas import RevealResident
from app.people.service import CallRequired
from app.web.paging import Page, PagingDep
from app.web.problems import problems as refusals
from app.web.route import only, router
from app.web.work import ReadDep, WorkDep

tasks = router("/v1/call-tasks", "话务")
CALLERS = (Role.AGENT, Role.CLERK, Role.MANAGER, Role.WORKER, Role.CLINIC)


@tasks.get("", operation_id="listCallTasks")
@only(*CALLERS)
async def list_tasks(
    work: ReadDep,
    paging: PagingDep,
    due: Annotated[Day | None, Query(description="只要这一天（含）以前到期的")] = None,
) -> Page[CallTaskRead]:
    """要打的电话，最急的在前：收不到短信的市民、没人确认的白事、没联系上的市民、要征得的同意。

    话务员看到全部，服务中心和物业看到所管片区的，值班人员看到所值小区的，卫生服务中心看到与服务对象有关的。
    """
    cursor = paging.open()
    until = clock.end_of(due) if due else None
    rows = await queries.page(work.session, work.actor, until, after=cursor.after, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.due_at.isoformat(), row.id])
    return Page(items=[CallTaskRead.of(row, work.actor, work.now) for row in kept], next_cursor=following)


@tasks.post(
    "/{task_id}/steps",
    operation_id="takeCallTaskStep",
    responses=refusals(problems.TaskNotFound, problems.AgainTooLate, InvalidTransition, CallRequired),
)
@only(*CALLERS)
async def take_step(
    work: WorkDep, task_id: UUID, body: Annotated[TakeTaskStep, Body(openapi_examples=examples.STEPS)]
) -> CallTaskRead:
    """认领（两人同时认领，只有一人成功），打通后办结，没打通再排；三次没打通就办结并转告订单。

    认领半小时没有结果，别人可以接手。话务员办结时要带 `Call-Id`。
    """
    task = await service.take_step(work, task_id, body)
    work.shows(task.version)
    return CallTaskRead.of(task, work.actor, work.now)


@tasks.post(
    "/{task_id}/reveal",
    operation_id="revealCallTask",
    responses=refusals(problems.TaskNotFound, problems.NoPhone, CallRequired),
)
@only(*CALLERS)
async def reveal(
    work: WorkDep, task_id: UUID, body: Annotated[RevealResident, Body(openapi_examples=examples.REVEAL)]
) -> TaskContactRead:
    """写明理由后看到完整号码；是市民的号码时，市民能看到谁在什么时候看过。话务员要带 `Call-Id`。"""
    return TaskContactRead.of(*await service.reveal(work, task_id, body))
