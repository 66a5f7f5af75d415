"""What crosses the wire about notifications."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from app.core import clock
from app.core.fields import Flag
from app.outreach.notices import templates
from app.outreach.notices.models import Notification

Input = ConfigDict(extra="forbid")
Local = Annotated[
    datetime, PlainSerializer(clock.wire, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class ReadNotifications(BaseModel):
    """Which ones have been read: the named ones, or `up_to` one and everything before it."""

    model_config = Input

    ids: Annotated[list[UUID], Field(min_length=1, max_length=100)] | None = None
    up_to: UUID | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "ReadNotifications":
        if (self.ids is None) == (self.up_to is None):
            raise ValueError("either ids or up_to")
        return self


class NotificationRead(BaseModel):
    """Something that the resident was told, in his language."""

    id: UUID
    template: Annotated[str, Field(max_length=60)]
    title: Annotated[str, Field(max_length=100)]
    text: Annotated[str, Field(max_length=1000)]
    order_id: UUID | None
    order_number: Annotated[str, Field(max_length=24)] | None
    urgent: Flag
    created_at: Local
    read_at: Local | None

    @classmethod
    def of(cls, notice: Notification) -> "NotificationRead":
        told = templates.told(notice.template, notice.params)
        return cls(
            id=notice.id,
            template=notice.template,
            title=told.title,
            text=told.body,
            order_id=notice.order_id,
            order_number=notice.params.get("number"),
            urgent=notice.urgent,
            created_at=notice.created_at,
            read_at=notice.read_at,
        )


class UnreadRead(BaseModel):
    """How many are left."""

    unread: Count
