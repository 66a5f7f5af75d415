"""What crosses the wire about resources: whose they are, which items book them, and their week."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from app.bookings.models import Resource, ResourceType
from app.bookings.schemas import CompoundRef, DisplacedRead, Input, Label
from app.core.fields import Flag, TimeOfDay
from app.core.text import Code, Line, UpperCode


class ItemParts(BaseModel):
    """The day parts of a resource that an item may book, by their codes."""

    model_config = Input

    item: Code
    parts: Annotated[list[UpperCode], Field(min_length=1, max_length=20)]


class NewResource(BaseModel):
    """A hall, a team or a crew, and the menu items that book it.

    An item that is not in `day_parts` books them all. A doctors' team belongs to a clinic, everything else to the
    area of its compounds.
    """

    model_config = Input

    code: UpperCode
    type: ResourceType
    name: Line
    compounds: Annotated[list[CompoundRef], Field(min_length=1, max_length=50)]
    items: Annotated[list[Code], Field(min_length=1, max_length=20)]
    day_parts: Annotated[list[ItemParts], Field(max_length=20)] = Field(default_factory=list)
    clinic: UpperCode | None = None

    @model_validator(mode="after")
    def _fits(self) -> "NewResource":
        named = [row.item for row in self.day_parts]
        if len(set(named)) != len(named) or not set(named) <= set(self.items):
            raise ValueError("day_parts")
        if (self.clinic is not None) != (self.type is ResourceType.DOCTOR_TEAM):
            raise ValueError("clinic")
        return self


class TemplatePart(BaseModel):
    """One part of a weekday, Monday is 0; an end that is not after the start is on the next day."""

    model_config = Input

    weekday: Annotated[int, Field(strict=True, ge=0, le=6)]
    code: UpperCode
    label: Line
    start: TimeOfDay
    end: TimeOfDay
    capacity: Annotated[int, Field(strict=True, ge=1, le=1000)]
    on_holidays: Flag = False


class PutTemplate(BaseModel):
    """The whole week; parts that are left out are offered no more."""

    model_config = Input

    parts: Annotated[list[TemplatePart], Field(max_length=140)]

    @model_validator(mode="after")
    def _once(self) -> "PutTemplate":
        if len({(part.weekday, part.code) for part in self.parts}) != len(self.parts):
            raise ValueError("twice")
        return self


class TemplatePartRead(BaseModel):
    weekday: Annotated[int, Field(ge=0, le=6)]
    code: Annotated[str, Field(max_length=40)]
    label: Label
    start: TimeOfDay
    end: TimeOfDay
    capacity: Annotated[int, Field(ge=1, le=1000)]
    on_holidays: bool


class ItemPartsRead(BaseModel):
    item: Annotated[str, Field(max_length=40)]
    parts: Annotated[list[str], Field(max_length=20)]


class ResourceRead(BaseModel):
    """A resource; items that are not in `day_parts` book all of its day parts."""

    id: UUID
    code: Annotated[str, Field(max_length=40)]
    type: ResourceType
    name: Label
    active: bool
    compounds: Annotated[list[str], Field(max_length=50)]
    items: Annotated[list[str], Field(max_length=20)]
    day_parts: Annotated[list[ItemPartsRead], Field(max_length=20)]
    clinic: Annotated[str, Field(max_length=40)] | None
    template: Annotated[list[TemplatePartRead], Field(max_length=140)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, resource: Resource, codes: Mapping[UUID, str]) -> "ResourceRead":
        parts = [
            TemplatePartRead(
                weekday=part.weekday,
                code=part.code,
                label=part.label,
                start=part.start_time,
                end=part.end_time,
                capacity=part.capacity,
                on_holidays=part.on_holidays,
            )
            for part in sorted(resource.template, key=lambda p: (p.weekday, p.start_time, p.code))
        ]
        limited = {use.item_code: use.parts for use in resource.uses if use.parts is not None}
        return cls(
            id=resource.id,
            code=resource.code,
            type=ResourceType(resource.type),
            name=resource.name,
            active=resource.active,
            compounds=sorted({codes[use.compound_id] for use in resource.uses}),
            items=sorted({use.item_code for use in resource.uses}),
            day_parts=[ItemPartsRead(item=item, parts=parts) for item, parts in sorted(limited.items())],
            clinic=resource.clinic.code if resource.clinic else None,
            template=parts,
            version=resource.version,
        )


class TemplateChanged(BaseModel):
    """The resource as it is now, and the orders whose slot no longer exists in the new week."""

    resource: ResourceRead
    displaced: Annotated[list[DisplacedRead], Field(max_length=2000)]
