"""One rating of one order, by the one whose order it is."""

from datetime import timedelta

from app.core.errors import Forbidden
from app.core.flow import Party
from app.kinds.registry import kind_of
from app.orders import problems, queries
from app.orders.facts import parties
from app.orders.models import OrderRating
from app.orders.queries import Seen
from app.orders.schemas import RateOrder
from app.people.service import require_call
from app.web.work import Work

WITHIN = timedelta(days=30)


async def rate(work: Work, ref: str, body: RateOrder) -> Seen:
    """Rate the finished work once, within 30 days of its end."""
    require_call(work)
    seen = await queries.locked(work.session, work.actor, ref)
    if seen is None:
        raise problems.OrderNotFound
    order = seen.order
    if Party.RESIDENT not in parties(work.actor, seen):
        raise Forbidden
    work.expect(order.version)
    if order.rating is not None:
        raise problems.AlreadyRated
    if order.status not in kind_of(order.kind).rateable or (
        order.closed_at is not None and work.now - order.closed_at > WITHIN
    ):
        raise problems.NotRateable
    order.rating = OrderRating(
        order_id=order.id, score=body.score, comment=body.comment, rated_by=order.requester_id, created_at=work.now
    )
    order.version += 1
    order.updated_at = work.now
    await work.session.flush()
    return seen
