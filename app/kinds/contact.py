"""Whom to call about an order, and the changes that its resident may make before the work is given out."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.core.fields import Flag
from app.core.phones import Phone
from app.core.text import Line
from app.kinds.base import StepBody
from app.kinds.effects import Amendment
from app.kinds.steps import Acks


class Contact(BaseModel):
    """The person at the door or on the phone; `relation` is theirs to whom the service is for."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    phone: Phone
    relation: Annotated[str, Field(min_length=1, max_length=20, pattern="^[^\\u0000]*$")] | None = None
    call_before: Flag = False


class Amend(StepBody):
    """Change room, contact or answers; what is left out stays."""

    action: Literal["amend"]
    room: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Z0-9-]+$")] | None = None
    contact: Contact | None = None
    details: dict[str, Any] | None = Field(default=None, max_length=40)
    acks: Acks = None

    def amendment(self) -> Amendment:
        contact = self.contact.model_dump() if self.contact else None
        return Amendment(self.room, contact, self.details, tuple(self.acks or ()))
