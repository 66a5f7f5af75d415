"""What crosses the wire about life events."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actors import Role
from app.core.clock import local
from app.core.fields import Day, Instant
from app.core.flow import Party
from app.core.text import Reason
from app.people.life.models import LIFE_FLOW, LifeEvent, LifeState, LifeType, state_of
from app.people.models import Resident

Input = ConfigDict(extra="forbid")
Label = Annotated[str, Field(max_length=40)]


class ReportEvent(BaseModel):
    """What happened, and on which local day."""

    model_config = Input

    type: Literal["HOSPITALISED", "RETURNED", "DECEASED"]
    on: Day


class TakeBackDeath(BaseModel):
    """A death that was reported by mistake."""

    model_config = Input

    type: Literal["NOT_DECEASED"]
    reason: Reason


ReportLife = Annotated[ReportEvent | TakeBackDeath, Field(discriminator="type")]


class LifeRead(BaseModel):
    """How it is with a resident now, and what the caller may report next."""

    resident_id: UUID
    state: LifeState
    state_label: Label
    away_since: date | None
    deceased_on: date | None
    actions: Annotated[list[LifeType], Field(max_length=10)]

    @classmethod
    def of(cls, person: Resident, parties: frozenset[Party]) -> "LifeRead":
        state = state_of(person)
        return cls(
            resident_id=person.id,
            state=state,
            state_label=str(LIFE_FLOW.label(state)),
            away_since=person.away_since,
            deceased_on=person.deceased_on,
            actions=[LifeType(step.action) for step in LIFE_FLOW.choices(state, parties)],
        )


class LifeEventRead(BaseModel):
    """One report, by role and without the name of whoever made it."""

    id: UUID
    type: LifeType
    type_label: Label
    on: date
    role: Role
    reason: Annotated[str, Field(max_length=300)] | None
    at: Instant

    @classmethod
    def of(cls, row: LifeEvent) -> "LifeEventRead":
        return cls(
            id=row.id,
            type=LifeType(row.type),
            type_label=str(LIFE_FLOW.action_label(row.type)),
            on=row.happened_on,
            role=Role(row.role),
            reason=row.reason,
            at=local(row.at),
        )
