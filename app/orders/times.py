"""The times of an order as it is read: the schedule, the slots that it has, and those that are held for a choice."""

from app.bookings.models import Reservation, Slot
from app.calendar import lunar_text
from app.orders.models import Order
from app.orders.parts import OfferedTime, ScheduleRead, SlotOfOrder


def schedule(order: Order) -> ScheduleRead | None:
    if order.starts_at is None or order.ends_at is None:
        return None
    workers = [row.staff.post for row in order.assignees]
    return ScheduleRead(start=order.starts_at, end=order.ends_at, workers=workers)


def _slot(slot: Slot) -> SlotOfOrder:
    return SlotOfOrder(
        id=slot.id,
        resource=slot.resource.name,
        date=slot.day,
        lunar=lunar_text(slot.day),
        part=slot.label,
        start=slot.start_at,
        end=slot.end_at,
        closed=slot.closed,
    )


def _in_time(order: Order) -> list[Reservation]:
    return sorted(order.reservations, key=lambda row: (row.slot.start_at, row.slot_id))


def offers(order: Order) -> list[OfferedTime]:
    """The times that are held for a choice."""
    return [OfferedTime(slot=_slot(row.slot), until=row.expires_at) for row in _in_time(order) if row.expires_at]


def slots(order: Order) -> list[SlotOfOrder]:
    return [_slot(row.slot) for row in _in_time(order) if not row.expires_at]
