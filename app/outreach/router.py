"""/v1/calls: an agent's conversations, under which everything is done for a resident."""

from typing import Annotated

from fastapi import Body, Path, Query

from app.core import clock
from app.core.actors import Role
from app.core.fields import Day
from app.core.ids import REF_PATTERN
from app.outreach import examples, queries, service
from app.outreach.notices import router as notices
from app.outreach.schemas import CallOpened, CallRead, OpenCall, TakeCallStep
from app.outreach.tasks import router as tasks
from app.web.paging import Page, PagingDep
from app.web.problems import problems
from app.web.route import only, router
from app.web.work import ReadDep, WorkDep

calls = router("/v1/calls", "话务")

CallRef = Annotated[
    str,
    Path(
        min_length=15,
        max_length=40,
        pattern=f"^{REF_PATTERN}$",
        description="来电的 id 或编号，例如 TH20261122-0001",
    ),
]


@calls.post("", status_code=201, operation_id="openCall")
@only(Role.AGENT)
async def open_call(work: WorkDep, body: Annotated[OpenCall, Body(openapi_examples=examples.OPEN)]) -> CallOpened:
    """登记一次来电、到访或群聊。之后代市民办事都带上 `Call-Id: <number>`。

    填了来电号码时，`candidates` 是可能的市民（已遮盖）。
    """
    call, people, homes = await service.open_call(work, body)
    work.shows(call.version)
    return CallOpened.with_candidates(call, list(people), list(homes))


@calls.post("/{call:ref}/steps", operation_id="takeCallStep", responses=problems(service.CallNotFound))
@only(Role.AGENT)
async def take_step(
    work: WorkDep, call: CallRef, body: Annotated[TakeCallStep, Body(openapi_examples=examples.STEPS)]
) -> CallRead:
    """关联市民，或结束通话并记下结果。"""
    record = await service.take_step(work, call, body)
    work.shows(record.version)
    return CallRead.of(record)


@calls.get("", operation_id="listCalls")
@only(Role.AGENT)
async def list_calls(
    work: ReadDep, paging: PagingDep, date: Annotated[Day | None, Query(description="本地日期")] = None
) -> Page[CallRead]:
    """自己登记的来电，新的在前。"""
    cursor = paging.open()
    start, end = (clock.start_of(date), clock.end_of(date)) if date else (None, None)
    rows = await queries.page(work.session, work.actor, start, end, after=cursor.after_id, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.id])
    return Page(items=[CallRead.of(row) for row in kept], next_cursor=following)


ROUTERS = (calls, tasks.tasks, notices.notifications)
