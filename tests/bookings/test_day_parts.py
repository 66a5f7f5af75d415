"""Venues by day parts and doctors by clinic: what can be booked by which item, and whose resource it is."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from app.bookings import queries, upkeep
from app.bookings.examples import NEW
from app.core.actors import SYSTEM
from app.core.clock import SHANGHAI, local_date
from app.core.ids import demo_id
from app.web.work import Work
from tests.orders.bodies import ok, refused

QHC = demo_id("compound", "QHC")
HALL = NEW["hall"]["value"]
DOCTORS = NEW["doctors"]["value"]
VISIT_TIMES = ["08:30", "09:15", "10:00", "10:45", "14:30", "15:15", "16:00"]


async def sql(app, statement, **values):
    async with app.state.sessions.write() as session, session.begin():
        done = await session.execute(text(statement), values)
        return [tuple(row) for row in done] if done.returns_rows else []


async def refresh(app, *codes):
    """What the worker does after an import of holidays."""
    for code in codes:
        async with app.state.sessions.write() as session, session.begin():
            work = Work(session, SYSTEM, (await session.execute(text("SELECT now()"))).scalar_one(), app.state.settings)
            await upkeep.refresh(work, await queries.locked_resource(session, SYSTEM, demo_id("resource", code)))


async def today(app):
    ((now,),) = await sql(app, "SELECT now()")
    return local_date(now)


async def slots(visitor, item, compound="QHC"):
    return (await ok(await visitor.get(f"/v1/compounds/{compound}/menu/{item}/slots")))["items"]


async def overlapping(app, resource, start, end, item="funeral"):
    async with app.state.sessions.read() as session:
        return await queries.slots_overlapping(session, QHC, item, resource, start, end)


@pytest.mark.parametrize("compound", ["QHC", "TYY", "YRC"])
async def test_a_wedding_has_the_day_and_a_funeral_the_night_too(visitor, compound):
    parts = {}
    for item in ("wedding", "funeral"):
        found = await slots(visitor, item, compound)
        parts[item] = {slot["part"]["code"] for slot in found}
        assert {slot["resource"]["name"] for slot in found} == {"居民活动室", "小广场", "北侧搭棚场地"}

    assert parts == {
        "wedding": {"MORNING", "AFTERNOON", "EVENING"},
        "funeral": {"MORNING", "AFTERNOON", "EVENING", "NIGHT"},
    }


async def test_day_parts_follow_one_another_without_a_gap_over_midnight(app):
    first = datetime.combine(await today(app) + timedelta(days=5), datetime.min.time(), SHANGHAI)

    found = await overlapping(app, "HALL_QHC", first, first + timedelta(days=2))

    assert [slot.code for slot in found] == [
        "NIGHT",
        *("MORNING", "AFTERNOON", "EVENING", "NIGHT"),
        *("MORNING", "AFTERNOON", "EVENING", "NIGHT"),
    ]
    assert all(before.end_at == after.start_at for before, after in pairwise(found))
    assert {slot.capacity for slot in found} == {1}


async def test_a_span_at_a_quarter_past_two_begins_with_the_night_that_runs(app):
    start = datetime.combine(await today(app) + timedelta(days=5), datetime.min.time(), SHANGHAI).replace(
        hour=2, minute=15
    )

    found = await overlapping(app, "TENT_QHC", start, start + timedelta(hours=3, minutes=45))

    assert [(slot.code, slot.day) for slot in found] == [("NIGHT", start.date() - timedelta(days=1))]
    assert await overlapping(app, "TENT_QHC", start, start + timedelta(hours=3, minutes=45), item="wedding") == []


async def test_a_span_that_only_touches_a_slot_does_not_overlap_it(app):
    six = datetime.combine(await today(app) + timedelta(days=5), datetime.min.time(), SHANGHAI).replace(hour=6)

    found = await overlapping(app, "HALL_QHC", six, six + timedelta(hours=6))

    assert [slot.code for slot in found] == ["MORNING"]


async def test_without_a_name_every_venue_of_the_item_is_meant(app):
    six = datetime.combine(await today(app) + timedelta(days=5), datetime.min.time(), SHANGHAI).replace(hour=6)

    found = await overlapping(app, None, six, six + timedelta(hours=1))

    assert {slot.resource.code for slot in found} == {"HALL_QHC", "SQUARE_QHC", "TENT_QHC"}
    assert await overlapping(app, "HALL_TYY", six, six + timedelta(hours=1)) == []


async def test_full_and_closed_slots_overlap_too(app):
    six = datetime.combine(await today(app) + timedelta(days=5), datetime.min.time(), SHANGHAI).replace(hour=6)
    await sql(app, "UPDATE slot SET booked = 1 WHERE start_at = :at", at=six)
    full = await overlapping(app, "HALL_QHC", six, six + timedelta(hours=1))
    await sql(app, "UPDATE slot SET closed = true WHERE start_at = :at", at=six)
    closed = await overlapping(app, "HALL_QHC", six, six + timedelta(hours=1))

    assert [(slot.booked, slot.closed) for slot in (*full, *closed)] == [(1, False), (1, True)]


async def test_a_part_that_is_not_the_items_cannot_be_wanted_or_offered_instead(app):
    async with app.state.sessions.read() as session:
        day = await today(app) + timedelta(days=5)
        night = [s for s in await queries.slots_between(session, "QHC", "funeral", day, day) if s.code == "NIGHT"]
        ids = [slot.id for slot in night]
        assert len(await queries.wanted(session, ids, QHC, "funeral")) == len(ids) == 3
        assert await queries.wanted(session, ids, QHC, "wedding") == []
        others = await queries.alternatives(session, QHC, "wedding", night[0].start_at, night[0].start_at, 12)
        assert {slot.code for slot in others} == {"MORNING", "AFTERNOON", "EVENING"}


async def test_doctors_come_on_working_days_in_45_minutes_with_the_way(app, visitor):
    found = await slots(visitor, "home-doctor")

    by_day: dict[str, list[str]] = {}
    for slot in found:
        begins, ends = datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"])
        assert ends - begins == timedelta(minutes=45)
        by_day.setdefault(slot["date"], []).append(f"{begins:%H:%M}")
    assert {datetime.fromisoformat(day).weekday() for day in by_day} == {0, 1, 2, 3, 4}
    assert {tuple(times) for times in by_day.values()} == {tuple(VISIT_TIMES)}


async def test_doctors_do_not_come_on_a_holiday_and_halls_are_open(app, admin_person, visitor):
    day = await today(app) + timedelta(days=7)
    while day.weekday() > 4:
        day += timedelta(days=1)
    ((version,),) = await sql(app, "SELECT count(*) FROM holiday_year WHERE year = :y", y=day.year)
    body = {"days": [{"date": day.isoformat(), "name": "放假"}]}
    await ok(
        await admin_person.put(f"/v1/holidays/{day.year}", json=body, headers={"If-Match": "*"} if version else {})
    )
    await refresh(app, "DOCTORS_CHENGDONG", "HALL_QHC", "SQUARE_QHC", "TENT_QHC")

    states = {slot["state"] for slot in await slots(visitor, "home-doctor") if slot["date"] == day.isoformat()}
    assert states == {"CLOSED"}
    assert {s["state"] for s in await slots(visitor, "wedding") if s["date"] == day.isoformat()} == {"FREE"}


async def test_a_manager_adds_a_hall_and_says_which_parts_an_item_books(manager, visitor):
    made = await ok(await manager.post("/v1/resources", json=HALL), 201)

    assert (made["items"], made["clinic"]) == (["funeral", "wedding"], None)
    assert made["day_parts"] == [{"item": "wedding", "parts": ["MORNING", "AFTERNOON", "EVENING"]}]
    week = {
        "parts": [
            {
                "weekday": day,
                "code": code,
                "label": code,
                "start": start,
                "end": end,
                "capacity": 1,
                "on_holidays": True,
            }
            for day in range(7)
            for code, start, end in (("MORNING", "06:00", "12:00"), ("NIGHT", "21:30", "06:00"))
        ]
    }
    path = f"/v1/resources/{made['id']}"
    await ok(await manager.put(f"{path}/template", json=week, headers={"If-Match": "*"}))
    found = {item: await slots(visitor, item) for item in ("wedding", "funeral")}
    mine = {
        item: {slot["part"]["code"] for slot in rows if slot["resource"]["id"] == made["id"]}
        for item, rows in found.items()
    }
    assert mine == {"wedding": {"MORNING"}, "funeral": {"MORNING", "NIGHT"}}


@pytest.mark.parametrize(
    "change",
    [
        {"day_parts": [{"item": "other", "parts": ["MORNING"]}]},
        {"day_parts": [{"item": "wedding", "parts": ["MORNING"]}, {"item": "wedding", "parts": ["NIGHT"]}]},
        {"day_parts": [{"item": "wedding", "parts": []}]},
        {"clinic": "CHENGDONG"},
        {"type": "DOCTOR_TEAM"},
    ],
)
async def test_a_resource_that_contradicts_itself_is_refused(app, manager, change):
    await refused(await manager.post("/v1/resources", json=HALL | change), 422, "invalid")

    assert await sql(app, "SELECT count(*) FROM resource WHERE code = 'HALL_QHC_2'") == [(0,)]


async def test_an_administrator_adds_doctors_of_a_clinic_over_two_areas(app, admin_person, sign_in, manager):
    made = await ok(await admin_person.post("/v1/resources", json=DOCTORS), 201)

    assert (made["clinic"], made["compounds"]) == ("CHENGXI", ["TYY", "YRC"])
    await ok(await manager.get(f"/v1/resources/{made['id']}"))
    nurse = await sign_in("clinic")
    await refused(await nurse.get(f"/v1/resources/{made['id']}"), 404, "resource-not-found")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"clinic": "NONE"}, 422, "compounds-apart"),
        ({"compounds": ["TYY", "QHC"]}, 422, "compounds-apart"),
        ({"compounds": ["NONE"]}, 422, "compounds-apart"),
    ],
)
async def test_doctors_come_only_where_their_clinic_serves(app, admin_person, change, status, code):
    await refused(await admin_person.post("/v1/resources", json=DOCTORS | change), status, code)

    assert await sql(app, "SELECT count(*) FROM resource WHERE code = 'DOCTORS_CHENGXI'") == [(0,)]


async def test_a_manager_adds_no_doctors(app, manager):
    await refused(await manager.post("/v1/resources", json=DOCTORS), 403, "forbidden")

    assert await sql(app, "SELECT count(*) FROM resource WHERE code = 'DOCTORS_CHENGXI'") == [(0,)]


async def test_a_clinics_staff_see_their_own_doctors_and_no_halls(sign_in, manager):
    nurse = await sign_in("clinic")

    hers = (await ok(await nurse.get("/v1/resources")))["items"]
    his = (await ok(await manager.get("/v1/resources", params={"limit": 100})))["items"]

    assert [(row["code"], row["clinic"]) for row in hers] == [("DOCTORS_CHENGDONG", "CHENGDONG")]
    assert {row["code"] for row in his} == {
        *("DOCTORS_CHENGDONG", "CREW_QHC", "CREW_TYY"),
        *(f"{venue}_{code}" for venue in ("HALL", "SQUARE", "TENT") for code in ("QHC", "TYY", "YRC")),
    }


async def test_doctors_time_is_the_clinics_alone(app, sign_in, manager):
    path = f"/v1/resources/{demo_id('resource', 'DOCTORS_CHENGDONG')}"
    closure = {"since": "2027-03-01", "until": "2027-03-02", "reason": "SICK"}
    nurse = await sign_in("clinic")

    await refused(await manager.post(f"{path}/closures", json=closure), 403, "forbidden")
    await refused(
        await manager.put(f"{path}/template", json={"parts": []}, headers={"If-Match": "*"}), 403, "forbidden"
    )
    assert await sql(app, "SELECT count(*) FROM closure") == [(0,)]

    await ok(await nurse.post(f"{path}/closures", json=closure), 201)
    hall = f"/v1/resources/{demo_id('resource', 'HALL_QHC')}"
    await refused(await nurse.post(f"{hall}/closures", json=closure), 404, "resource-not-found")


async def test_a_nurse_without_a_clinic_sees_nothing(app, sign_in):
    await sql(app, "UPDATE staff SET clinic_id = NULL WHERE username = 'clinic'")

    assert (await ok(await (await sign_in("clinic")).get("/v1/resources")))["items"] == []


async def test_an_example_slot_is_of_the_named_resource_on_a_day_without_bookings(app):
    first = await today(app) + timedelta(days=5)
    async with app.state.sessions.read() as session:
        before = await queries.example_slots(session, {"QHC/wedding@HALL_QHC/5/0"}, first - timedelta(days=5))
    await sql(
        app,
        "UPDATE slot SET booked = 1 WHERE day = :day AND code = 'EVENING' AND resource_id = :hall",
        day=first,
        hall=demo_id("resource", "HALL_QHC"),
    )
    wanted = {f"QHC/wedding@HALL_QHC/5/{n}" for n in range(3)} | {"QHC/wedding@NONE/5/0"}
    async with app.state.sessions.read() as session:
        found = await queries.example_slots(session, wanted, first - timedelta(days=5))
        named = [found[f"slot:QHC/wedding@HALL_QHC/5/{n}"] for n in range(3)]
        rows = await queries.wanted(session, [*named, *before.values()], QHC, "wedding")

    assert [(slot.resource.code, slot.day, slot.code) for slot in rows] == [
        ("HALL_QHC", first, "MORNING"),
        *(("HALL_QHC", first + timedelta(days=1), code) for code in ("MORNING", "AFTERNOON", "EVENING")),
    ]
    assert "slot:QHC/wedding@NONE/5/0" not in found
