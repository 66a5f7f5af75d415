"""The one answer to “which orders exist for this caller”, and the rights that he has towards each of them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, exists, false, func, or_, select

from app.areas.duty import queries as duty
from app.core.actors import Actor, Role
from app.kinds.registry import KINDS
from app.orders.models import Order, OrderAssignee
from app.people.consents import queries as consents
from app.people.consents.models import ConsentCode
from app.people.models import Residency, ResidencyRole, ResidencyStatus, Staff
from app.people.proxies import queries as proxies
from app.people.proxies.models import ProxyScope

PROPERTY = {Role.MANAGER, Role.COMMITTEE, Role.CLERK}
FLAT_KINDS = sorted(kind.code for kind in KINDS.values() if kind.for_the_flat)
DUTY_KINDS = sorted(kind.code for kind in KINDS.values() if kind.wants_duty)
DISCREET_KINDS = sorted(kind.code for kind in KINDS.values() if kind.discreet is not None)
SCOPES = {scope: sorted(k.code for k in KINDS.values() if k.proxy_scope == scope) for scope in ProxyScope}
OWNERS = (ResidencyRole.OWNER, ResidencyRole.CO_OWNER)
VISITED = ("FINISHED", "DISPUTED", "COMPLETED")
"""What was shared for a visit that has taken place stays with those who made it, whatever is withdrawn later."""


def local_today() -> ColumnElement[date]:
    """The local day of the database's instant."""
    return cast(func.timezone("Asia/Shanghai", func.now()), Date)


def owner(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the order's room has a current, verified owner who fits."""
    return exists().where(
        Residency.room_id == Order.room_id,
        Residency.role.in_(OWNERS),
        Residency.status == ResidencyStatus.VERIFIED,
        Residency.start_on <= local_today(),
        or_(Residency.end_on.is_(None), Residency.end_on > local_today()),
        *conditions,
    )


def _principals(person: Any, scope: ProxyScope) -> Any:
    return proxies.principals_of(person, scope, local_today())


def _is_or_acts_for(person: Any) -> ColumnElement[bool]:
    """Whether an owner is this person, or one who lets him decide."""
    return or_(
        Residency.resident_id == person, Residency.resident_id.in_(_principals(person, ProxyScope.OWNER_DECISION))
    )


def acts_for_subject(person: Any) -> ColumnElement[bool]:
    """Whether this person holds a proxy of the one whom the order is for, for orders of its kind."""
    by_scope = [
        and_(Order.kind.in_(kinds), Order.beneficiary_id.in_(_principals(person, scope)))
        for scope, kinds in SCOPES.items()
        if kinds
    ]
    return or_(*by_scope)


def _of_resident(person: UUID | None) -> ColumnElement[bool]:
    """What he placed (for somebody else only while the proxy stands), what is for him or his principals, his flats."""
    own = and_(Order.requester_id == person, Order.proxy_id.is_(None))
    in_my_flat = and_(Order.kind.in_(FLAT_KINDS), owner(_is_or_acts_for(person)))
    return or_(own, Order.beneficiary_id == person, acts_for_subject(person), in_my_flat)


def my_clinic(actor: Actor) -> Any:
    return select(Staff.clinic_id).where(Staff.id == actor.id).scalar_subquery()


def _of_clinic(actor: Actor) -> ColumnElement[bool]:
    """What was handed to the caller's clinic and may stay there: consents that hold now, or a visit that was made."""
    agreed = and_(
        consents.stands(Order.beneficiary_id, ConsentCode.HEALTH_DATA),
        consents.stands(Order.beneficiary_id, ConsentCode.SHARE_WITH_CLINIC, clinic_id=Order.clinic_id),
        Order.status != "AWAITING_CONSENT",
    )
    return and_(Order.clinic_id == my_clinic(actor), or_(agreed, Order.status.in_(VISITED)))


def assigned_to(actor: Actor) -> ColumnElement[bool]:
    return Order.id.in_(select(OrderAssignee.order_id).where(OrderAssignee.staff_id == actor.id))


def on_duty_for(actor: Actor) -> ColumnElement[bool]:
    """Whether the caller stands on the duty roster of the compound, for kinds that call it."""
    return and_(Order.kind.in_(DUTY_KINDS), Order.compound_id.in_(duty.on_roster(actor.id)))


def visible(actor: Actor) -> Select[Order]:
    """The orders that exist for this caller; to everybody else they are a 404.

    A current owner also sees the work that concerns his flat, whoever ordered it. Property staff see a visit of the
    clinic only once its time is set: they may have to open a gate.
    """
    rows = select(Order)
    if actor.role is Role.SYSTEM:
        return rows
    if actor.role is Role.RESIDENT:
        return rows.where(_of_resident(actor.id))
    if actor.role is Role.CLINIC:
        return rows.where(_of_clinic(actor))
    if actor.role is Role.WORKER:
        return rows.where(or_(assigned_to(actor), on_duty_for(actor)))
    if actor.role in PROPERTY:
        rows = rows.where(or_(Order.kind.not_in(DISCREET_KINDS), Order.starts_at.is_not(None)))
    elif actor.role is not Role.AGENT:
        return rows.where(false())
    return rows if actor.area_ids is None else rows.where(Order.area_id.in_(actor.area_ids))


def with_rights(rows: Select[Any], actor: Actor) -> Select[Any]:
    """Beside each order: owned, owner_known, requester_owns, proxied, mine_to_do, on_duty; see `Seen`."""
    person: Any = None
    if actor.role is Role.RESIDENT:
        person = actor.id
    elif actor.call_id is not None:
        person = actor.for_id or Order.requester_id
    owned = owner(_is_or_acts_for(person)) if person is not None else false()
    proxied = acts_for_subject(person) if person is not None else false()
    worker = actor.role is Role.WORKER
    return rows.add_columns(
        owned.label("owned"),
        owner().label("owner_known"),
        owner(Residency.resident_id == Order.requester_id).label("requester_owns"),
        proxied.label("proxied"),
        (assigned_to(actor) if worker else false()).label("mine_to_do"),
        (on_duty_for(actor) if worker else false()).label("on_duty"),
    )
