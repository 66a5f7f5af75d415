"""/v1/orders: a resident orders from the menu and follows the work."""

from typing import Annotated

from fastapi import Body, Path, Query

from app.bookings.service import SlotTaken
from app.core.actors import Role
from app.core.errors import InvalidTransition
from app.core.ids import REF_PATTERN
from app.core.text import Code
from app.kinds.problems import NothingToPay, QuoteGone
from app.kinds.registry import kind_of
from app.menu.service import NotOnMenu
from app.orders import disclose, emergency, examples, masks, place, problems, queries, rate, read, reveal, slots, steps
from app.orders.parts import ContactRead, HistoryRow, WarningRead, line_read
from app.orders.queries import Seen
from app.orders.schemas import (
    CompoundRef,
    OrderRead,
    OrderRow,
    PlaceOrder,
    PreviewRead,
    RateOrder,
    TakeStep,
)
from app.orders.triage import router as triage
from app.people import examples as people_examples
from app.people.schemas import RevealResident
from app.people.service import CallRequired
from app.web.paging import Page, PagingDep
from app.web.problems import problems as refusals
from app.web.route import only, router
from app.web.work import DisclosingDep, SnapshotDep, Work, WorkDep

orders = router("/v1/orders", "下单")

OrderRef = Annotated[
    str,
    Path(
        min_length=15,
        max_length=40,
        pattern=f"^{REF_PATTERN}$",
        description="订单的 id 或单号，例如 DD20261122-0007",
    ),
]
PEOPLE = (Role.RESIDENT, Role.AGENT)
EVERYBODY = (*PEOPLE, Role.WORKER, Role.CLINIC, Role.MANAGER, Role.COMMITTEE, Role.CLERK)
LAST_ROWS = 5


async def _answer(work: Work, seen: Seen) -> OrderRead:
    await disclose.to_clinic(work, seen.order)
    events = await queries.history(work.session, seen.order.id, last=LAST_ROWS)
    work.shows(seen.order.version)
    return read.order_read(seen, events, work.actor, work.now)


@orders.post(
    "",
    status_code=201,
    operation_id="placeOrder",
    responses=refusals(
        NotOnMenu,
        problems.PriceChanged,
        problems.OutOfSeason,
        problems.BindingRequired,
        problems.RoomNotYours,
        problems.TooManyOpen,
        problems.ProxyScope,
        problems.PersonDeceased,
        problems.ConsentRequired,
        problems.ConsentNotYours,
        problems.NoClinic,
        emergency.EmergencyWords,
        slots.SlotsWrong,
        slots.SlotUnknown,
        SlotTaken,
    ),
)
@only(*PEOPLE)
async def place_order(work: WorkDep, body: Annotated[PlaceOrder, Body(openapi_examples=examples.PLACE)]) -> OrderRead:
    """从小区菜单下单；要填什么由服务的类别决定。

    话务员代客下单时带 `Call-Id`，并在 `on_behalf_of_id` 里写明是为谁下的；有代办授权的市民也可以替人下单，或用
    `beneficiary_id` 写明是给谁的。写的内容像紧急情况时返回 409 `emergency-words` 和要拨打的号码，什么也没有保存。
    重发时用同一个 `Idempotency-Key`。
    """
    return await _answer(work, await place.place(work, body))


@orders.post("/preview", operation_id="previewOrder", responses=refusals(NotOnMenu, problems.PriceChanged))
@only(*PEOPLE)
async def preview_order(
    work: WorkDep, body: Annotated[PlaceOrder, Body(openapi_examples=examples.PLACE)]
) -> PreviewRead:
    """试算：和下单同样的内容，不保存，返回费用明细、取消规则和提醒。"""
    ready = await place.draft(work, body)
    return PreviewRead(
        lines=[line_read(line) for line in ready.bill.lines],
        total_fen=ready.bill.total_fen,
        price_text=str(ready.price.text),
        due_now_fen=ready.bill.due_now_fen,
        cancel_terms=ready.facts.cancel_terms.text,
        warnings=[
            WarningRead(
                code=notice.code,
                text=str(notice.text),
                source=notice.source,
                ack=notice.ack,
                acknowledged=notice.code in ready.facts.acks,
            )
            for notice in ready.notices
        ],
        missing_consents=[code for code in ready.facts.item.consents if code not in ready.facts.person.consents],
        slots_ok=all(not slot.closed and slot.booked < slot.capacity for slot in ready.wanted),
        emergency=emergency.read(ready.emergency),
    )


@orders.get("", operation_id="listOrders")
@only(*EVERYBODY)
async def list_orders(
    work: SnapshotDep,
    paging: PagingDep,
    status: Annotated[str | None, Query(min_length=1, max_length=40, pattern=r"^[A-Z_]+$")] = None,
    compound: Annotated[CompoundRef | None, Query()] = None,
    item: Annotated[Code | None, Query()] = None,
) -> Page[OrderRow]:
    """看得到的订单，新的在前：市民看自己的，师傅看派给自己的，物业、物管会、服务中心和话务看本片区的。"""
    cursor = paging.open()
    filters = queries.Filters(status, compound, item)
    rows = await queries.page(work.session, work.actor, filters, after=cursor.after_id, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.order.id])
    return Page(items=[read.order_row(row, work.actor, work.now) for row in kept], next_cursor=following)


@orders.get("/{order_id:ref}", operation_id="readOrder", responses=refusals(problems.OrderNotFound))
@only(*EVERYBODY)
async def read_order(work: DisclosingDep, order_id: OrderRef) -> OrderRead:
    """一张订单：状态、款项、能做的下一步（按钮、表单和后果）和可以读给市民听的进展。

    上门的医护看到姓名、电话和给医生的话，每次查看都有记录，本人可以查到。
    """
    seen = await queries.one(work.session, work.actor, order_id)
    if seen is None:
        raise problems.OrderNotFound
    return await _answer(work, seen)


@orders.post(
    "/{order_id:ref}/steps",
    operation_id="takeOrderStep",
    responses=refusals(
        problems.OrderNotFound, InvalidTransition, QuoteGone, NothingToPay, problems.WorkerUnknown, SlotTaken
    ),
)
@only(*EVERYBODY)
async def take_step(
    work: WorkDep, order_id: OrderRef, body: Annotated[TakeStep, Body(openapi_examples=examples.STEPS)]
) -> OrderRead:
    """让订单往前走一步：接单、报价、接受、排期、完工、确认、收款、修改、异议、取消。

    现在能做哪些步骤，看订单的 `actions`。带 `If-Match` 可防止在旧页面上误操作（412）。
    """
    return await _answer(work, await steps.take_step(work, order_id, body))


@orders.get("/{order_id:ref}/history", operation_id="readOrderHistory", responses=refusals(problems.OrderNotFound))
@only(*EVERYBODY)
async def read_history(work: SnapshotDep, order_id: OrderRef) -> Page[HistoryRow]:
    """订单的全部经过：谁、替谁、经什么渠道、从什么状态到什么状态。"""
    seen = await queries.one(work.session, work.actor, order_id)
    if seen is None:
        raise problems.OrderNotFound
    events = await queries.history(work.session, seen.order.id, last=500)
    if masks.is_discreet(kind_of(seen.order.kind), work.actor):
        return Page(items=[], next_cursor=None)
    return Page(items=[read.history_row(seen.order, event, work.actor) for event in events], next_cursor=None)


@orders.post(
    "/{order_id:ref}/reveal",
    operation_id="revealOrderContact",
    responses=refusals(problems.OrderNotFound, CallRequired),
)
@only(Role.WORKER, Role.MANAGER, Role.AGENT, Role.CLERK)
async def reveal_contact(
    work: WorkDep, order_id: OrderRef, body: Annotated[RevealResident, Body(openapi_examples=people_examples.REVEAL)]
) -> ContactRead:
    """显示订单联系人的姓名和电话，须填写理由；下单的市民可以在 `/v1/me/disclosures` 看到谁看过。"""
    return await reveal.reveal(work, order_id, body)


@orders.post(
    "/{order_id:ref}/rating",
    status_code=201,
    operation_id="rateOrder",
    responses=refusals(problems.OrderNotFound, problems.AlreadyRated, problems.NotRateable),
)
@only(*PEOPLE)
async def rate_order(
    work: WorkDep, order_id: OrderRef, body: Annotated[RateOrder, Body(openapi_examples=examples.RATE)]
) -> OrderRead:
    """评价一次：1 到 5 分，可附意见。完工确认后 30 天内有效。"""
    return await _answer(work, await rate.rate(work, order_id, body))


ROUTERS = (orders, *triage.ROUTERS)
