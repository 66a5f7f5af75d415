"""The slots that an order names: as many as its kind asks, of its item, and what to choose instead when one is taken."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm.attributes import set_committed_value

from app.bookings import queries as bookings
from app.bookings import service
from app.bookings.models import Reservation, Slot
from app.core.clock import start_of
from app.core.errors import Invalid
from app.core.text import Text
from app.kinds.base import Kind
from app.kinds.effects import SlotDraft
from app.orders.models import Order
from app.web.work import Work


class SlotsWrong(Invalid):
    code = "slots-wrong"
    title = Text("请选择时段", "Choose the slots")
    detail = Text(
        "这项服务要选 {least} 到 {most} 个可预约的时段。", "This service needs {least} to {most} bookable slots."
    )


class SlotUnknown(Invalid):
    code = "slot-unknown"
    title = Text("没有这个时段，或不属于这项服务", "No such slot for this service")


async def wanted(
    work: Work, kind: Kind, ids: Sequence[UUID] | None, compound_id: UUID, item_code: str, *, action: str = "place"
) -> Sequence[Slot]:
    """The named slots, in the order of time; as many as the kind asks for this step."""
    least, most = kind.step_slots.get(action, kind.slots_wanted)
    named = set(ids or ())
    if len(named) != len(ids or ()) or not least <= len(named) <= most:
        raise SlotsWrong(pointer="/slot_ids", least=least, most=most)
    if not named:
        return ()
    found = await bookings.wanted(work.session, named, compound_id, item_code)
    if len(found) != len(named):
        raise SlotUnknown(pointer="/slot_ids")
    return found


async def apply(work: Work, order: Order, draft: SlotDraft, *, fresh: bool) -> None:
    """Take and give back what the draft says; a slot that is gone is refused with up to three others that can be had.

    What may clash is taken behind a savepoint: refused or not, the rest of the transaction stands.
    """
    change = service.take if fresh else service.set_slots
    try:
        async with work.session.begin_nested() if draft.or_clash else nullcontext():
            await change(work, order.id, draft.ids, until=draft.until, begun=draft.begun)
    except service.SlotTaken as taken:
        soonest = max(work.now, start_of(work.today + timedelta(days=order.item.lead_days)))
        others = await service.offer_others(work, order.compound_id, order.item_code, soonest)
        raise service.SlotTaken(pointer="/slot_ids", extra={"alternatives": others}) from taken
    if not fresh:
        set_committed_value(order, "reservations", await bookings.reservations(work.session, order.id))


def just_taken(order: Order, taken: Sequence[Slot]) -> None:
    """A fresh order has exactly the slots that it named: nothing has to be read again."""
    set_committed_value(order, "reservations", [Reservation(slot_id=slot.id, slot=slot) for slot in taken])
