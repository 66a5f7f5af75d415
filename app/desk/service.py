"""Putting together what one person needs to see; nothing here writes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from app.areas.duty import queries as duty
from app.areas.duty.schemas import CallNow
from app.core.actors import Actor, Role
from app.core.text import Text, mask_name
from app.desk import queries
from app.desk.queries import Waiting
from app.desk.schemas import (
    CallerRead,
    CallRow,
    ExportedOrder,
    ExportRead,
    HomeRead,
    HomeState,
    OpenOrder,
    WorkRow,
    WorkType,
)
from app.kinds.registry import kind_of
from app.menu import page
from app.menu import queries as menu
from app.menu.schemas import PriceVersionRead
from app.orders import masks, read
from app.orders import queries as orders
from app.orders.queries import Seen
from app.outreach.notices import queries as notices
from app.outreach.notices import templates
from app.outreach.notices.schemas import NotificationRead
from app.outreach.tasks.models import TASK_FLOW, TEXTS, TaskType
from app.people import queries as people
from app.people import service as people_service
from app.people.consents import queries as consent_queries
from app.people.consents import saying
from app.people.homes import queries as homes
from app.people.homes import residencies
from app.people.homes.schemas import ResidencyRead
from app.people.life import queries as life
from app.people.life.schemas import LifeEventRead
from app.people.proxies import queries as proxies
from app.people.proxies import steps as proxy_steps
from app.people.proxies.schemas import ProxyRead
from app.people.schemas import DisclosureRead, ResidentFound, room_of_mine
from app.people.service import ResidentNotFound, require_call
from app.people.wechat import subscriptions
from app.web.work import Work

MOST_OPEN, MOST_CALLS, MOST_PROXIES, MOST_EXPORTED = 20, 10, 50, 500
WORDS = {
    HomeState.NO_ROOM: Text(
        "您还没有绑定房屋。绑定后可以点单；也可以拨打服务中心电话办理。",
        "You have no room yet. Bind one to order, or call the service centre.",
    ),
    HomeState.PENDING: Text("您的房屋绑定正在核实，三个工作日内有结果。", "Your room is being verified."),
    HomeState.READY: Text("可以点单了。", "You can order."),
}
PRICE = Text("待批准的价格：{item} 第 {number} 版", "A price to approve: {item}, version {number}")
BINDING = Text("{name}申请绑定 {room}（{role}）", "{name} asks to be bound to {room} ({role})")


async def home(work: Work, compound: str | None) -> HomeRead:
    """State, rooms, open orders, what is unpaid, and whom to call and the menu of the compound at hand."""
    assert work.actor.id is not None
    rooms = await people.residencies(work.session, [work.actor.id], work.today)
    if rooms:
        state = HomeState.READY
    else:
        waiting = await queries.pending(work.session, work.actor.id)
        state = HomeState.PENDING if waiting else HomeState.NO_ROOM
    where = compound or (rooms[0].room.code.partition("-")[0] if rooms else None)
    offered = await menu.menu(work.session, where, work.today) if where else []
    on_duty = await duty.chain(work.session, where, work.now) if where else []
    return HomeRead(
        state=state,
        text=str(WORDS[state]),
        rooms=[room_of_mine(row) for row in rooms],
        open_orders=await _open(work, work.actor, work.actor),
        unpaid_fen=await queries.unpaid_fen(work.session, work.actor),
        unread=await notices.unread(work.session, work.actor),
        call_now=[CallNow.of(contact) for contact in on_duty],
        menu=[page.menu_row(row, work.today) for row in offered],
    )


async def _open(work: Work, whose: Actor, reader: Actor) -> list[OpenOrder]:
    """What is open for somebody; of a clinic's visits property staff learn nothing here."""
    found = await orders.several(work.session, whose, open_only=True, limit=MOST_OPEN)
    seen = [one for one in found if not masks.is_discreet(kind_of(one.order.kind), reader)]
    return [OpenOrder(order=read.order_row(one, reader, work.now), next=read.next_read(one, work.now)) for one in seen]


class Line(NamedTuple):
    """What a row of a desk says, and where it is acted upon."""

    number: str | None
    title: str
    text: str
    path: str


Lines = dict[UUID, Line]


async def inbox(work: Work, rows: Sequence[Waiting]) -> list[WorkRow]:
    """The rows of a desk, each with what it says; one statement for each type but orders, whatever their number."""
    lines: Lines = {}
    for type_, told in TOLD.items():
        ids = [row.id for row in rows if row.type == type_]
        lines |= await told(work, ids) if ids else {}
    return [_row(work, row, lines[row.id]) for row in rows if row.id in lines]


async def _orders(work: Work, ids: Sequence[UUID]) -> Lines:
    seen = await orders.several(work.session, work.actor, ids=ids, limit=len(ids))
    return {one.order.id: _order(work, one) for one in seen}


def _order(work: Work, seen: Seen) -> Line:
    text, order = read.next_read(seen, work.now).text, seen.order
    return Line(order.number, read.title_of(order), text, f"/v1/orders/{order.number}")


async def _prices(work: Work, ids: Sequence[UUID]) -> Lines:
    lines: Lines = {}
    for price in (await queries.prices(work.session, work.actor, ids)).values():
        shown = PriceVersionRead.of(price, frozenset())
        title = str(PRICE).format(item=shown.item, number=shown.number)
        lines[price.id] = Line(None, title, shown.status_label, f"/v1/menu-prices/{price.id}/steps")
    return lines


async def _bindings(work: Work, ids: Sequence[UUID]) -> Lines:
    lines: Lines = {}
    for row in (await queries.residencies(work.session, work.actor, work.today, ids)).values():
        name = mask_name(row.resident.name or "")
        title = str(BINDING).format(name=name, room=row.room.code, role=row.role)
        lines[row.id] = Line(None, title, row.status, f"/v1/residencies/{row.id}/steps")
    return lines


async def _calls(work: Work, ids: Sequence[UUID]) -> Lines:
    lines: Lines = {}
    for task in (await queries.calls(work.session, work.actor, ids)).values():
        text = templates.told(task.message, task.params).body if task.message else str(TASK_FLOW.label(task.status))
        lines[task.id] = Line(
            task.order_number, str(TEXTS[TaskType(task.type)]), text, f"/v1/call-tasks/{task.id}/steps"
        )
    return lines


TOLD: dict[WorkType, Callable[[Work, Sequence[UUID]], Awaitable[Lines]]] = {
    WorkType.ORDER: _orders,
    WorkType.PRICE: _prices,
    WorkType.RESIDENCY: _bindings,
    WorkType.CALL_TASK: _calls,
}


def _row(work: Work, row: Waiting, line: Line) -> WorkRow:
    overdue = row.due is not None and row.due < work.now
    return WorkRow(type=WorkType(row.type), id=row.id, due=row.due, overdue=overdue, **line._asdict())


async def caller(work: Work, resident_id: UUID) -> CallerRead:
    """Who calls, masked: rooms, open orders with what can be read out, what is unpaid, the last calls."""
    require_call(work)
    person = await people.seen(work.session, work.actor, resident_id)
    if person is None:
        raise ResidentNotFound
    whose = Actor(Role.RESIDENT, person.id)
    rooms = await people.residencies(work.session, [person.id], work.today)
    calls = await queries.last_calls(work.session, person.id, MOST_CALLS)
    return CallerRead(
        resident=ResidentFound.of(person, list(rooms)),
        open_orders=await _open(work, whose, work.actor),
        unpaid_fen=await queries.unpaid_fen(work.session, whose),
        proxies=await _proxies(work, person.id, MOST_PROXIES),
        last_calls=[
            CallRow(number=row.number, at=row.created_at, channel=row.channel, outcome=row.outcome) for row in calls
        ],
    )


async def _proxies(work: Work, resident_id: UUID, most: int) -> list[ProxyRead]:
    rows = await proxies.of_resident(work.session, resident_id, limit=most)
    return [ProxyRead.of(row, work.actor, proxy_steps.parties(work.actor, row)) for row in rows]


async def export(work: Work) -> ExportRead:
    """Everything about the resident who asks; orders of others that he sees as an owner are not his to take along."""
    assert work.actor.id is not None
    seen = await orders.several(work.session, work.actor, limit=MOST_EXPORTED)
    mine = [one for one in seen if work.actor.id in {one.order.requester_id, one.order.beneficiary_id}]
    events = await queries.events(work.session, [one.order.id for one in mine])
    bound = await homes.own(work.session, work.actor, work.today)
    told = await notices.page(work.session, work.actor, after=None, limit=MOST_EXPORTED)
    agreed = await saying.told(work, await consent_queries.page(work.session, work.actor.id, limit=MOST_EXPORTED))
    lived = await life.events(work.session, work.actor.id, limit=MOST_EXPORTED)
    shown = await people.disclosures(work.session, work.actor, after=None, limit=MOST_EXPORTED)
    return ExportRead(
        exported_at=work.now,
        me=await people_service.me(work),
        residencies=[ResidencyRead.of(row, residencies.parties(work.actor, row)) for row in bound],
        proxies=await _proxies(work, work.actor.id, MOST_EXPORTED),
        consents=[saying.read(said) for said in agreed],
        life_events=[LifeEventRead.of(row) for row in lived],
        orders=[
            ExportedOrder(
                order=read.order_read(one, events.get(one.order.id, [])[-5:], work.actor, work.now),
                history=[read.history_row(one.order, event, work.actor) for event in events.get(one.order.id, [])],
            )
            for one in mine
        ],
        notifications=[NotificationRead.of(row) for row in told],
        wechat=await subscriptions.read(work),
        disclosures=[DisclosureRead.of(row) for row in shown],
    )
