"""/v1/me/residencies and /v1/residencies: who belongs to which room."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query

from app.areas import rooms
from app.areas.problems import CompoundNotFound
from app.core.actors import Role
from app.core.errors import RateLimited
from app.people import service
from app.people.homes import examples, invitations, problems, queries, residencies, roster
from app.people.homes.schemas import (
    BindRoom,
    InvitationRead,
    InvitePerson,
    MyResidencyRead,
    ResidencyRead,
    TakeResidencyStep,
)
from app.people.models import ResidencyStatus
from app.web.paging import Page, PagingDep
from app.web.problems import problems as refusals
from app.web.route import only, router
from app.web.sheets import ColumnsMissing, DryRun, FileUnreadable, ImportRead, TooManyRows, Upload
from app.web.work import ReadDep, SnapshotDep, WorkDep

mine = router("/v1/me/residencies", "市民")
every = router("/v1/residencies", "市民")
compounds = router("/v1/compounds", "小区")


@mine.post(
    "",
    status_code=201,
    operation_id="bindRoom",
    responses=refusals(
        service.CallRequired,
        problems.AlreadyBound,
        problems.TooManyPending,
        problems.RoomUnknown,
        problems.InvitationWrong,
        problems.InvitationRole,
        problems.NotForOthers,
        problems.OnBehalfRequired,
        problems.ResidentUnknown,
        RateLimited,
    ),
)
@only(Role.RESIDENT, Role.AGENT)
async def bind_room(work: WorkDep, body: Annotated[BindRoom, Body(openapi_examples=examples.BIND)]) -> ResidencyRead:
    """申请绑定一间房屋。手机号在业主名册里、或有业主的邀请码，当场绑定；否则由服务中心在三个工作日内（`due_on`）核实。

    话务员代办时带 `Call-Id`，并在 `on_behalf_of_id` 里写明为谁办理。
    """
    row = await residencies.bind(work, body)
    work.shows(row.version)
    return ResidencyRead.of(row, residencies.parties(work.actor, row))


@mine.get("", operation_id="listMyResidencies")
@only(Role.RESIDENT)
async def list_mine(work: SnapshotDep, paging: PagingDep) -> Page[MyResidencyRead]:
    """本人的全部绑定，不论状态，新的在前；业主还能看到 `guests`：业主邀请到这间房屋的人。"""
    cursor = paging.open()
    rows = await queries.page(
        work.session, work.actor, queries.Filters(), work.today, after=cursor.after_id, limit=cursor.limit + 1
    )
    kept, following = cursor.page(rows, lambda row: [row.id])
    guests = await queries.guests(work.session, work.actor, work.today, limit=100)
    items = [
        MyResidencyRead.with_guests(
            row, residencies.parties(work.actor, row), [g for g in guests if g.room_id == row.room_id]
        )
        for row in kept
    ]
    return Page(items=items, next_cursor=following)


@every.get("", operation_id="listResidencies")
@only(Role.CLERK)
async def list_residencies(
    work: ReadDep,
    paging: PagingDep,
    compound: Annotated[str | None, Query(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$")] = None,
    status: ResidencyStatus | None = None,
) -> Page[ResidencyRead]:
    """所管片区的绑定，新的在前，姓名和电话均已遮盖；`status=PENDING` 是等待核实的，`due_on` 是应当核实的期限。"""
    cursor = paging.open()
    filters = queries.Filters(compound, status)
    rows = await queries.page(
        work.session, work.actor, filters, work.today, after=cursor.after_id, limit=cursor.limit + 1
    )
    kept, following = cursor.page(rows, lambda row: [row.id])
    return Page(
        items=[ResidencyRead.of(row, residencies.parties(work.actor, row)) for row in kept], next_cursor=following
    )


@every.post(
    "/{residency_id}/steps",
    operation_id="takeResidencyStep",
    responses=refusals(problems.ResidencyNotFound, problems.PeriodWrong),
)
@only(Role.RESIDENT, Role.CLERK)
async def take_step(
    work: WorkDep, residency_id: UUID, body: Annotated[TakeResidencyStep, Body(openapi_examples=examples.STEPS)]
) -> ResidencyRead:
    """核实、不通过、冻结、恢复（服务中心），撤回（本人），解除（本人、服务中心，以及业主对业主邀请来的人）。

    解除从 `on` 当天起生效（不填为今天）：当天起就看不到这间房屋的事。
    """
    row = await residencies.take_step(work, residency_id, body)
    work.shows(row.version)
    return ResidencyRead.of(row, residencies.parties(work.actor, row))


@every.post(
    "/{residency_id}/invitations",
    status_code=201,
    operation_id="invitePerson",
    responses=refusals(problems.ResidencyNotFound, problems.OwnerRequired, problems.PeriodWrong, RateLimited),
)
@only(Role.RESIDENT)
async def invite(
    work: WorkDep, residency_id: UUID, body: Annotated[InvitePerson, Body(openapi_examples=examples.INVITE)]
) -> InvitationRead:
    """业主邀请家属、租户或照料人：得到八位邀请码，七天内有效，只能用一次，只在这里显示一次。"""
    return InvitationRead.of(*await invitations.invite(work, residency_id, body))


@compounds.post(
    "/{code}/roster",
    operation_id="importRoster",
    responses=refusals(CompoundNotFound, FileUnreadable, ColumnsMissing, TooManyRows),
)
@only(Role.CLERK, Role.ADMIN)
async def import_roster(work: WorkDep, code: rooms.CompoundCode, file: Upload, dry_run: DryRun = False) -> ImportRead:
    """导入业主名册：列为 房号（完整房号或 楼栋-单元-房号）、姓名、电话、身份（业主、共有人、家属、租户、照料人）、开始、结束（可无）。

    每行各有结果：正确的写入，有误的说明原因；同一文件再传一次不会有变化。`dry_run=true` 只检查。
    """
    return await roster.import_roster(work, code, file, dry_run=dry_run)


ROUTERS = (mine, every, compounds)
