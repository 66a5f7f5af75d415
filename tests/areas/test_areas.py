"""Areas, compounds and places: what anybody may read about where the programme runs."""

import pytest
from sqlalchemy import insert, text

from app.areas.models import Compound, Room
from app.core.ids import demo_id
from app.web.caching import page_changed
from tests.orders.bodies import ok, refused

TAG_SUFFIXES = ("", "-gzip")


async def every(visitor, path, **params):
    """All rows of a list, page after page."""
    rows, cursor = [], None
    while True:
        page = await ok(await visitor.get(path, params=params | ({"cursor": cursor} if cursor else {})))
        rows += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


async def add(app, row, **values):
    """Write past the API, as an import would, and say nothing about it."""
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(insert(row).values(**values))


async def say_places_changed(app, code):
    async with app.state.sessions.write() as session, session.begin():
        await page_changed(session, "places", demo_id("compound", code))
    await app.state.pages.refresh()


def a_room(number):
    """A storage room in the basement of QHC's first building."""
    return {
        "id": demo_id("test-room", number),
        "code": f"QHC-1-{number}",
        "compound_id": demo_id("compound", "QHC"),
        "building_id": demo_id("building", "QHC-1"),
        "number": number,
        "label": f"清华水泥厂家属院1号楼{number}",
        "floor": -1,
        "area_m2": 9,
        "use": "STORAGE",
    }


@pytest.mark.parametrize(
    ("area_class", "count"), [("HISTORICALLY_PAYING", 58), ("DEVELOPER_HOSTED", 5), ("COMMUNITY_BACKSTOP", 99)]
)
async def test_areas_are_found_by_class(visitor, area_class, count):
    rows = await every(visitor, "/v1/areas", **{"class": area_class, "limit": 30})

    assert len({row["code"] for row in rows}) == len(rows) == count
    assert {row["area_class"] for row in rows} == {area_class}


async def test_the_streets_divide_the_areas_between_them(visitor):
    everything = {row["code"]: row["street"] for row in await every(visitor, "/v1/areas", limit=100)}

    assert len(everything) == 162
    for street in set(everything.values()):
        found = await every(visitor, "/v1/areas", street=street, limit=100)
        assert {row["code"] for row in found} == {code for code, its in everything.items() if its == street}
    assert await every(visitor, "/v1/areas", street="没有这条街") == []


async def test_an_area_names_its_operator_and_all_its_compounds(visitor):
    area = await ok(await visitor.get("/v1/areas/A003"))

    assert (area["class_label"], area["stage_label"]) == ("社区托底", "已达标")
    assert (area["street"], area["neighbourhood"]) == ("城东街道", "杏北社区")
    assert area["operator"]["kind"] == "COMMUNITY_OFFICE"
    assert area["compounds"] == ["QHC"]
    assert not area["invented"]
    merged = await ok(await visitor.get("/v1/areas/A004"))
    assert len(merged["compounds"]) == 2
    assert merged["invented"]


async def test_labels_follow_the_language_and_codes_do_not(visitor):
    chinese = await visitor.get("/v1/areas/A003")
    english = await visitor.get("/v1/areas/A003", headers={"Accept-Language": "en"})

    assert english.json()["class_label"] == "Community backstop"
    assert english.json()["area_class"] == chinese.json()["area_class"] == "COMMUNITY_BACKSTOP"
    assert english.headers["etag"] != chinese.headers["etag"]
    assert "Accept-Language" in english.headers["vary"]


async def test_the_named_compounds_tell_what_is_published(visitor):
    tyy, yrc, qhc = [await ok(await visitor.get(f"/v1/compounds/{code}")) for code in ("TYY", "YRC", "QHC")]

    assert (tyy["name"], tyy["built_year"], tyy["building_count"], tyy["household_count"]) == (
        "唐御苑小区",
        2005,
        8,
        185,
    )
    assert (yrc["name"], yrc["staff_count"], yrc["neighbourhood"]) == ("印染厂生活区", 12, "西厢社区")
    assert (qhc["built_year"], qhc["household_count"], qhc["residents_at_least"]) == (1998, 63, 180)
    assert [c["management_area"]["area_class"] for c in (tyy, yrc, qhc)] == [
        "HISTORICALLY_PAYING",
        "DEVELOPER_HOSTED",
        "COMMUNITY_BACKSTOP",
    ]


async def test_the_filters_of_compounds_hold_together(visitor):
    rows = await every(visitor, "/v1/compounds", **{"street": "城西街道", "class": "DEVELOPER_HOSTED", "limit": 100})

    assert "YRC" in {row["code"] for row in rows}
    assert {(row["street"], row["area_class"]) for row in rows} == {("城西街道", "DEVELOPER_HOSTED")}
    both = {"class": "DEVELOPER_HOSTED", "q": "印染"}
    assert [row["code"] for row in await every(visitor, "/v1/compounds", street="城西街道", **both)] == ["YRC"]
    assert await every(visitor, "/v1/compounds", street="城东街道", **both) == []


@pytest.mark.parametrize("sign", ["%", "_", "\\", "\\%", "0%_"])
async def test_signs_of_the_search_language_find_only_themselves(app, visitor, sign):
    await add(
        app,
        Compound,
        id=demo_id("test-compound", "ODD"),
        code="ODD",
        name="100%_\\%小区",
        area_id=demo_id("area", "A003"),
        invented=True,
    )

    assert [row["code"] for row in await every(visitor, "/v1/compounds", q=sign)] == ["ODD"]


async def test_a_name_is_found_however_its_letters_are_composed(app, visitor):
    await add(
        app,
        Compound,
        id=demo_id("test-compound", "CAFE"),
        code="CAFE",
        name="caf\u00e9小区",
        area_id=demo_id("area", "A003"),
        invented=True,
    )

    assert [row["code"] for row in await every(visitor, "/v1/compounds", q="cafe\u0301")] == ["CAFE"]


@pytest.mark.parametrize(
    "params",
    [
        {"q": ""},
        {"q": "名" * 41},
        {"q": "a\0b"},
        {"street": "a\0b"},
        {"class": "no such"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "-1"},
        {"limit": "２０"},
        {"limit": "1e1"},
        {"limit": "9" * 400},
    ],
)
async def test_a_filter_out_of_bounds_is_refused_by_its_name(visitor, params):
    problem = await refused(await visitor.get("/v1/compounds", params=params), 422, "invalid")

    assert [error["pointer"] for error in problem["errors"]] == [f"?{name}" for name in params]


async def test_unknown_places_are_not_found_by_their_own_codes(visitor):
    await refused(await visitor.get("/v1/areas/A999"), 404, "area-not-found")
    await refused(await visitor.get("/v1/compounds/NONE"), 404, "compound-not-found")
    await refused(await visitor.get("/v1/compounds/NONE/places"), 404, "compound-not-found")
    for code in ("qhc", "Q", "QHC'--", "Q" * 21):
        await refused(await visitor.get(f"/v1/compounds/{code}"), 422, "invalid")


@pytest.mark.parametrize("path", ["/v1/areas/A003", "/v1/compounds/QHC", "/v1/compounds/QHC/places"])
@pytest.mark.parametrize("suffix", TAG_SUFFIXES)
async def test_what_has_not_changed_is_not_sent_again(visitor, path, suffix):
    first = await visitor.get(path)
    tag = first.headers["etag"]
    assert first.status_code == 200
    assert not tag.startswith("W/")
    sent_back = f'{tag[:-1]}{suffix}"'

    for seen in (sent_back, f"W/{sent_back}", f'"1.0123456789abcdef", {sent_back}'):
        again = await visitor.get(path, headers={"If-None-Match": seen})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await visitor.get(path, headers={"If-None-Match": '"1.0123456789abcdef"'})
    assert (other.status_code, other.content) == (200, first.content)


async def test_places_are_a_tree_of_buildings_units_and_rooms(visitor):
    tree = await ok(await visitor.get("/v1/compounds/QHC/places"))

    assert (tree["compound"], tree["compound_name"]) == ("QHC", "清华水泥厂家属院")
    assert [building["name"] for building in tree["buildings"]] == ["1号楼", "2号楼", "3号楼", "平房"]
    first, courtyard = tree["buildings"][0], tree["buildings"][-1]
    assert [unit["name"] for unit in first["units"]] == ["1单元", "2单元"]
    assert first["units"][0]["rooms"][1] == {
        "code": "QHC-1-1-102",
        "number": "102",
        "label": "清华水泥厂家属院1号楼1单元102",
        "floor": 1,
        "use": "RESIDENTIAL",
    }
    assert [room["code"] for room in courtyard["rooms"]] == ["QHC-P-1", "QHC-P-2", "QHC-P-3"]
    assert courtyard["units"] == []
    everywhere = [r for b in tree["buildings"] for r in (*b["rooms"], *(r for u in b["units"] for r in u["rooms"]))]
    assert len({room["code"] for room in everywhere}) == len(everywhere) == 63


async def test_buildings_come_in_the_order_of_their_numbers(visitor):
    tree = await ok(await visitor.get("/v1/compounds/YRC/places"))

    assert [building["code"] for building in tree["buildings"]] == [str(number) for number in range(1, 12)]


async def test_a_compound_without_rooms_is_an_empty_tree(visitor):
    assert (await ok(await visitor.get("/v1/compounds/YJ004/places")))["buildings"] == []


async def test_places_name_nobody(visitor):
    for code in ("TYY", "QHC", "YRC"):
        told = (await visitor.get(f"/v1/compounds/{code}/places")).text
        assert not [name for name in ("周文山", "吴春梅", "王秀英", "李晓兰", "郑远航") if name in told]
        assert "138" not in told


async def test_places_come_from_memory(app, visitor, statements):
    await app.state.pages.refresh()
    cold = await visitor.get("/v1/compounds/TYY/places")
    with statements.during() as sent:
        warm = await visitor.get("/v1/compounds/TYY/places")

    assert sent == []
    assert warm.content == cold.content


async def test_places_are_rendered_anew_once_they_have_changed(app, visitor):
    await app.state.pages.refresh()
    before = await visitor.get("/v1/compounds/QHC/places")
    await add(app, Room, **a_room("B01"))
    unsaid = await visitor.get("/v1/compounds/QHC/places")
    assert unsaid.content == before.content

    await say_places_changed(app, "QHC")

    after = await visitor.get("/v1/compounds/QHC/places", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]
    assert [room["code"] for room in after.json()["buildings"][0]["rooms"]] == ["QHC-1-B01"]


async def test_places_of_a_compound_that_comes_later_are_found_then(app, visitor):
    await refused(await visitor.get("/v1/compounds/NEW/places"), 404, "compound-not-found")
    await add(
        app,
        Compound,
        id=demo_id("test-compound", "NEW"),
        code="NEW",
        name="新来小区",
        area_id=demo_id("area", "A003"),
        invented=True,
    )

    assert (await ok(await visitor.get("/v1/compounds/NEW/places")))["buildings"] == []


async def test_an_etag_of_a_compound_changes_with_what_it_tells(app, visitor):
    before = (await visitor.get("/v1/compounds/QHC")).headers["etag"]
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text("UPDATE compound SET name = '新名', version = version + 1 WHERE code = 'QHC'"))

    after = await visitor.get("/v1/compounds/QHC", headers={"If-None-Match": before})
    assert (after.status_code, after.json()["name"], after.json()["version"]) == (200, "新名", 2)


@pytest.mark.parametrize("path", ["/v1/areas", "/v1/compounds"])
async def test_a_longer_page_costs_no_more_statements(visitor, statements, path):
    sent = {}
    for limit in (1, 100):
        with statements.during() as seen:
            await ok(await visitor.get(path, params={"limit": limit}))
        sent[limit] = len(seen)

    assert sent[1] == sent[100] <= 2
