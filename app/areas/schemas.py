"""What crosses the wire about areas and places."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from app.areas.models import (
    AreaClass,
    AreaStage,
    Building,
    Clinic,
    Compound,
    ManagementArea,
    OperatorKind,
    Room,
    RoomUse,
    Unit,
)
from app.core.text import language

Code = Annotated[str, Field(max_length=40)]
Name = Annotated[str, Field(max_length=100)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


def _word(row: AreaClass | AreaStage) -> str:
    return row.label_en if language.get() == "en" else row.label


class OperatorRead(BaseModel):
    """Who runs the area."""

    code: Code
    name: Name
    kind: OperatorKind
    phone: Annotated[str, Field(max_length=20)] | None


class AreaRead(BaseModel):
    """A management area. `invented` marks demonstration data without a published fact behind it."""

    code: Code
    name: Name
    area_class: Code
    class_label: Name
    stage: Code
    stage_label: Name
    street: Name
    neighbourhood: Name
    operator: OperatorRead
    invented: bool

    @classmethod
    def of(cls, area: ManagementArea) -> "AreaRead":
        return cls(**_area(area))


class AreaWithCompounds(AreaRead):
    compounds: Annotated[list[Code], Field(max_length=1000)]

    @classmethod
    def with_compounds(cls, area: ManagementArea, codes: Sequence[str]) -> "AreaWithCompounds":
        return cls(**_area(area), compounds=list(codes))


def _area(area: ManagementArea) -> dict[str, object]:
    operator = area.operator
    return {
        "code": area.code,
        "name": area.name,
        "area_class": area.class_code,
        "class_label": _word(area.area_class),
        "stage": area.stage_code,
        "stage_label": _word(area.stage),
        "street": area.street,
        "neighbourhood": area.neighbourhood,
        "operator": OperatorRead(
            code=operator.code, name=operator.name, kind=OperatorKind(operator.kind), phone=operator.phone
        ),
        "invented": area.invented,
    }


class CompoundRow(BaseModel):
    code: Code
    name: Name
    area: Code
    area_class: Code
    street: Name
    neighbourhood: Name
    household_count: Count | None
    invented: bool

    @classmethod
    def of(cls, compound: Compound) -> "CompoundRow":
        return cls(**_row(compound))


def _row(compound: Compound) -> dict[str, object]:
    area = compound.area
    return {
        "code": compound.code,
        "name": compound.name,
        "area": area.code,
        "area_class": area.class_code,
        "street": area.street,
        "neighbourhood": area.neighbourhood,
        "household_count": compound.household_count,
        "invented": compound.invented,
    }


class ClinicRef(BaseModel):
    """The clinic whose doctors visit the compound."""

    code: Code
    name: Name
    phone: Annotated[str, Field(max_length=20)]


class CompoundRead(CompoundRow):
    """A compound with what is published about it."""

    built_year: Annotated[int, Field(ge=1900, le=2200)] | None
    building_count: Count | None
    residents_at_least: Count | None
    staff_count: Count | None
    management_area: AreaRead
    clinic: ClinicRef | None
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def whole(cls, compound: Compound, clinic: Clinic | None) -> "CompoundRead":
        return cls(
            **_row(compound),
            built_year=compound.built_year,
            building_count=compound.building_count,
            residents_at_least=compound.residents_at_least,
            staff_count=compound.staff_count,
            management_area=AreaRead.of(compound.area),
            clinic=ClinicRef(code=clinic.code, name=clinic.name, phone=clinic.phone) if clinic else None,
            version=compound.version,
        )


class RoomRead(BaseModel):
    """A room's number; nobody's name. `code` is what orders and integrators name."""

    code: Code
    number: Annotated[str, Field(max_length=20)]
    label: Name
    floor: Annotated[int, Field(ge=-10, le=200)]
    use: RoomUse

    @classmethod
    def of(cls, room: Room) -> "RoomRead":
        return cls(code=room.code, number=room.number, label=room.label, floor=room.floor, use=RoomUse(room.use))


class UnitRead(BaseModel):
    code: Annotated[str, Field(max_length=20)]
    name: Name
    rooms: Annotated[list[RoomRead], Field(max_length=2000)]


class BuildingRead(BaseModel):
    """A building; `rooms` are those that stand in no unit."""

    code: Annotated[str, Field(max_length=20)]
    name: Name
    units: Annotated[list[UnitRead], Field(max_length=50)]
    rooms: Annotated[list[RoomRead], Field(max_length=2000)]


class PlacesRead(BaseModel):
    compound: Code
    compound_name: Name
    buildings: Annotated[list[BuildingRead], Field(max_length=500)]


def _by_number(code: str) -> tuple[int, str]:
    return (int(code), "") if code.isdigit() else (10_000, code)


def places(
    compound: Compound, buildings: Sequence[Building], units: Sequence[Unit], rooms: Sequence[Room]
) -> PlacesRead:
    """Buildings, units and rooms as a tree, each in the order of its numbers."""
    made = []
    for building in sorted(buildings, key=lambda b: _by_number(b.code)):
        here = [room for room in rooms if room.building_id == building.id]
        inside = sorted((u for u in units if u.building_id == building.id), key=lambda u: _by_number(u.code))
        made.append(
            BuildingRead(
                code=building.code,
                name=building.name,
                units=[
                    UnitRead(code=u.code, name=u.name, rooms=[RoomRead.of(r) for r in here if r.unit_id == u.id])
                    for u in inside
                ],
                rooms=[RoomRead.of(room) for room in here if room.unit_id is None],
            )
        )
    return PlacesRead(compound=compound.code, compound_name=compound.name, buildings=made)
