"""The public pages of the menu: what they say on one local day, in one language; nothing personal and no "now"."""

from datetime import date, timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.areas.problems import CompoundNotFound
from app.core.text import language
from app.kinds.registry import kind_of
from app.menu import queries
from app.menu.models import MenuItem, Pricing
from app.menu.queries import Offered
from app.menu.schemas import (
    CancelTermsModel,
    ItemRead,
    MenuRead,
    MenuRow,
    Orderable,
    PriceLineRead,
    PriceRead,
    Season,
    consents_of,
    form_of,
    sheet,
)
from app.menu.service import ItemNotFound


def in_season(season: dict[str, str] | None, day: date) -> bool:
    """Whether the day lies in the half-open span `MM-DD`..`MM-DD`, which may run over New Year."""
    if season is None:
        return True
    start, end, today = season["from"], season["until"], f"{day:%m-%d}"
    return start <= today < end if start < end else today >= start or today < end


def _next_start(season: dict[str, str], day: date) -> date:
    month, first = (int(part) for part in season["from"].split("-"))
    for year in range(day.year, day.year + 9):
        try:
            start = date(year, month, first)
        except ValueError:
            continue
        if start >= day:
            return start
    return day


def orderable(item: MenuItem, until: date | None, today: date) -> Orderable:
    first = today + timedelta(days=item.lead_days)
    if in_season(item.season, first) or item.season is None:
        return Orderable(from_=first, until=until, reason=None)
    return Orderable(from_=_next_start(item.season, first), until=until, reason=item.season["reason"])


def menu_row(offered: Offered, today: date) -> MenuRow:
    """One line of the menu."""
    return MenuRow(**_row(offered, today))


def _row(offered: Offered, today: date) -> dict[str, object]:
    item = offered.item
    return {
        "code": item.code,
        "kind": item.kind,
        "kind_label": str(kind_of(item.kind).title),
        "title": item.title_en if language.get() == "en" else item.title,
        "pricing": Pricing(item.pricing),
        "price_text": str(sheet(item.pricing, offered.price).text),
        "price_version": offered.price.number,
        "orderable": orderable(item, offered.offer.offered_until, today),
    }


def item_read(offered: Offered, today: date) -> ItemRead:
    item, price = offered.item, offered.price
    return ItemRead(
        **_row(offered, today),
        content=item.content,
        standard=item.standard,
        price=PriceRead(
            version=price.number,
            mode=Pricing(item.pricing),
            lines=[PriceLineRead.model_validate(line) for line in price.lines],
            effective_from=price.effective_from,
        ),
        form=form_of(item),
        form_version=item.form_version,
        lead_days=item.lead_days,
        season=Season.model_validate(item.season) if item.season else None,
        cancel_terms=CancelTermsModel.model_validate(item.cancel_terms),
        consents=list(consents_of(item)),
    )


def _bytes(page: BaseModel) -> bytes:
    return page.model_dump_json(by_alias=True).encode()


async def menu_page(session: AsyncSession, compound_code: str, today: date) -> tuple[UUID, bytes]:
    """The compound's id and its menu as JSON."""
    compound = await queries.compound(session, compound_code)
    if compound is None:
        raise CompoundNotFound
    rows = [menu_row(o, today) for o in await queries.menu(session, compound_code, today)]
    return compound.id, _bytes(MenuRead(compound=compound.code, compound_name=compound.name, items=rows))


async def item_page(session: AsyncSession, compound_code: str, item_code: str, today: date) -> tuple[UUID, bytes]:
    """The compound's id and one item of its menu as JSON."""
    offered = await queries.offered(session, compound_code, item_code, today)
    if offered is None:
        raise ItemNotFound
    return offered.compound.id, _bytes(item_read(offered, today))
