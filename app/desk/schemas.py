"""What crosses the wire about home pages, desks, callers and exports."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

from app.areas.duty.schemas import CallNow
from app.core import clock
from app.menu.schemas import MenuRow
from app.orders.parts import HistoryRow, NextRead
from app.orders.schemas import OrderRead, OrderRow
from app.outreach.notices.schemas import NotificationRead
from app.people.consents.schemas import ConsentRead
from app.people.homes.schemas import ResidencyRead
from app.people.life.schemas import LifeEventRead
from app.people.proxies.schemas import ProxyRead
from app.people.schemas import DisclosureRead, MeRead, ResidentFound, RoomOfMine
from app.people.wechat.schemas import SubscriptionsRead

Local = Annotated[
    datetime, PlainSerializer(clock.wire, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
Words = Annotated[str, Field(max_length=1000)]
Label = Annotated[str, Field(max_length=200)]
Fen = Annotated[int, Field(ge=0, le=10_000_000_000)]


class HomeState(StrEnum):
    NO_ROOM = "NO_ROOM"
    PENDING = "PENDING"
    READY = "READY"


class OpenOrder(BaseModel):
    """An open order and what happens next with it."""

    order: OrderRow
    next: NextRead


class HomeRead(BaseModel):
    """All that a resident's home page shows, in one answer; menu and `call_now` are those of the compound at hand."""

    state: HomeState
    text: Words
    rooms: Annotated[list[RoomOfMine], Field(max_length=100)]
    open_orders: Annotated[list[OpenOrder], Field(max_length=20)]
    unpaid_fen: Fen
    unread: Annotated[int, Field(ge=0, le=1_000_000)]
    call_now: Annotated[list[CallNow], Field(max_length=200)]
    menu: Annotated[list[MenuRow], Field(max_length=200)]


class WorkType(StrEnum):
    ORDER = "ORDER"
    PRICE = "PRICE"
    RESIDENCY = "RESIDENCY"
    CALL_TASK = "CALL_TASK"


class WorkRow(BaseModel):
    """Something that waits for the caller. `path` is where it is read and acted upon."""

    type: WorkType
    id: UUID
    number: Annotated[str, Field(max_length=24)] | None
    title: Label
    text: Words
    due: Local | None
    overdue: bool
    path: Annotated[str, Field(max_length=200)]


class CallRow(BaseModel):
    number: Annotated[str, Field(max_length=24)]
    at: Local
    channel: Annotated[str, Field(max_length=20)]
    outcome: Annotated[str, Field(max_length=20)] | None


class CallerRead(BaseModel):
    """A caller at a glance: masked, with what is open and what can be read out about it."""

    resident: ResidentFound
    open_orders: Annotated[list[OpenOrder], Field(max_length=20)]
    unpaid_fen: Fen
    proxies: Annotated[list[ProxyRead], Field(max_length=50)]
    last_calls: Annotated[list[CallRow], Field(max_length=10)]


class ExportedOrder(BaseModel):
    order: OrderRead
    history: Annotated[list[HistoryRow], Field(max_length=1000)]


class ExportRead(BaseModel):
    """Everything that is kept about the one who asks (PIPL, art. 45)."""

    exported_at: Local
    me: MeRead
    residencies: Annotated[list[ResidencyRead], Field(max_length=200)]
    proxies: Annotated[list[ProxyRead], Field(max_length=500)]
    consents: Annotated[list[ConsentRead], Field(max_length=500)]
    life_events: Annotated[list[LifeEventRead], Field(max_length=500)]
    orders: Annotated[list[ExportedOrder], Field(max_length=500)]
    notifications: Annotated[list[NotificationRead], Field(max_length=500)]
    wechat: SubscriptionsRead
    disclosures: Annotated[list[DisclosureRead], Field(max_length=500)]
