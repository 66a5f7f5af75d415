"""Rooms and rosters from files: every row has its result, a trial run writes nothing, twice the same changes nothing."""

import asyncio
import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from app.core.ids import demo_id
from app.web import sheets
from tests.orders.bodies import ok, refused
from tests.people.homes import a_clerk_of, ask, bind, do

ROOMS, ROSTER = "/v1/compounds/QHC/rooms", "/v1/compounds/QHC/roster"
ROOM_HEAD = ["楼栋", "单元", "房号", "楼层", "面积", "用途"]
ROSTER_HEAD = ["房号", "姓名", "电话", "身份", "开始", "结束"]
GOOD_ROOMS = [
    ["9号楼", "1单元", "101室", "1", "61.50", "住宅"],
    ["9", "1", "102", "1", "70", "RESIDENTIAL"],
    ["9", "", "S1", "1", "30.25", "商铺"],
]
GOOD_ROSTER = [
    ["QHC-1-1-201", "赵大年", "13800000021", "业主", "2020-01-01", ""],
    ["1-1-202", "钱二妮", "138 0000 0022", "TENANT", "2026/1/5", "2027年1月5日"],
]


def as_csv(*rows, encoding="utf-8") -> bytes:
    return "\r\n".join(",".join(str(cell) for cell in row) for row in rows).encode(encoding)


def as_xlsx(*rows) -> bytes:
    book = Workbook()
    sheet = book.active
    for number, row in enumerate(rows, 1):
        for place, cell in enumerate(row, 1):
            made = sheet.cell(number, place)
            made.value = cell
            if isinstance(cell, str):
                made.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def send(person, path, content: bytes, headers=None, **query):
    return await person.post(path, files={"file": ("表.csv", content)}, params=query, headers=headers or {})


def counts(body) -> tuple[int, ...]:
    return tuple(body[name] for name in ("total", "added", "changed", "unchanged", "failed"))


def results(body) -> list[tuple]:
    return [(row["row"], row["result"], row["column"]) for row in body["rows"]]


async def places(app) -> list[tuple]:
    return await ask(
        app,
        "SELECT room.code, building.name, unit.name, label, floor, area_m2::text, use FROM room "
        "JOIN building ON building.id = room.building_id LEFT JOIN unit ON unit.id = unit_id ORDER BY room.code",
    )


async def roster(app) -> list[tuple]:
    """What the roster holds; sealed values by their blind indexes."""
    return await ask(
        app,
        "SELECT room.code, encode(phone_index, 'hex'), encode(name_index, 'hex'), role, start_on, end_on, version "
        "FROM roster_entry JOIN room ON room.id = room_id ORDER BY 1, 2, 4",
    )


async def test_new_rooms_come_in_with_their_buildings_and_units(app, visitor, clerk):
    before = await places(app)
    shown = await ok(await visitor.get("/v1/compounds/QHC/places"))

    body = await ok(await send(clerk, ROOMS, as_csv(ROOM_HEAD, *GOOD_ROOMS)))

    assert (counts(body), body["dry_run"]) == ((3, 3, 0, 0, 0), False)
    assert results(body) == [(2, "ADDED", None), (3, "ADDED", None), (4, "ADDED", None)]
    name = shown["compound_name"]
    assert [row for row in await places(app) if row not in before] == [
        ("QHC-9-1-101", "9号楼", "1单元", f"{name}9号楼1单元101", 1, "61.50", "RESIDENTIAL"),
        ("QHC-9-1-102", "9号楼", "1单元", f"{name}9号楼1单元102", 1, "70.00", "RESIDENTIAL"),
        ("QHC-9-S1", "9号楼", None, f"{name}9号楼S1", 1, "30.25", "SHOP"),
    ]
    for _ in range(40):
        page = await ok(await visitor.get("/v1/compounds/QHC/places"))
        if page != shown:
            break
        await asyncio.sleep(0.05)
    (fresh,) = [b for b in page["buildings"] if b["code"] == "9"]
    assert [r["code"] for r in fresh["rooms"]] == ["QHC-9-S1"]
    assert [r["code"] for u in fresh["units"] for r in u["rooms"]] == ["QHC-9-1-101", "QHC-9-1-102"]


async def test_the_same_file_again_changes_nothing_and_another_area_one_room(app, clerk):
    await ok(await send(clerk, ROOMS, as_csv(ROOM_HEAD, *GOOD_ROOMS)))
    before = await places(app)

    assert counts(await ok(await send(clerk, ROOMS, as_csv(ROOM_HEAD, *GOOD_ROOMS)))) == (3, 0, 0, 3, 0)

    assert await places(app) == before
    larger = [*GOOD_ROOMS[:2], ["9", "", "S1", "1", "31", "商铺"]]
    body = await ok(await send(clerk, ROOMS, as_csv(ROOM_HEAD, *larger)))
    assert (counts(body), results(body)[2]) == ((3, 0, 1, 2, 0), (4, "CHANGED", None))
    (changed,) = set(await places(app)) - set(before)
    assert (changed[0], changed[5]) == ("QHC-9-S1", "31.00")


async def test_a_trial_run_tells_the_same_and_writes_nothing(app, clerk):
    rooms, known = await places(app), await roster(app)
    buildings = await ask(app, "SELECT count(*) FROM building WHERE name = '9号楼'")

    tried = await ok(await send(clerk, ROOMS, as_csv(ROOM_HEAD, *GOOD_ROOMS), dry_run="true"))
    named = await ok(await send(clerk, ROSTER, as_csv(ROSTER_HEAD, *GOOD_ROSTER), dry_run="true"))

    assert (tried["dry_run"], counts(tried)) == (True, (3, 3, 0, 0, 0))
    assert (named["dry_run"], counts(named)) == (True, (2, 2, 0, 0, 0))
    assert (await places(app), await roster(app)) == (rooms, known)
    assert await ask(app, "SELECT count(*) FROM building WHERE name = '9号楼'") == buildings


async def test_wrong_rows_are_told_and_right_ones_written(app, clerk):
    rows = [
        ["9", "1", "101", "1", "61.5", "住宅"],
        ["九", "1", "102", "1", "61.5", "住宅"],
        ["9", "1", "103", "一", "61.5", "住宅"],
        ["9", "1", "104", "1", "0", "住宅"],
        ["9", "1", "105", "1", "61.5", "别墅"],
        ["9", "1", "", "1", "61.5", "住宅"],
        ["9号楼", "1单元", "101室", "1", "99", "住宅"],
    ]

    body = await ok(await send(clerk, ROOMS, as_csv(ROOM_HEAD, *rows)))

    assert counts(body) == (7, 1, 0, 0, 6)
    assert results(body) == [
        (2, "ADDED", None),
        (3, "FAILED", "楼栋"),
        (4, "FAILED", "楼层"),
        (5, "FAILED", "面积"),
        (6, "FAILED", "用途"),
        (7, "FAILED", "房号"),
        (8, "FAILED", "房号"),
    ]
    assert "必须填写" in body["rows"][5]["detail"]
    assert "第 2 行" in body["rows"][6]["detail"]
    assert next(row for row in await places(app) if row[0].startswith("QHC-9"))[5] == "61.50"


async def test_a_roster_lies_sealed_and_proves_a_binding(app, clerk, sign_in):
    before = await roster(app)

    body = await ok(await send(clerk, ROSTER, as_csv(ROSTER_HEAD, *GOOD_ROSTER)))

    assert counts(body) == (2, 2, 0, 0, 0)
    added = [row for row in await roster(app) if row not in before]
    assert [(row[0], *row[3:]) for row in added] == [
        ("QHC-1-1-201", "OWNER", date(2020, 1, 1), None, 1),
        ("QHC-1-1-202", "TENANT", date(2026, 1, 5), date(2027, 1, 5), 1),
    ]
    (lying,) = await ask(app, "SELECT string_agg(t::text, ' ') FROM roster_entry t")
    for plain in ("13800000021", "赵大年"):
        assert plain not in lying[0]
        assert plain.encode().hex() not in lying[0]
    zhao = await sign_in("13800000021")
    assert (await bind(zhao, "QHC-1-1-201", "OWNER"))["verified_by"] == "ROSTER"


@pytest.mark.parametrize(
    "content",
    [
        as_csv(ROSTER_HEAD, *GOOD_ROSTER, encoding="utf-8-sig"),
        as_csv(ROSTER_HEAD, *GOOD_ROSTER, encoding="gb18030"),
        as_csv(["room", "name", "PHONE", "role", "from", "to"], *GOOD_ROSTER),
        as_xlsx(
            [*ROSTER_HEAD, "备注"],
            ["QHC-1-1-201", "赵大年", 13800000021, "业主", date(2020, 1, 1), None],
            [],
            ["1-1-202", "钱二妮", 13800000022.0, "租户", "2026.1.5", date(2027, 1, 5), "新租"],
        ),
    ],
    ids=["bom", "gb18030", "english headers", "xlsx"],
)
async def test_the_same_roster_in_any_dress_is_the_same(app, clerk, content):
    await ok(await send(clerk, ROSTER, as_csv(ROSTER_HEAD, *GOOD_ROSTER)))
    before = await roster(app)

    body = await ok(await send(clerk, ROSTER, content))

    assert counts(body) == (2, 0, 0, 2, 0)
    assert await roster(app) == before


async def test_a_changed_name_or_day_is_a_change(app, clerk):
    await ok(await send(clerk, ROSTER, as_csv(ROSTER_HEAD, *GOOD_ROSTER)))
    before = await roster(app)
    ended = ["QHC-1-1-201", "赵大年", "13800000021", "业主", "2020-01-01", "2026-11-01"]
    renamed = ["1-1-202", "钱二妞", "13800000022", "租户", "2026-01-05", "2027-01-05"]

    body = await ok(await send(clerk, ROSTER, as_csv(ROSTER_HEAD, ended, renamed)))

    assert counts(body) == (2, 0, 2, 0, 0)
    changed = [row for row in await roster(app) if row not in before]
    assert [(row[0], row[5], row[6]) for row in changed] == [
        ("QHC-1-1-201", date(2026, 11, 1), 2),
        ("QHC-1-1-202", date(2027, 1, 5), 2),
    ]


async def test_wrong_rows_of_a_roster_are_told_without_saying_whose(app, clerk):
    before = await roster(app)
    rows = [
        ["TYY-5-2-301", "赵大年", "13800000021", "业主", "2020-01-01", ""],
        ["1-1-201", "赵大年", "1800FLOWERS", "业主", "2020-01-01", ""],
        ["1-1-201", "赵大年", "13800000021", "房东", "2020-01-01", ""],
        ["1-1-201", "赵大年", "13800000021", "业主", "二〇二〇年", ""],
        ["1-1-201", "赵大年", "13800000021", "业主", "2020-01-01", "2020-01-01"],
        ["1-1-201", "", "13800000021", "业主", "2020-01-01", ""],
    ]

    body = await ok(await send(clerk, ROSTER, as_csv(ROSTER_HEAD, *rows)))

    assert counts(body) == (6, 0, 0, 0, 6)
    assert [row["column"] for row in body["rows"]] == ["房号", "电话", "身份", "开始", "结束", "姓名"]
    assert "赵大年" not in str(body)
    assert await roster(app) == before


async def test_what_looks_like_a_formula_is_a_name(app, clerk):
    row = ["1-1-201", "=1+1", "13800000021", "业主", "2020-01-01", ""]
    content = as_xlsx(ROSTER_HEAD, row)

    assert counts(await ok(await send(clerk, ROSTER, content))) == (1, 1, 0, 0, 0)

    assert counts(await ok(await send(clerk, ROSTER, as_csv(ROSTER_HEAD, row)))) == (1, 0, 0, 1, 0)


def a_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets.MOST_UNPACKED + 1))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-unreadable"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "file-unreadable"),
        (b"PK\x03\x04 is no workbook", "file-unreadable"),
        (b"\xff\xff\xff\xff", "file-unreadable"),
        (a_bomb(), "file-unreadable"),
        (as_csv(["楼栋", "房号"], ["9", "101"]), "columns-missing"),
        (as_csv(ROOM_HEAD, *([["9", "1", "101", "1", "61", "住宅"]] * 5001)), "too-many-rows"),
    ],
    ids=["empty", "old excel", "broken", "no text", "bomb", "columns", "rows"],
)
async def test_a_file_that_cannot_be_used_is_refused_whole(app, clerk, content, code):
    before = await places(app)

    told = await refused(await send(clerk, ROOMS, content), 422, code)

    assert [error["pointer"] for error in told["errors"]] == ["/file"]
    assert await places(app) == before


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(app, clerk):
    before = await places(app)

    await refused(await send(clerk, ROOMS, b"," * 1_000_001), 413, "content-too-large")

    assert await places(app) == before


async def test_five_thousand_rows_take_few_statements(app, clerk, statements):
    rows = [
        [b, u, f"{f}{n:02d}", f, "60", "住宅"]
        for b in range(20, 45)
        for u in (1, 2)
        for f in range(1, 11)
        for n in range(1, 11)
    ]
    assert len(rows) == 5000

    with statements.during() as sent:
        body = await ok(await send(clerk, ROOMS, as_csv(ROOM_HEAD, *rows)))

    assert counts(body) == (5000, 5000, 0, 0, 0)
    assert len(sent) < 40


async def test_only_whoever_serves_the_area_brings_files(app, sign_in, manager, admin_person):
    far = await a_clerk_of(app, "A001", sign_in)
    before = (await places(app), await roster(app))

    for person in (far, manager):
        await refused(await send(person, ROOMS, as_csv(ROOM_HEAD, *GOOD_ROOMS)), 403, "forbidden")
        await refused(await send(person, ROSTER, as_csv(ROSTER_HEAD, *GOOD_ROSTER)), 403, "forbidden")
    unknown = await send(admin_person, "/v1/compounds/NOWHERE/rooms", as_csv(ROOM_HEAD, *GOOD_ROOMS))
    await refused(unknown, 404, "compound-not-found")

    assert (await places(app), await roster(app)) == before
    assert counts(await ok(await send(admin_person, ROOMS, as_csv(ROOM_HEAD, *GOOD_ROOMS)))) == (3, 3, 0, 0, 0)


async def test_a_code_of_another_compound_is_not_taken(app, admin_person):
    await ok(await send(admin_person, "/v1/compounds/QHC/rooms", as_csv(ROOM_HEAD, *GOOD_ROOMS)))
    before = await places(app)
    moved = "UPDATE room SET compound_id = :other WHERE code = 'QHC-9-S1'"
    await do(app, moved, other=demo_id("compound", "TYY"))

    body = await ok(await send(admin_person, ROOMS, as_csv(ROOM_HEAD, *GOOD_ROOMS)))

    assert (counts(body), results(body)[2]) == ((3, 0, 0, 2, 1), (4, "FAILED", "房号"))
    assert await places(app) == before


async def test_the_same_key_is_the_same_upload_whatever_stands_between_its_parts(app, clerk):
    content = as_csv(ROOM_HEAD, *GOOD_ROOMS)
    key = {"Idempotency-Key": "rooms-1"}
    first = await send(clerk, ROOMS, content, headers=key)

    again = await send(clerk, ROOMS, content, headers=key)

    assert (await ok(again)) == (await ok(first))
    assert again.headers["idempotent-replayed"] == "true"
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    other = await send(clerk, ROOMS, as_csv(ROOM_HEAD, *GOOD_ROOMS[:1]), headers=key)
    await refused(other, 422, "idempotency-key-reused")
    await refused(await send(clerk, ROOMS, content, headers=key, dry_run="true"), 422, "idempotency-key-reused")
