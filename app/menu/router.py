"""/v1/compounds/{code}/menu: what a compound offers, public; and the staff routes behind it."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Path, Query, Request, Response

from app.areas.problems import CompoundNotFound
from app.core import clock
from app.core.actors import Role
from app.core.flow import Party
from app.core.text import Code
from app.menu import examples, page, queries, service
from app.menu.models import PriceState
from app.menu.schemas import (
    ItemAdmin,
    ItemRead,
    MenuRead,
    OfferRead,
    PriceVersionRead,
    PutItem,
    PutOffer,
    TakePriceStep,
)
from app.web.paging import Page, PagingDep
from app.web.problems import problems
from app.web.route import only, public, router
from app.web.work import IfNoneMatch, PutDep, ReadDep, WorkDep

compounds = router("/v1/compounds", "菜单")
items = router("/v1/menu-items", "菜单")
prices = router("/v1/menu-prices", "菜单")

CompoundCode = Annotated[str, Path(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$", examples=["QHC"])]
NewItemCode = Annotated[Code, Path(examples=["house-cleaning"])]
ItemCode = Annotated[Code, Path(examples=["waste-removal"])]


@compounds.get(
    "/{code}/menu",
    operation_id="readMenu",
    response_model=MenuRead,
    responses=problems(CompoundNotFound),
)
@public
async def read_menu(request: Request, code: CompoundCode, if_none_match: IfNoneMatch = None) -> Response:
    """小区菜单：现在能点的服务、价格（或计价方式）和可预约的日期。

    内容最多滞后一秒；带 `If-None-Match` 时没有变化返回 304。
    """
    today = clock.local_date(clock.utc_now())
    pages = request.app.state.pages
    done: Response = await pages.serve(request, service.TOPIC, code, today, lambda s: page.menu_page(s, code, today))
    return done


@compounds.get(
    "/{code}/menu/{item}",
    operation_id="readMenuItem",
    response_model=ItemRead,
    responses=problems(service.ItemNotFound),
)
@public
async def read_item(
    request: Request, code: CompoundCode, item: ItemCode, if_none_match: IfNoneMatch = None
) -> Response:
    """菜单上的一项：服务内容和标准、价格版本、要填的表单、取消规则和需要的同意。

    下单时把这里的 `price.version` 填进 `price_version`。
    """
    today = clock.local_date(clock.utc_now())
    pages, name = request.app.state.pages, f"{code}/{item}"
    done: Response = await pages.serve(
        request, service.TOPIC, name, today, lambda s: page.item_page(s, code, item, today)
    )
    return done


@items.put(
    "/{code}",
    operation_id="putMenuItem",
    responses=problems(service.KindUnknown, service.KindFixed),
)
@only(Role.ADMIN)
async def put_item(
    work: PutDep, code: NewItemCode, body: Annotated[PutItem, Body(openapi_examples=examples.PUT_ITEM)]
) -> ItemAdmin:
    """新增或修改一项服务的说明、计价方式和表单；已有的要带 `If-Match`。改过的表单得到新的表单版本。"""
    item, _ = await service.put_item(work, code, body)
    work.shows(item.version)
    return ItemAdmin.of(item)


@compounds.put(
    "/{code}/menu/{item}",
    operation_id="putMenuOffer",
    responses=problems(CompoundNotFound, service.ItemNotFound, service.PeriodWrong, service.PriceLinesWrong),
)
@only(Role.MANAGER)
async def put_offer(
    work: PutDep,
    code: CompoundCode,
    item: ItemCode,
    body: Annotated[PutOffer, Body(openapi_examples=examples.PUT_OFFER)],
) -> OfferRead:
    """让小区上架或下架一项服务，并准备新的价格；价格由物管会或业委会批准后才生效。"""
    compound, offer, price, _ = await service.put_offer(work, code, item, body)
    work.shows(offer.version)
    prepared = PriceVersionRead.of(price, frozenset({Party.MANAGER})) if price else None
    return OfferRead.of(compound.code, offer, prepared)


@prices.get("", operation_id="listMenuPrices")
@only(Role.MANAGER, Role.COMMITTEE)
async def list_prices(
    work: ReadDep,
    paging: PagingDep,
    compound: Annotated[str | None, Query(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$")] = None,
    status: PriceState | None = None,
) -> Page[PriceVersionRead]:
    """本人所管片区的价格版本，新的在前；`status=PREPARED` 是等待批准的。"""
    cursor = paging.open()
    rows = await queries.prices(
        work.session, work.actor, compound=compound, state=status, after=cursor.after_id, limit=cursor.limit + 1
    )
    kept, following = cursor.page(rows, lambda row: [row.id])
    mine = queries.parties(work.actor)
    return Page(items=[PriceVersionRead.of(row, mine) for row in kept], next_cursor=following)


@prices.post("/{price_id}/steps", operation_id="takeMenuPriceStep", responses=problems(service.PriceNotFound))
@only(Role.MANAGER, Role.COMMITTEE)
async def take_price_step(
    work: WorkDep,
    price_id: UUID,
    body: Annotated[TakePriceStep, Body(openapi_examples=examples.PRICE_STEPS)],
) -> PriceVersionRead:
    """批准、不批准或撤回一个价格版本；准备的人不能自己批准。"""
    price = await service.decide_price(work, price_id, body)
    work.shows(price.version)
    return PriceVersionRead.of(price, queries.parties(work.actor))


ROUTERS = (compounds, items, prices)
