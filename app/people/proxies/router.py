"""/v1/me/proxies, /v1/proxies and /v1/residents/{id}/proxies: who may act for whom."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from app.core.actors import Role
from app.core.errors import RateLimited
from app.people import codes, service
from app.people.homes.problems import ResidentUnknown
from app.people.proxies import asking, examples, problems, queries, steps
from app.people.proxies.schemas import AskProxy, ProxyRead, RecordProxy, TakeProxyStep
from app.people.service import ResidentNotFound
from app.web.paging import Page, PagingDep
from app.web.problems import problems as refusals
from app.web.route import only, router
from app.web.work import ReadDep, WorkDep

mine = router("/v1/me/proxies", "市民")
every = router("/v1/proxies", "市民")
residents = router("/v1/residents", "话务")


@mine.post(
    "",
    status_code=201,
    operation_id="askProxy",
    responses=refusals(problems.ProxySelf, problems.MobileRequired, problems.GuardianshipRequired, RateLimited),
)
@only(Role.RESIDENT)
async def ask_proxy(work: WorkDep, body: Annotated[AskProxy, Body(openapi_examples=examples.ASK)]) -> ProxyRead:
    """申请委托：`role` 是被点名的人的身份，`PRINCIPAL` 是委托人（例如母亲），`PROXY` 是受托人（例如女儿）。

    用手机号点名；同住的人也可以用自己房屋的房号点名业主。不论对方是否登记过，回答都一样。验证码发到委托人的手机，
    三十分钟内有效；委托人用 `POST /v1/proxies/{id}/steps` 确认，或者把验证码念给受托人、话务员、服务中心代为确认。
    七天内没有确认的申请作废；委托最长十二个月，随时可以撤销。
    """
    row = await asking.ask(work, body)
    work.shows(row.version)
    return ProxyRead.of(row, work.actor, steps.parties(work.actor, row))


@mine.get("", operation_id="listMyProxies")
@only(Role.RESIDENT)
async def list_mine(work: ReadDep, paging: PagingDep) -> Page[ProxyRead]:
    """我委托别人的和别人委托我的，不论状态，新的在前。确认以后才能看到对方的姓名（已遮盖）和 `resident_id`。"""
    cursor = paging.open()
    rows = await queries.page(work.session, work.actor, work.today, after=cursor.after_id, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.id])
    items = [ProxyRead.of(row, work.actor, steps.parties(work.actor, row)) for row in kept]
    return Page(items=items, next_cursor=following)


@every.post(
    "/{proxy_id}/steps",
    operation_id="takeProxyStep",
    responses=refusals(
        problems.ProxyNotFound,
        problems.GuardianshipRequired,
        codes.CodeWrong,
        codes.PhoneHolderUnsure,
        codes.AccountResting,
        service.CallRequired,
        RateLimited,
    ),
)
@only(Role.RESIDENT, Role.AGENT, Role.CLERK)
async def take_step(
    work: WorkDep, proxy_id: UUID, body: Annotated[TakeProxyStep, Body(openapi_examples=examples.STEPS)]
) -> ProxyRead:
    """凭验证码确认，再发一次验证码，不同意（委托人），撤销（任何一方）。

    话务员要在关联到其中一方的来电下（`Call-Id`）、凭委托人念出的验证码确认；委托人的号码很久没有验证过时，还要填他登记的
    姓名 `name`。新的委托确认后，同一对人之间原有的委托随即撤销。
    """
    row = await steps.take_step(work, proxy_id, body)
    work.shows(row.version)
    return ProxyRead.of(row, work.actor, steps.parties(work.actor, row))


@residents.post(
    "/{resident_id}/proxies",
    status_code=201,
    operation_id="recordProxy",
    responses=refusals(
        ResidentNotFound,
        ResidentUnknown,
        problems.ProxySelf,
        problems.GuardianshipRequired,
        codes.AccountResting,
    ),
)
@only(Role.CLERK)
async def record_proxy(
    work: WorkDep, resident_id: UUID, body: Annotated[RecordProxy, Body(openapi_examples=examples.RECORD)]
) -> ProxyRead:
    """服务中心登记书面委托（`SIGNED_PAPER`）或监护（`GUARDIANSHIP`），写明存档编号，当场生效。

    未满十八周岁的人只能由监护人代办。路径里是委托人（被监护人），`holder_id` 是受托人（监护人）。
    """
    row = await asking.record(work, resident_id, body)
    work.shows(row.version)
    return ProxyRead.of(row, work.actor, steps.parties(work.actor, row))


ROUTERS = (mine, every, residents)
