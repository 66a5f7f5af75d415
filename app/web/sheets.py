"""Tables that people upload, CSV or XLSX: read as text, row by row, each row with a result of its own."""

import asyncio
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any, Generic, TypeVar

from fastapi import File, Query, UploadFile
from openpyxl import load_workbook  # type: ignore[import-untyped]
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from app.core.errors import Invalid
from app.core.text import Text
from app.web.complaints import sentence

MOST_ROWS = 5_000
MOST_COLUMNS = 50
MOST_CELL = 1_000
MOST_LINES = 20_000
"""Lines of a sheet, empty ones too."""
MOST_UNPACKED = 10_000_000
"""Bytes that a workbook may hold when unpacked; zipfile reads no more than what it declares."""

_XLSX, _XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class FileUnreadable(Invalid):
    code = "file-unreadable"
    title = Text("文件读不出来", "The file cannot be read")
    detail = Text(
        "请上传 CSV（UTF-8 或 GB18030）或 XLSX 文件，首行为列名，解压后不超过 10 MB。",
        "Upload a CSV (UTF-8 or GB18030) or an XLSX file with a header row, at most 10 MB unpacked.",
    )


class ColumnsMissing(Invalid):
    code = "columns-missing"
    title = Text("缺少必要的列", "Columns are missing")
    detail = Text("首行里没有这些列：{columns}。", "The first row lacks these columns: {columns}.")


class TooManyRows(Invalid):
    code = "too-many-rows"
    title = Text("行数过多", "Too many rows")
    detail = Text("一次最多 {most} 行，请分开上传。", "At most {most} rows at a time. Split the file.")


class CellWrong(ValueError):
    """What is wrong with a cell, in the words of its own column; raised by the validators of a row's model."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.text = Text(zh, en)


class RowOutcome(StrEnum):
    ADDED = "ADDED"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    FAILED = "FAILED"


class RowRead(BaseModel):
    """What became of one row; `row` counts as the file's own program does, the header being row 1."""

    row: Annotated[int, Field(ge=2, le=2_000_000)]
    result: RowOutcome
    column: Annotated[str, Field(max_length=40)] | None
    detail: Annotated[str, Field(max_length=500)] | None


Count = Annotated[int, Field(ge=0, le=MOST_ROWS)]


class ImportRead(BaseModel):
    """What became of a file; with `dry_run` nothing has been written."""

    dry_run: bool
    total: Count
    added: Count
    changed: Count
    unchanged: Count
    failed: Count
    rows: Annotated[list[RowRead], Field(max_length=MOST_ROWS)]

    @classmethod
    def of(cls, rows: Sequence[RowRead], *, dry_run: bool) -> "ImportRead":
        counts = dict.fromkeys(RowOutcome, 0)
        for row in rows:
            counts[row.result] += 1
        return cls(
            dry_run=dry_run,
            total=len(rows),
            added=counts[RowOutcome.ADDED],
            changed=counts[RowOutcome.CHANGED],
            unchanged=counts[RowOutcome.UNCHANGED],
            failed=counts[RowOutcome.FAILED],
            rows=sorted(rows, key=lambda row: row.row),
        )


def failed(row: int, column: str | None, detail: Text) -> RowRead:
    return RowRead(row=row, result=RowOutcome.FAILED, column=column, detail=str(detail))


def done(row: int, result: RowOutcome) -> RowRead:
    return RowRead(row=row, result=result, column=None, detail=None)


Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Format(Generic[Model]):
    """The columns of a file: for each field of the row's model the headers by which it is known.

    A field that has a default may lack its column.
    """

    model: type[Model]
    headers: dict[str, tuple[str, ...]]

    def called(self, name: str) -> str:
        return self.headers[name][0]


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Model]):
    """The rows that have the right shape, by their numbers, and what is wrong with the others."""

    good: list[tuple[int, Model]]
    bad: list[RowRead]


def _as_flag(value: Any) -> Any:
    """`true` or `false` and nothing that could be meant by it."""
    if isinstance(value, str):
        if value not in {"true", "false"}:
            raise ValueError("flag")
        return value == "true"
    return value


DryRun = Annotated[bool, BeforeValidator(_as_flag), Query(description="true：只检查，什么都不写入")]
Upload = Annotated[
    UploadFile,
    File(
        description="CSV（UTF-8、带 BOM 的 UTF-8 或 GB18030）或 XLSX，首行为列名，最多 5,000 行",
        json_schema_extra={"maxLength": 1_000_000},
    ),
]


async def read(upload: UploadFile, wanted: Format[Model]) -> Sheet[Model]:
    """The uploaded rows, checked against the row's model, in a thread: a large file stops nobody else."""
    content = await upload.read()
    return await asyncio.to_thread(_read, content, wanted)


def _read(content: bytes, wanted: Format[Model]) -> Sheet[Model]:
    lines = _lines(content)
    header = next(lines, None)
    if header is None:
        raise FileUnreadable(pointer="/file")
    places = _places(header[1], wanted)
    good: list[tuple[int, Model]] = []
    bad: list[RowRead] = []
    for number, cells in lines:
        if len(good) + len(bad) == MOST_ROWS:
            raise TooManyRows(pointer="/file", most=MOST_ROWS)
        values = {name: cells[place] for name, place in places.items() if place < len(cells) and cells[place]}
        try:
            good.append((number, wanted.model.model_validate(values)))
        except ValidationError as error:
            bad.append(_complaint(number, error, wanted))
    return Sheet(good, bad)


def _complaint(number: int, error: ValidationError, wanted: Format[Any]) -> RowRead:
    first = error.errors(include_input=False, include_url=False)[0]
    column = wanted.called(str(first["loc"][0])) if first["loc"] else None
    context = first.get("ctx") or {}
    cause = context.get("error")
    told = str(cause.text) if isinstance(cause, CellWrong) else sentence(first["type"], context, first["msg"])
    detail = f"“{column}”{told}" if column else told
    return RowRead(row=number, result=RowOutcome.FAILED, column=column, detail=detail[:500])


def _places(header: list[str], wanted: Format[Any]) -> dict[str, int]:
    """Which field stands in which place; columns that are not known are left alone."""
    told = [cell.lower() for cell in header]
    places: dict[str, int] = {}
    for name, names in wanted.headers.items():
        place = next((told.index(n.lower()) for n in names if n.lower() in told), None)
        if place is not None:
            places[name] = place
    fields = wanted.model.model_fields
    missing = [wanted.called(name) for name in wanted.headers if name not in places and fields[name].is_required()]
    if missing:
        raise ColumnsMissing(pointer="/file", columns="、".join(missing))
    return places


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Every line that is not empty, by its number, as text."""
    if content.startswith(_XLS):
        raise FileUnreadable(pointer="/file")
    rows = _xlsx(content) if content.startswith(_XLSX) else _csv(content)
    for number, cells in rows:
        texts = [_text(cell) for cell in cells[:MOST_COLUMNS]]
        if any(texts):
            yield number, texts


def _text(cell: Any) -> str:
    """A cell as it reads; one that looks like a formula is text like any other."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()[:MOST_CELL]


def _csv(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            told = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise FileUnreadable(pointer="/file")
    reader = csv.reader(io.StringIO(told, newline=""))
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise FileUnreadable(pointer="/file") from error


def _xlsx(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """The first sheet. Sizes are looked at before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            sizes = [entry.file_size for entry in packed.infolist()]
        if len(sizes) > 1_000 or sum(sizes) > MOST_UNPACKED:
            raise FileUnreadable(pointer="/file")
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = islice(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), MOST_LINES + 1)
        found = [(number, list(cells)) for number, cells in enumerate(rows, 1)]
        if len(found) > MOST_LINES:
            raise TooManyRows(pointer="/file", most=MOST_ROWS)
    except Invalid:
        raise
    except Exception as error:
        raise FileUnreadable(pointer="/file") from error
    yield from found
