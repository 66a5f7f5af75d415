"""Rooms from a file: buildings, staircases and rooms that a compound did not know, and what has changed about others."""

import re
from collections import Counter
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, UploadFile
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import insert, update

from app.areas import queries
from app.areas.models import Building, Compound, Room, RoomUse, Unit
from app.areas.problems import CompoundNotFound
from app.core.errors import Forbidden
from app.core.ids import new_id
from app.core.text import Text
from app.web import sheets
from app.web.caching import page_changed
from app.web.sheets import CellWrong, Format, ImportRead, RowOutcome, RowRead
from app.web.work import Work

TOPIC = "places"
CompoundCode = Annotated[str, Path(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$", examples=["QHC"])]
MOST_BUILDINGS, MOST_UNITS, MOST_ROOMS = 500, 50, 2_000
"""Of a compound, of a building, and of a staircase (or of a building without any): what a page of places can show."""

USES = {"住宅": "RESIDENTIAL", "商铺": "SHOP", "储藏室": "STORAGE", "车位": "PARKING"}
_PART = re.compile(r"[A-Z0-9]{1,8}", re.ASCII)
_SUFFIXES = ("号楼", "单元", "幢", "栋", "座", "楼", "室", "号")


def _part(value: Any) -> Any:
    """`3号楼` is 3, `2单元` is 2, `301室` is 301: what stands in a room's code."""
    told = str(value).strip().upper()
    for suffix in _SUFFIXES:
        told = told.removesuffix(suffix)
    if not _PART.fullmatch(told):
        raise CellWrong(
            "只能是一至八个字母或数字，例如 3 或 301", "must be one to eight letters or digits, such as 301"
        )
    return told


def _use(value: Any) -> Any:
    return USES.get(str(value), value)


Part = Annotated[str, BeforeValidator(_part)]


class RoomRow(BaseModel):
    """One line of a file of rooms."""

    building: Part
    unit: Part | None = None
    number: Part
    floor: Annotated[int, Field(ge=-10, le=200)]
    area_m2: Annotated[Decimal, Field(gt=0, lt=100_000, decimal_places=2)]
    use: Annotated[RoomUse, BeforeValidator(_use)]


FORMAT = Format(
    RoomRow,
    {
        "building": ("楼栋", "building"),
        "unit": ("单元", "unit"),
        "number": ("房号", "number"),
        "floor": ("楼层", "floor"),
        "area_m2": ("面积", "area_m2"),
        "use": ("用途", "use"),
    },
)


async def compound_to_fill(work: Work, code: str) -> Compound:
    """The compound, locked: one file at a time; only for those who serve its area."""
    compound = await queries.locked_compound(work.session, code)
    if compound is None:
        raise CompoundNotFound
    if not work.actor.serves(compound.area_id):
        raise Forbidden
    return compound


async def import_rooms(work: Work, code: str, upload: UploadFile, *, dry_run: bool) -> ImportRead:
    """Write the rows that are right and tell about each; the same file again changes nothing."""
    sheet = await sheets.read(upload, FORMAT)
    compound = await compound_to_fill(work, code)
    plan = _Plan(compound)
    plan.know(
        await queries.buildings(work.session, compound.id),
        await queries.units(work.session, compound.id),
        await queries.rooms(work.session, compound.id),
    )
    taken = await queries.rooms_elsewhere(
        work.session, compound.id, [room_code(compound, row) for _, row in sheet.good]
    )
    results = [plan.take(number, row, taken) for number, row in sheet.good]
    if not dry_run:
        await _write(work, plan)
    return ImportRead.of([*results, *sheet.bad], dry_run=dry_run)


async def _write(work: Work, plan: "_Plan") -> None:
    for model, rows in ((Building, plan.new_buildings), (Unit, plan.new_units), (Room, plan.new_rooms)):
        if rows:
            await work.session.execute(insert(model), rows)
    if plan.changes:
        await work.session.execute(update(Room), plan.changes)
    if plan.new_rooms or plan.changes:
        await page_changed(work.session, TOPIC, plan.compound.id)


def room_code(compound: Compound, row: RoomRow) -> str:
    return "-".join(part for part in (compound.code, row.building, row.unit, row.number) if part)


class _Plan:
    """What a file adds and changes, worked out against what the compound has."""

    def __init__(self, compound: Compound) -> None:
        self.compound = compound
        self.buildings: dict[str, UUID] = {}
        self.units: dict[tuple[UUID, str], UUID] = {}
        self.rooms: dict[str, tuple[int, Decimal, str]] = {}
        self.ids: dict[str, UUID] = {}
        self.crowd: Counter[UUID] = Counter()
        self.seen: dict[str, int] = {}
        self.new_buildings: list[dict[str, Any]] = []
        self.new_units: list[dict[str, Any]] = []
        self.new_rooms: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []

    def know(self, buildings: Any, units: Any, rooms: Any) -> None:
        self.buildings = {row.code: row.id for row in buildings}
        self.units = {(row.building_id, row.code): row.id for row in units}
        for room in rooms:
            self.rooms[room.code], self.ids[room.code] = (room.floor, room.area_m2, room.use), room.id
            self.crowd[room.unit_id or room.building_id] += 1

    def take(self, number: int, row: RoomRow, taken: set[str]) -> RowRead:
        code = room_code(self.compound, row)
        if code in self.seen:
            words = Text(f"与第 {self.seen[code]} 行是同一间", f"is the same room as row {self.seen[code]}")
            return sheets.failed(number, FORMAT.called("number"), words)
        self.seen[code] = number
        if code in taken:
            words = Text("这个房号已属于另一个小区", "The code belongs to another compound")
            return sheets.failed(number, FORMAT.called("number"), words)
        values = (row.floor, row.area_m2, row.use.value)
        if code not in self.rooms:
            return self._add(number, row, code)
        if self.rooms[code] == values:
            return sheets.done(number, RowOutcome.UNCHANGED)
        self.changes.append({"id": self.ids[code], "floor": row.floor, "area_m2": row.area_m2, "use": row.use.value})
        return sheets.done(number, RowOutcome.CHANGED)

    def _add(self, number: int, row: RoomRow, code: str) -> RowRead:
        building_id = self._building(row.building)
        place = building_id and (self._unit(building_id, row.unit) if row.unit else building_id)
        if building_id is None or place is None or self.crowd[place] >= MOST_ROOMS:
            words = Text("楼栋、单元或房间太多了", "There are too many buildings, units or rooms")
            return sheets.failed(number, FORMAT.called("building"), words)
        self.crowd[place] += 1
        where = f"{self.compound.name}{row.building}号楼{f'{row.unit}单元' if row.unit else ''}{row.number}"
        self.new_rooms.append(
            {
                "id": new_id(),
                "code": code,
                "compound_id": self.compound.id,
                "building_id": building_id,
                "unit_id": place if row.unit else None,
                "number": row.number,
                "label": where,
                "floor": row.floor,
                "area_m2": row.area_m2,
                "use": row.use.value,
            }
        )
        return sheets.done(number, RowOutcome.ADDED)

    def _building(self, code: str) -> UUID | None:
        if code not in self.buildings:
            if len(self.buildings) >= MOST_BUILDINGS:
                return None
            self.buildings[code] = new_id()
            made = {"id": self.buildings[code], "compound_id": self.compound.id, "code": code, "name": f"{code}号楼"}
            self.new_buildings.append(made)
        return self.buildings[code]

    def _unit(self, building_id: UUID, code: str) -> UUID | None:
        key = (building_id, code)
        if key not in self.units:
            if sum(1 for building, _ in self.units if building == building_id) >= MOST_UNITS:
                return None
            self.units[key] = new_id()
            made = {"id": self.units[key], "building_id": building_id, "code": code, "name": f"{code}单元"}
            self.new_units.append(made)
        return self.units[key]
