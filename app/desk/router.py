"""DELETE /v1/me, /v1/me/home, /v1/me/work, /v1/me/export and /v1/residents/{id}: one person's things at a glance."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from app.core.actors import STAFF, Role
from app.desk import closing, queries, service
from app.desk.schemas import CallerRead, ExportRead, HomeRead, WorkRow
from app.people.service import CallRequired, ResidentNotFound
from app.web.paging import Page, PagingDep
from app.web.problems import problems
from app.web.route import only, router
from app.web.work import CallSnapshotDep, PutDep, SnapshotDep

mine = router("/v1/me", "市民")
residents = router("/v1/residents", "话务")


@mine.get("/home", operation_id="readHome")
@only(Role.RESIDENT)
async def read_home(
    work: SnapshotDep,
    compound: Annotated[str | None, Query(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$")] = None,
) -> HomeRead:
    """市民首页：绑定状态、房屋、没办完的订单和下一步、待付金额、没看过的消息数、现在该打给谁、小区菜单，一次取全。"""
    return await service.home(work, compound)


@mine.get("/work", operation_id="readWork")
@only(*STAFF)
async def read_work(
    work: SnapshotDep,
    paging: PagingDep,
    sort: Annotated[Literal["due"], Query(description="按期限排序")] = "due",
) -> Page[WorkRow]:
    """员工的待办：等我处理的订单、待批准的价格、待核实的绑定、要打的电话，最急的在前。"""
    cursor = paging.open()
    rows = await queries.work(work.session, work.actor, work.today, after=cursor.after, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.place, (row.due or queries.NEVER).isoformat(), row.id])
    return Page(items=await service.inbox(work, kept), next_cursor=following)


@mine.get("/export", operation_id="exportMe")
@only(Role.RESIDENT)
async def export_me(work: SnapshotDep, response: Response) -> ExportRead:
    """导出本人的全部资料：个人信息、房屋、委托、同意、订单和经过、收到的消息、住院等记录、谁看过我的信息。"""
    response.headers["Content-Disposition"] = 'attachment; filename="diandan-export.json"'
    return await service.export(work)


@mine.delete(
    "",
    operation_id="closeMyAccount",
    status_code=204,
    responses=problems(closing.OrdersOpen, closing.MoneyOwed),
)
@only(Role.RESIDENT)
async def close_my_account(work: PutDep) -> None:
    """注销本人的账户，要带 `If-Match`；有没办完的订单或没结清的钱时返回 409。

    姓名、手机号、出生年份随即删除，房屋绑定、委托、同意和所有登录都结束；收付款的记录按会计规定保留，不再对应到人。
    注销不能恢复；以后用同一个手机号登录，是一个新的账户。
    """
    await closing.close_account(work)


@residents.get("/{resident_id}", operation_id="readResident", responses=problems(CallRequired, ResidentNotFound))
@only(Role.AGENT, Role.CLERK)
async def read_resident(work: CallSnapshotDep, resident_id: UUID) -> CallerRead:
    """来电人一览：房屋、委托、没办完的订单和可以读给他听的进展、待付金额、最近的来电。姓名和电话已遮盖；话务员要带 `Call-Id`。"""
    return await service.caller(work, resident_id)


ROUTERS = (mine, residents)
