"""A resident's events of life, and the flow that says which may follow which."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actors import Channel, Role
from app.core.flow import Flow, Party, Step
from app.core.text import Text
from app.db.base import Base, Identified, one_of
from app.db.types import Sealed
from app.people.models import Resident

REPORTERS = (Role.RESIDENT, Role.AGENT, Role.CLINIC, Role.CLERK)


class LifeType(StrEnum):
    HOSPITALISED = "HOSPITALISED"
    RETURNED = "RETURNED"
    DECEASED = "DECEASED"
    NOT_DECEASED = "NOT_DECEASED"


class LifeState(StrEnum):
    AT_HOME = "AT_HOME"
    AWAY = "AWAY"
    DECEASED = "DECEASED"


_S = LifeState
_FAMILY = frozenset({Party.SUBJECT, Party.RESIDENT, Party.AGENT, Party.CLINIC, Party.CLERK})
_WITNESSES = frozenset({Party.RESIDENT, Party.CLINIC, Party.CLERK})
_CLERK = frozenset({Party.CLERK})
LIFE_FLOW = Flow(
    _S.AT_HOME,
    {
        _S.AT_HOME: Text("在家", "At home"),
        _S.AWAY: Text("住院", "In hospital"),
        _S.DECEASED: Text("已故", "Deceased"),
    },
    Step(LifeType.HOSPITALISED, {_S.AT_HOME}, _S.AWAY, by=_FAMILY, label=Text("住院", "In hospital")),
    Step(LifeType.RETURNED, {_S.AWAY}, _S.AT_HOME, by=_FAMILY, label=Text("出院回家", "Back home")),
    Step(LifeType.DECEASED, {_S.AT_HOME, _S.AWAY}, _S.DECEASED, by=_WITNESSES, label=Text("去世", "Deceased")),
    Step(LifeType.NOT_DECEASED, {_S.DECEASED}, _S.AT_HOME, by=_CLERK, label=Text("更正：健在", "Alive after all")),
)
"""The SUBJECT is the person himself, the RESIDENT somebody who holds his proxy."""


def state_of(person: Resident) -> LifeState:
    if person.deceased_on is not None:
        return LifeState.DECEASED
    return LifeState.AWAY if person.away_since is not None else LifeState.AT_HOME


class LifeEvent(Identified, Base):
    """One report, with who made it; `reason` is why a death was taken back."""

    __tablename__ = "life_event"
    __table_args__ = (
        one_of("type", LifeType),
        one_of("role", REPORTERS),
        one_of("channel", Channel),
        Index("ix_life_event_resident_id_id", "resident_id", "id"),
    )

    resident_id: Mapped[UUID] = mapped_column(ForeignKey("resident.id"))
    type: Mapped[str]
    happened_on: Mapped[date]
    role: Mapped[str]
    channel: Mapped[str]
    reported_by: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"))
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    call_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Sealed("life_event.reason"))
    at: Mapped[datetime]
