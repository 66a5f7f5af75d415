"""The roster from a file: who owns or lives in which room by deed or contract, sealed, found by its phone."""

import re
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import UploadFile
from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError, ValidationInfo, field_validator
from sqlalchemy import insert, update

from app.areas import queries as areas
from app.areas.models import Compound
from app.areas.rooms import compound_to_fill
from app.core.fields import Day
from app.core.ids import new_id
from app.core.phones import Phone
from app.core.text import Line, Text
from app.db.types import blind
from app.people.homes import queries
from app.people.homes.models import ROSTER_NAME, ROSTER_PHONE, RosterEntry
from app.people.models import ResidencyRole
from app.web import sheets
from app.web.sheets import CellWrong, Format, ImportRead, RowOutcome, RowRead
from app.web.work import Work

ROLES = {"业主": "OWNER", "共有人": "CO_OWNER", "家属": "FAMILY", "租户": "TENANT", "照料人": "CAREGIVER"}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)


_PHONE = TypeAdapter[str](Phone)


def _phone(value: Any) -> Any:
    try:
        return _PHONE.validate_python(value)
    except ValidationError:
        raise CellWrong("不是有效的电话号码", "is not a valid phone number") from None


def _day(value: Any) -> Any:
    """`2026/1/5`, `2026年1月5日` and `2026.1.5` are 2026-01-05."""
    found = _DAY.fullmatch(str(value))
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else value


RowDay = Annotated[Day, BeforeValidator(_day)]


class RosterRow(BaseModel):
    """One line of a roster."""

    room: Annotated[str, Field(max_length=40)]
    name: Line
    phone: Annotated[str, BeforeValidator(_phone)]
    role: Annotated[ResidencyRole, BeforeValidator(lambda value: ROLES.get(str(value), value))]
    start_on: RowDay
    end_on: RowDay | None = None

    @field_validator("end_on")
    @classmethod
    def _after_start(cls, value: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("start_on")
        if value is not None and start is not None and value <= start:
            raise CellWrong("要晚于开始日期", "must lie after the beginning")
        return value


FORMAT = Format(
    RosterRow,
    {
        "room": ("房号", "room"),
        "name": ("姓名", "name"),
        "phone": ("电话", "phone"),
        "role": ("身份", "role"),
        "start_on": ("开始", "from"),
        "end_on": ("结束", "to"),
    },
)


async def import_roster(work: Work, code: str, upload: UploadFile, *, dry_run: bool) -> ImportRead:
    """Write the rows that are right and tell about each; the same file again changes nothing."""
    sheet = await sheets.read(upload, FORMAT)
    compound = await compound_to_fill(work, code)
    plan = _Plan(
        compound,
        await areas.room_ids(work.session, compound.id),
        await queries.roster(work.session, compound.id),
    )
    results = [plan.take(number, row) for number, row in sheet.good]
    if not dry_run and plan.added:
        await work.session.execute(insert(RosterEntry), plan.added)
    if not dry_run and plan.changed:
        await work.session.execute(update(RosterEntry), plan.changed)
    return ImportRead.of([*results, *sheet.bad], dry_run=dry_run)


class _Plan:
    """What a file adds to the roster and changes in it, worked out against what it holds."""

    def __init__(self, compound: Compound, rooms: dict[str, UUID], there: dict[tuple[UUID, bytes, str], Any]) -> None:
        self.compound, self.rooms, self.there = compound, rooms, there
        self.seen: dict[tuple[UUID, bytes, str], int] = {}
        self.added: list[dict[str, Any]] = []
        self.changed: list[dict[str, Any]] = []

    def take(self, number: int, row: RosterRow) -> RowRead:
        room_id = self._room(row.room)
        if room_id is None:
            words = Text("小区里没有这个房号", "The compound has no such room")
            return sheets.failed(number, FORMAT.called("room"), words)
        key = (room_id, blind(row.phone, ROSTER_PHONE), row.role.value)
        if key in self.seen:
            words = Text(f"与第 {self.seen[key]} 行重复", f"is the same as row {self.seen[key]}")
            return sheets.failed(number, FORMAT.called("phone"), words)
        self.seen[key] = number
        name_index = blind(row.name, ROSTER_NAME)
        values = {"name": row.name, "name_index": name_index, "start_on": row.start_on, "end_on": row.end_on}
        before = self.there.get(key)
        if before is None:
            made = {"id": new_id(), "room_id": room_id, "phone": row.phone, "phone_index": key[1], "role": key[2]}
            self.added.append({**made, **values, "version": 1})
            return sheets.done(number, RowOutcome.ADDED)
        if (bytes(before.name_index), before.start_on, before.end_on) == (name_index, row.start_on, row.end_on):
            return sheets.done(number, RowOutcome.UNCHANGED)
        self.changed.append({"id": before.id, **values, "version": before.version + 1})
        return sheets.done(number, RowOutcome.CHANGED)

    def _room(self, told: str) -> UUID | None:
        """By its full code, or by building, staircase and number."""
        code = told.strip().upper()
        return self.rooms.get(code) or self.rooms.get(f"{self.compound.code}-{code}")
