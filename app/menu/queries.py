"""Every SELECT about menus: offers that hold on a day, with the price that is approved for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.areas.models import Compound
from app.core.actors import Actor, Role
from app.core.flow import Party
from app.kinds.registry import KINDS
from app.menu.models import MenuItem, MenuOffer, MenuPrice, PriceState


@dataclass(frozen=True, slots=True)
class Offered:
    """An item as one compound offers it on one day."""

    item: MenuItem
    offer: MenuOffer
    price: MenuPrice
    compound: Compound


def _offered(compound_code: str, today: date) -> Select[MenuItem, MenuOffer, MenuPrice, Compound]:
    current = (
        select(MenuPrice)
        .where(
            MenuPrice.compound_id == MenuOffer.compound_id,
            MenuPrice.item_code == MenuOffer.item_code,
            MenuPrice.state == PriceState.APPROVED,
            MenuPrice.effective_from <= today,
        )
        .order_by(MenuPrice.number.desc())
        .limit(1)
        .lateral()
    )
    price = aliased(MenuPrice, current)
    return (
        select(MenuItem, MenuOffer, price, Compound)
        .join(MenuOffer, MenuOffer.item_code == MenuItem.code)
        .join(Compound, Compound.id == MenuOffer.compound_id)
        .join(price, true())
        .where(
            Compound.code == compound_code,
            MenuItem.published_at.is_not(None),
            MenuItem.kind.in_(KINDS),
            MenuOffer.enabled,
            MenuOffer.offered_from <= today,
            or_(MenuOffer.offered_until.is_(None), MenuOffer.offered_until > today),
        )
        .order_by(MenuItem.ordinal, MenuItem.code)
    )


async def menu(session: AsyncSession, compound_code: str, today: date) -> list[Offered]:
    rows = await session.execute(_offered(compound_code, today))
    return [Offered(*row) for row in rows]


async def offered(session: AsyncSession, compound_code: str, item_code: str, today: date) -> Offered | None:
    """The item as the compound offers it today, or None."""
    row = (await session.execute(_offered(compound_code, today).where(MenuItem.code == item_code))).one_or_none()
    return Offered(*row) if row else None


async def compound(session: AsyncSession, code: str) -> Compound | None:
    return (await session.execute(select(Compound).where(Compound.code == code))).scalar_one_or_none()


async def item_for_update(session: AsyncSession, code: str) -> MenuItem | None:
    return (await session.execute(select(MenuItem).where(MenuItem.code == code).with_for_update())).scalar_one_or_none()


async def offer_for_update(session: AsyncSession, compound_id: UUID, item_code: str) -> MenuOffer | None:
    found = select(MenuOffer).where(MenuOffer.compound_id == compound_id, MenuOffer.item_code == item_code)
    return (await session.execute(found.with_for_update())).scalar_one_or_none()


async def last_price_number(session: AsyncSession, compound_id: UUID, item_code: str) -> int:
    found = select(func.max(MenuPrice.number)).where(
        MenuPrice.compound_id == compound_id, MenuPrice.item_code == item_code
    )
    return (await session.execute(found)).scalar_one() or 0


async def compounds_offering(session: AsyncSession, item_code: str) -> Sequence[UUID]:
    return (
        (await session.execute(select(MenuOffer.compound_id).where(MenuOffer.item_code == item_code))).scalars().all()
    )


def visible(actor: Actor) -> Select[MenuPrice]:
    """Price versions of the areas that a manager or a committee serves."""
    rows = select(MenuPrice).join(Compound, Compound.id == MenuPrice.compound_id)
    if actor.area_ids is not None:
        rows = rows.where(Compound.area_id.in_(actor.area_ids))
    return rows


def parties(actor: Actor) -> frozenset[Party]:
    """The part that a staff member plays towards a price of an area that he serves."""
    found = {Role.MANAGER: Party.MANAGER, Role.COMMITTEE: Party.COMMITTEE}.get(actor.role)
    return frozenset({found} if found else ())


async def prices(
    session: AsyncSession, actor: Actor, *, compound: str | None, state: str | None, after: UUID | None, limit: int
) -> Sequence[MenuPrice]:
    rows = visible(actor)
    if compound is not None:
        rows = rows.where(Compound.code == compound)
    if state is not None:
        rows = rows.where(MenuPrice.state == state)
    if after is not None:
        rows = rows.where(MenuPrice.id < after)
    return (await session.execute(rows.order_by(MenuPrice.id.desc()).limit(limit))).scalars().all()


async def locked_price(session: AsyncSession, actor: Actor, price_id: UUID) -> MenuPrice | None:
    """The price version, locked for a step; None when it is not the caller's to see."""
    mine = visible(actor).where(MenuPrice.id == price_id).with_only_columns(MenuPrice.id)
    row = select(MenuPrice).where(and_(MenuPrice.id.in_(mine))).with_for_update(of=MenuPrice)
    return (await session.execute(row.execution_options(populate_existing=True))).scalar_one_or_none()


async def example_prices(session: AsyncSession, wanted: set[str], today: date) -> dict[str, int]:
    """`price:QHC/waste-removal` and its like: the version that an order of today must name."""
    found = {}
    for compound_code in sorted({name.partition("/")[0] for name in wanted}):
        for row in await menu(session, compound_code, today):
            found[f"price:{compound_code}/{row.item.code}"] = row.price.number
    return found
