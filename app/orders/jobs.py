"""What happens to orders after a commit and on the clock: messages, reminders, expiries, the silence that accepts."""

from uuid import UUID

import structlog

from app.core import clock
from app.core.text import Text
from app.kinds.registry import kind_of
from app.orders import queries, steps
from app.orders.models import Order
from app.outreach.notices import service as notices
from app.web.run import Run
from app.web.work import Work

log = structlog.get_logger(__name__)
BATCH = 200
HOME_VISIT = Text("上门服务", "home visit")


async def run_due_clocks(run: Run) -> None:
    """Take every step whose time has come, each in a transaction of its own; one that fails does not stop the rest."""
    async with run.work() as work:
        due = await queries.due_clocks(work.session, BATCH)
    for order_id, action in due:
        try:
            async with run.work() as work:
                await steps.run_clock(work, order_id, action)
        except Exception as error:  # noqa: BLE001 the next minute tries again; the others must not wait for it
            log.error("clock_failed", order=str(order_id), action=action, error=type(error).__name__)


async def displaced(run: Run, order_id: str) -> None:
    """The slot of an order has been closed."""
    async with run.work() as work:
        await steps.displace(work, UUID(order_id))


async def owner_found(run: Run, room_id: str) -> None:
    """Somebody has been verified as the owner of a flat: quotes that waited for that go to him."""
    async with run.work() as work:
        waiting = await queries.open_in_room(work.session, UUID(room_id))
    for order_id in waiting:
        async with run.work() as work:
            await steps.owner_found(work, order_id)


async def tell(run: Run, order_id: str, event: str, version: int = 0) -> None:
    """Tell the one who ordered, and the one whom it is for, what has become of the order; each of them once a version."""
    async with run.work() as work:
        order = await queries.for_a_message(work.session, work.actor, UUID(order_id))
        concerned = await _concerned(work, order) if order is not None else []
    if order is None:
        return
    urgent = kind_of(order.kind).urgent or bool(order.red_flags)
    for resident_id in concerned:
        await _tell(run, order, resident_id, event, version, urgent=urgent)


async def _concerned(work: Work, order: Order) -> list[UUID]:
    """The one who ordered, and the one whom it is for; whose proxy has ended sees it no more, and hears no more of it."""
    people = dict.fromkeys((order.requester_id, order.beneficiary_id))
    return [one for one in people if await queries.sees(work.session, one, order.id)]


async def ask_rating(run: Run, order_id: str) -> None:
    """Ask the one who ordered for a rating, once; not when it has been rated or is no longer done, and nobody who mourns.

    Where the one whom it was for has died or lies in hospital since, the family is left in peace.
    """
    async with run.work() as work:
        order = await queries.for_a_message(work.session, work.actor, UUID(order_id))
        concerned = await _concerned(work, order) if order is not None else []
    if order is None or order.rating is not None or order.requester_id not in concerned:
        return
    kind, subject = kind_of(order.kind), order.beneficiary
    if not kind.asks_rating or order.status not in kind.rateable or subject.deceased_on or subject.away_since:
        return
    await _tell(run, order, order.requester_id, "rate", 0, urgent=False)


async def _tell(run: Run, order: Order, resident_id: UUID, event: str, version: int, *, urgent: bool) -> None:
    await notices.tell(
        run,
        resident_id=resident_id,
        template=f"order-{event}",
        params=_params(order, event),
        order_id=order.id,
        dedup_key=f"order:{order.id}:{version}:{event}:{resident_id}",
        urgent=urgent,
        compound_id=order.compound_id,
    )


def _params(order: Order, event: str) -> dict[str, str]:
    """What a message may say of an order: its number, what it is (a discreet service is just a visit), and when.

    Before a visit it also says who will ring, and the code that he says at the door.
    """
    title = HOME_VISIT if kind_of(order.kind).discreet is not None else Text(order.item.title, order.item.title_en)
    params = {"number": order.number, "title": title.zh, "title_en": title.en}
    if order.starts_at is not None:
        params |= {"date": str(clock.local_date(order.starts_at)), "time": f"{clock.local(order.starts_at):%H:%M}"}
    if event == "visitor" and order.door_code is not None and order.assignees:
        staff = order.assignees[0].staff
        params |= {"visitor": f"{staff.post}{staff.name}", "code": order.door_code}
    return params
