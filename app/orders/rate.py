"""One rating of one order, by the one whose order it is."""

from datetime import timedelta

from app.core.errors import Forbidden
from app.core.flow import Party
from app.orders import problems, queries
from app.orders.facts import parties
from app.orders.models import Order, OrderRating
from app.orders.schemas import RateOrder
from app.people.service import require_call
from app.web.work import Work

WITHIN = timedelta(days=30)
RATEABLE = frozenset({"CONFIRMED", "DONE"})


async def rate(work: Work, ref: str, body: RateOrder) -> Order:
    """Rate the finished work once, within 30 days of its end."""
    require_call(work)
    order = await queries.locked(work.session, work.actor, ref)
    if order is None:
        raise problems.OrderNotFound
    if Party.RESIDENT not in parties(work.actor, order):
        raise Forbidden
    work.expect(order.version)
    if order.rating is not None:
        raise problems.AlreadyRated
    if order.status not in RATEABLE or (order.closed_at is not None and work.now - order.closed_at > WITHIN):
        raise problems.NotRateable
    order.rating = OrderRating(
        order_id=order.id, score=body.score, comment=body.comment, rated_by=order.requester_id, created_at=work.now
    )
    order.version += 1
    order.updated_at = work.now
    await work.session.flush()
    return order
