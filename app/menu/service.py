"""Every write about menus: items, offers, and prices that two persons make."""

from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.areas.models import Compound
from app.areas.problems import CompoundNotFound
from app.core.errors import Forbidden, Invalid, NotFound, Problem
from app.core.ids import new_id
from app.core.text import Text
from app.kinds import forms
from app.kinds.base import Kind
from app.kinds.registry import KINDS
from app.menu import queries
from app.menu.models import PRICE_FLOW, MenuItem, MenuOffer, MenuPrice, PriceState, Pricing
from app.menu.schemas import NewPrice, PutItem, PutOffer, RejectPrice
from app.web.caching import page_changed
from app.web.work import Work

TOPIC = "menu"


class NotOnMenu(Invalid):
    code = "not-on-menu"
    title = Text("这个小区现在没有提供这项服务", "The compound does not offer this")
    detail = Text("“{item}”不在{compound}现在的菜单上。", "“{item}” is not on the menu of {compound} now.")


class ItemNotFound(NotFound):
    code = "item-not-found"
    title = Text("菜单上没有这一项", "No such item on the menu")


class PriceNotFound(NotFound):
    code = "price-not-found"
    title = Text("没有这个价格版本", "No such price version")


class KindUnknown(Invalid):
    code = "kind-unknown"
    title = Text("没有这一类服务", "No such kind of service")


class KindFixed(Problem):
    status, code = 409, "kind-fixed"
    title = Text("服务的类别不能改变", "The kind of an item cannot change")


class PriceLinesWrong(Invalid):
    code = "price-lines-wrong"
    title = Text("价格行不符合计价方式", "The price lines do not fit the pricing")


class RulesWrong(Invalid):
    code = "rules-wrong"
    title = Text("规则不对", "The rules are wrong")
    detail = Text("“{name}”不是这一类服务的规则，或超出范围。", "“{name}” is no rule of this kind, or out of bounds.")


class PeriodWrong(Invalid):
    code = "period-wrong"
    title = Text("起止日期不对", "The period is wrong")


async def put_item(work: Work, code: str, body: PutItem) -> tuple[MenuItem, bool]:
    """Describe a service for the whole town; says whether it is new. A changed form gets a new form version."""
    kind = KINDS.get(body.kind)
    if kind is None:
        raise KindUnknown(pointer="/kind")
    if body.form is not None:
        forms.check_form(body.form)
    _check_rules(kind, body.rules)
    values = body.model_dump(exclude={"published", "season", "cancel_terms"})
    values["season"] = body.season.model_dump(by_alias=True) if body.season else None
    values["cancel_terms"] = body.cancel_terms.model_dump()
    item = await queries.item_for_update(work.session, code)
    if item is None:
        item = MenuItem(code=code, form_version=1, published_at=work.now if body.published else None, **values)
        work.session.add(item)
        await work.session.flush()
        return item, True
    work.expect(item.version, required=True)
    if item.kind != body.kind:
        raise KindFixed(pointer="/kind")
    item.form_version += item.form != body.form
    for name, value in values.items():
        setattr(item, name, value)
    item.published_at = (item.published_at or work.now) if body.published else None
    item.version += 1
    await work.session.flush()
    await page_changed(work.session, TOPIC, *await queries.compounds_offering(work.session, code))
    return item, False


def _check_rules(kind: Kind, rules: dict[str, Any]) -> None:
    try:
        kind.rules.model_validate(rules)
    except ValidationError as error:
        first = error.errors()[0]
        name = "/".join(str(part) for part in first["loc"])
        raise RulesWrong(pointer=f"/rules/{name}", name=name) from error


async def put_offer(
    work: Work, compound_code: str, item_code: str, body: PutOffer
) -> tuple[Compound, MenuOffer, MenuPrice | None, bool]:
    """Say that a compound offers an item, and prepare its price; a committee has to approve the price."""
    compound = await queries.compound(work.session, compound_code)
    if compound is None:
        raise CompoundNotFound
    if not work.actor.serves(compound.area_id):
        raise Forbidden
    item = await queries.item_for_update(work.session, item_code)
    if item is None:
        raise ItemNotFound
    if body.offered_until is not None and body.offered_until <= body.offered_from:
        raise PeriodWrong(pointer="/offered_until")
    offer = await queries.offer_for_update(work.session, compound.id, item_code)
    values: dict[str, Any] = body.model_dump(exclude={"price"})
    new = offer is None
    if offer is None:
        offer = MenuOffer(compound_id=compound.id, item_code=item_code, version=1, **values)
        work.session.add(offer)
    else:
        work.expect(offer.version, required=True)
        for name, value in values.items():
            setattr(offer, name, value)
        offer.version += 1
    price = await _prepare(work, compound.id, item, body.price) if body.price else None
    await work.session.flush()
    await page_changed(work.session, TOPIC, compound.id)
    return compound, offer, price, new


async def _prepare(work: Work, compound_id: UUID, item: MenuItem, wanted: NewPrice) -> MenuPrice:
    free = item.pricing in {Pricing.FREE, Pricing.QUOTE, Pricing.PASS_THROUGH}
    if not (wanted.lines or free) or len({line.code for line in wanted.lines}) != len(wanted.lines):
        raise PriceLinesWrong(pointer="/price/lines")
    if wanted.effective_from < work.today:
        raise PeriodWrong(pointer="/price/effective_from")
    assert work.actor.id is not None
    price = MenuPrice(
        id=new_id(),
        compound_id=compound_id,
        item_code=item.code,
        number=await queries.last_price_number(work.session, compound_id, item.code) + 1,
        state=PriceState.PREPARED,
        lines=[line.model_dump() for line in wanted.lines],
        effective_from=wanted.effective_from,
        prepared_by=work.actor.id,
        version=1,
    )
    work.session.add(price)
    return price


async def decide_price(work: Work, price_id: UUID, body: Any) -> MenuPrice:
    """Approve, reject or withdraw a prepared price; never the person who prepared it approves."""
    price = await queries.locked_price(work.session, work.actor, price_id)
    if price is None:
        raise PriceNotFound
    mine = queries.parties(work.actor)
    PRICE_FLOW.permit(body.action, mine)
    work.expect(price.version)
    step = PRICE_FLOW.choose(body.action, price.state, mine)
    if body.action != "withdraw":
        if price.prepared_by == work.actor.id:
            raise Forbidden
        price.decided_by = work.actor.id
    assert step.target is not None
    price.state, price.decided_at, price.version = step.target, work.now, price.version + 1
    price.reason = body.reason if isinstance(body, RejectPrice) else None
    price.effective_from = max(price.effective_from, work.today)
    await work.session.flush()
    await page_changed(work.session, TOPIC, price.compound_id)
    return price
