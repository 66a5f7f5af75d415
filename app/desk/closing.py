"""Closing an account: it spans the domains, because nothing may be open and nothing owed."""

from app.core.errors import Problem, Unauthenticated
from app.core.text import Text
from app.desk import queries
from app.people import closing
from app.people import queries as people
from app.web.work import Work


class OrdersOpen(Problem):
    status, code = 409, "orders-open"
    title = Text("还有没办完的订单", "Orders are open")
    detail = Text(
        "还有 {count} 个没办完的订单，请先办完或取消：{numbers}。",
        "{count} orders are open, end them first: {numbers}.",
    )


class MoneyOwed(Problem):
    status, code = 409, "money-owed"
    title = Text("还有没结清的钱", "Money is owed")
    detail = Text(
        "这些订单还没有付清或退清：{numbers}。请先到服务中心结清。",
        "These orders are not paid or refunded in full: {numbers}. Settle them at the service centre first.",
    )


async def close_account(work: Work) -> None:
    """The resident who asks leaves. His row is locked against orders that are just being placed."""
    assert work.actor.id is not None
    person = await people.sole_resident(work.session, work.actor.id)
    if person is None:
        raise Unauthenticated
    work.expect(person.version, required=True)
    open_orders, unsettled = await queries.unfinished(work.session, person.id)
    if open_orders:
        raise OrdersOpen(count=len(open_orders), numbers="、".join(open_orders[:5]))
    if unsettled:
        raise MoneyOwed(numbers="、".join(unsettled[:5]))
    await closing.close(work, person)
