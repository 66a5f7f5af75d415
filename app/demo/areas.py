"""The published facts of the programme as rows, and invented areas around the three named compounds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

from app.areas.models import AreaClass, AreaStage, Building, Compound, ManagementArea, Operator, Room, Unit
from app.core.ids import demo_id
from app.db.base import Base
from app.demo.names import NEIGHBOURHOODS, STREETS, compound_names

CLASSES = {
    "HISTORICALLY_PAYING": ("历史上有交费习惯", "Historically paying"),
    "DEVELOPER_HOSTED": ("原建设单位托管", "Hosted by the developer"),
    "COMMUNITY_BACKSTOP": ("社区托底", "Community backstop"),
}
STAGES = {
    "SURVEYED": ("已摸底", "Surveyed"),
    "COMMITTEE_FORMED": ("已组建物管会", "Committee formed"),
    "PILOT": ("试点中", "Pilot"),
    "STANDARD_MET": ("已达标", "Standard met"),
    "REGULAR": ("常态运行", "Regular"),
}
NAMED_CLASS = {"TYY": "HISTORICALLY_PAYING", "YRC": "DEVELOPER_HOSTED", "QHC": "COMMUNITY_BACKSTOP"}
OPERATOR_KIND = {
    "HISTORICALLY_PAYING": "COMPANY",
    "DEVELOPER_HOSTED": "HOST_UNIT",
    "COMMUNITY_BACKSTOP": "COMMUNITY_OFFICE",
}
AREAS_M2 = {"TYY-5-2-301": "96.37", "QHC-1-1-102": "62.50", "YRC-3-2-401": "71.08"}


@dataclass
class Rows:
    """Rows in the order in which they can be inserted."""

    made: list[Base] = field(default_factory=list)

    def add(self, row: Base) -> None:
        self.made.append(row)


def words() -> Iterator[Base]:
    for ordinal, (code, (label, english)) in enumerate(CLASSES.items(), 1):
        yield AreaClass(code=code, label=label, label_en=english, ordinal=ordinal)
    for ordinal, (code, (label, english)) in enumerate(STAGES.items(), 1):
        yield AreaStage(code=code, label=label, label_en=english, ordinal=ordinal)


def programme(facts: dict[str, Any]) -> Rows:
    """162 areas in their three classes over 233 compounds: three with full detail, the others invented."""
    rows = Rows(list(words()))
    names = compound_names()
    counts = dict(facts["area_classes"])
    pilots, met = facts["pilots"]["chosen"], facts["pilots"]["standard_met_by_end_of_february"]
    extra = facts["survey"]["compounds"] - facts["survey"]["management_areas"]
    number = 0
    for compound in facts["compounds"]:
        class_code = NAMED_CLASS[compound["code"]]
        counts[class_code] -= 1
        number += 1
        area = _area(rows, number, class_code, "STANDARD_MET", compound["street"], compound["neighbourhood"], compound)
        _named(rows, area, compound)
    for class_code, left in counts.items():
        for _ in range(left):
            number += 1
            street = STREETS[number % len(STREETS)]
            choices = NEIGHBOURHOODS[street]
            stage = "STANDARD_MET" if number <= met else "PILOT" if number <= pilots else "COMMITTEE_FORMED"
            area = _area(rows, number, class_code, stage, street, choices[number % len(choices)], None)
            many = 2 if number - 3 <= extra else 1
            for name in islice(names, many):
                _invented(rows, area, name)
    return rows


def _area(
    rows: Rows, number: int, class_code: str, stage: str, street: str, neighbourhood: str, named: dict[str, Any] | None
) -> ManagementArea:
    code = f"A{number:03d}"
    kind = OPERATOR_KIND[class_code]
    name = {
        "COMPANY": f"永济市第{number}物业服务有限公司",
        "HOST_UNIT": f"第{number}片区原建设单位后勤处",
        "COMMUNITY_OFFICE": f"{neighbourhood}居民委员会（第{number}片区）",
    }[kind]
    operator = Operator(
        id=demo_id("operator", code),
        code=f"OP{number:03d}",
        name=name,
        kind=kind,
        phone=f"0359-0000-{number:03d}",
        invented=True,
    )
    rows.add(operator)
    area = ManagementArea(
        id=demo_id("area", code),
        code=code,
        name=f"{named['name']}物业管理区域" if named else f"{neighbourhood}第{number}物业管理区域",
        class_code=class_code,
        stage_code=stage,
        street=street,
        neighbourhood=neighbourhood,
        operator_id=operator.id,
        invented=named is None,
    )
    rows.add(area)
    return area


def _invented(rows: Rows, area: ManagementArea, name: str) -> None:
    number = sum(isinstance(row, Compound) for row in rows.made) + 1
    code = f"YJ{number:03d}"
    rows.add(
        Compound(
            id=demo_id("compound", code),
            code=code,
            name=name,
            area_id=area.id,
            built_year=1985 + number % 25,
            building_count=2 + number % 7,
            household_count=40 + (number * 37) % 260,
            invented=True,
        )
    )


def _named(rows: Rows, area: ManagementArea, facts: dict[str, Any]) -> None:
    code = facts["code"]
    compound = Compound(
        id=demo_id("compound", code),
        code=code,
        name=facts["name"],
        area_id=area.id,
        built_year=facts.get("built_year", 1992 if code == "YRC" else None),
        building_count=facts.get("buildings", {"YRC": 11, "QHC": 4}.get(code)),
        household_count=facts.get("households", 312),
        residents_at_least=facts.get("residents_at_least"),
        staff_count=facts.get("staff"),
        invented=False,
    )
    rows.add(compound)
    for building, unit, floor, door in layout(code):
        _room(rows, compound, building, unit, floor, door)


def layout(code: str) -> Iterator[tuple[str, str | None, int, int]]:
    """Building, unit, floor and door of every room of a named compound."""
    if code == "TYY":
        yield from _block(range(1, 8), units=2, floors=6, doors=2)
        yield from islice(_block((8,), units=1, floors=9, doors=2), 17)
    elif code == "QHC":
        yield from _block((1, 2, 3), units=2, floors=5, doors=2)
        for door in (1, 2, 3):
            yield "P", None, 1, door
    elif code == "YRC":
        yield from islice(_block(range(1, 12), units=3, floors=5, doors=2), 312)


def _block(buildings: Any, *, units: int, floors: int, doors: int) -> Iterator[tuple[str, str | None, int, int]]:
    for building in buildings:
        for unit in range(1, units + 1):
            for floor in range(1, floors + 1):
                for door in range(1, doors + 1):
                    yield str(building), str(unit), floor, door


def _room(rows: Rows, compound: Compound, building: str, unit: str | None, floor: int, door: int) -> None:
    here = f"{compound.code}-{building}"
    building_id, courtyard = demo_id("building", here), unit is None
    if not any(isinstance(row, Building) and row.id == building_id for row in rows.made[-400:]):
        name = "平房" if courtyard else f"{building}号楼"
        rows.add(Building(id=building_id, compound_id=compound.id, code=building, name=name))
    unit_id = None
    if unit is not None:
        unit_id = demo_id("unit", f"{here}-{unit}")
        if not any(isinstance(row, Unit) and row.id == unit_id for row in rows.made[-400:]):
            rows.add(Unit(id=unit_id, building_id=building_id, code=unit, name=f"{unit}单元"))
    number = f"{door}" if courtyard else f"{floor}{door:02d}"
    code = f"{here}-{number}" if courtyard else f"{here}-{unit}-{number}"
    where = f"平房{number}号" if courtyard else f"{building}号楼{unit}单元{number}"
    rows.add(
        Room(
            id=demo_id("room", code),
            code=code,
            compound_id=compound.id,
            building_id=building_id,
            unit_id=unit_id,
            number=number,
            label=f"{compound.name}{where}",
            floor=floor,
            area_m2=Decimal(AREAS_M2.get(code, f"{58 + (floor * 7 + door * 13) % 40}.{(floor * 31) % 100:02d}")),
            use="RESIDENTIAL",
        )
    )
