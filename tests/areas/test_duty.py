"""Duty: whom to call at which hour, the fallback from level to level, and who keeps the rosters."""

import asyncio
from datetime import datetime, time
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.areas.duty import queries
from app.areas.duty.examples import PUT
from app.areas.duty.models import EVERY_DAY, DutyEntry
from app.areas.duty.queries import manned_at
from app.core.clock import SHANGHAI
from app.core.ids import demo_id
from tests.orders.bodies import ok, refused

QHC = demo_id("compound", "QHC")
EXAMPLE = PUT["day-and-night"]["value"]
DUTY = "/v1/compounds/QHC/duty"
MONDAY, FRIDAY, SATURDAY, SUNDAY = 23, 27, 28, 29
"""Days of November 2026."""


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def entry(since=None, until=None, weekdays=EVERY_DAY):
    return DutyEntry(post="值班", phone="1", weekdays=list(weekdays), from_time=since, until_time=until)


async def called(app, when, compound_id=QHC):
    async with app.state.sessions.read() as session:
        return [(c.level, c.post, c.phone) for c in await queries.chain(session, compound_id, when)]


async def sql(app, statement, **values):
    async with app.state.sessions.write() as session, session.begin():
        done = await session.execute(text(statement), values)
        return [tuple(row) for row in done] if done.returns_rows else []


@pytest.mark.parametrize(
    ("since", "until", "instant", "manned"),
    [
        (time(8), time(20), at(MONDAY, 7, 59), False),
        (time(8), time(20), at(MONDAY, 8), True),
        (time(8), time(20), at(MONDAY, 19, 59), True),
        (time(8), time(20), at(MONDAY, 20), False),
        (time(20), time(8), at(MONDAY, 19, 59), False),
        (time(20), time(8), at(MONDAY, 20), True),
        (time(20), time(8), at(MONDAY, 2, 15), True),
        (time(20), time(8), at(MONDAY, 7, 59), True),
        (time(20), time(8), at(MONDAY, 8), False),
        (time(8), time(8), at(MONDAY, 8), True),
        (time(8), time(8), at(MONDAY, 7, 59), True),
        (time(0), time(0), at(MONDAY, 0), True),
        (None, None, at(MONDAY, 2, 15), True),
    ],
)
def test_hours_are_half_open_and_may_run_over_midnight(since, until, instant, manned):
    assert manned_at(entry(since, until), instant) is manned


@pytest.mark.parametrize(
    ("instant", "manned"),
    [
        (at(FRIDAY, 2, 15), False),
        (at(FRIDAY, 20), True),
        (at(SATURDAY, 2, 15), True),
        (at(SATURDAY, 8), False),
        (at(SATURDAY, 20), False),
    ],
)
def test_the_small_hours_belong_to_the_weekday_on_which_the_night_began(instant, manned):
    assert manned_at(entry(time(20), time(8), weekdays=[4]), instant) is manned


@pytest.mark.parametrize(
    ("instant", "manned"),
    [(at(SUNDAY, 23, 59), True), (at(MONDAY, 0), False), (at(SATURDAY, 23, 59), False), (at(SUNDAY, 0), True)],
)
def test_a_whole_day_begins_and_ends_at_midnight(instant, manned):
    assert manned_at(entry(weekdays=[6]), instant) is manned


def test_an_instant_in_another_zone_is_the_same_instant():
    assert manned_at(entry(time(2), time(3)), datetime.fromisoformat("2026-11-22T18:15:00+00:00"))
    with pytest.raises(ValueError, match="naive"):
        manned_at(entry(time(2), time(3)), datetime(2026, 11, 22, 2, 15))  # noqa: DTZ001 it must be refused


async def test_at_a_quarter_past_two_the_night_is_called_and_the_day_is_not(app):
    assert await called(app, at(MONDAY, 2, 15)) == [
        ("COMPOUND", "值班电工", "0359-0000-531"),
        ("COMPOUND", "夜班值守", "0359-0000-533"),
        ("OPERATOR", "杏北社区居民委员会（第3片区）", "0359-0000-003"),
        ("COMMUNITY", "杏北社区值班室", "0359-0000-603"),
        ("STREET", "城东街道办事处值班室", "0359-0000-702"),
        ("TOWN", "政务服务便民热线", "12345"),
    ]


async def test_by_day_the_manager_is_called_second(app):
    assert [post for _, post, _ in await called(app, at(MONDAY, 10))][:2] == ["值班电工", "物业经理"]


async def test_a_compound_without_people_falls_through_to_its_operator(app):
    invented = demo_id("compound", "YJ004")

    levels = [level for level, _, _ in await called(app, at(MONDAY, 2, 15), invented)]

    assert levels[0] == "OPERATOR"
    assert levels[-1] == "TOWN"


async def test_the_chain_is_never_empty(app):
    await sql(app, "DELETE FROM duty_entry WHERE phone <> '12345'")
    await sql(app, "UPDATE operator SET phone = NULL")

    for instant in (at(MONDAY, 2, 15), at(SUNDAY, 12)):
        assert await called(app, instant) == [("TOWN", "政务服务便民热线", "12345")]


async def test_an_operators_own_list_goes_before_its_line(app, clerk):
    body = {
        "level": "OPERATOR",
        "contacts": [{"post": "总值班室", "phone": "0359-0000-099", "from": "20:00", "until": "08:00"}],
    }
    await ok(await clerk.put(DUTY, json=body))

    night, day = await called(app, at(MONDAY, 2, 15)), await called(app, at(MONDAY, 12))

    assert [row for row in night if row[0] == "OPERATOR"] == [("OPERATOR", "总值班室", "0359-0000-099")]
    assert [phone for level, _, phone in day if level == "OPERATOR"] == ["0359-0000-003"]


async def test_the_chain_is_one_statement(app, statements):
    async with app.state.sessions.read() as session:
        with statements.during() as sent:
            await queries.chain(session, QHC, at(MONDAY, 12))

    assert len(sent) == 1


async def test_who_stands_on_which_roster(app):
    async def mine(username):
        async with app.state.sessions.read() as session:
            rows = await session.execute(queries.on_roster(demo_id("staff", username)))
            return {row for (row,) in rows}

    named = {demo_id("compound", code) for code in ("TYY", "YRC", "QHC")}
    assert await mine("electrician") == await mine("manager") == named
    assert await mine("crew") == set()


async def test_everybody_reads_whom_to_call_and_nobody_who_it_is(visitor, manager, resident):
    told = await ok(await visitor.get(DUTY))

    assert told["call_now"][0] == {
        "level": "COMPOUND",
        "level_label": "小区值班",
        "post": "值班电工",
        "phone": "0359-0000-531",
    }
    assert told["call_now"][-1]["phone"] == "12345"
    assert [(row["level"], row["version"]) for row in told["rosters"]] == [
        ("COMPOUND", 1),
        ("OPERATOR", 0),
        ("COMMUNITY", 1),
        ("STREET", 1),
        ("TOWN", 1),
    ]
    for person, names in ((visitor, set()), (resident, set()), (manager, {"electrician", "manager"})):
        rosters = (await ok(await person.get(DUTY)))["rosters"]
        assert {row["staff"] for roster in rosters for row in roster["contacts"]} - {None} == names


async def test_the_levels_are_told_in_english_when_asked(visitor):
    told = await ok(await visitor.get(DUTY, headers={"Accept-Language": "en"}))

    assert [roster["level_label"] for roster in told["rosters"]] == [
        "Compound",
        "Operator",
        "Community",
        "Street",
        "Town",
    ]


async def test_an_unknown_compound_has_no_duty(visitor, manager):
    await refused(await visitor.get("/v1/compounds/NONE/duty"), 404, "compound-not-found")
    await refused(await manager.put("/v1/compounds/NONE/duty", json=EXAMPLE), 404, "compound-not-found")


async def test_a_manager_replaces_the_list_of_his_compound(app, manager, visitor):
    tag = (await manager.get(DUTY)).headers["etag"]

    told = await ok(await manager.put(DUTY, json=EXAMPLE, headers={"If-Match": tag}))

    own = told["rosters"][0]
    assert (own["level"], own["version"]) == ("COMPOUND", 2)
    assert [(row["post"], row["weekdays"], row["from"], row["until"], row["staff"]) for row in own["contacts"]] == [
        ("值班电工", [0, 1, 2, 3, 4, 5, 6], None, None, "electrician"),
        ("物业经理", [0, 1, 2, 3, 4], "08:00", "20:00", "manager"),
        ("夜班值守", [0, 1, 2, 3, 4, 5, 6], "20:00", "08:00", None),
    ]
    assert [post for _, post, _ in await called(app, at(SATURDAY, 12))][0:2] == [
        "值班电工",
        "杏北社区居民委员会（第3片区）",
    ]
    assert (await ok(await visitor.get(DUTY)))["rosters"][0]["version"] == 2


async def test_an_emptied_list_falls_through(manager):
    told = await ok(await manager.put(DUTY, json={"contacts": []}, headers={"If-Match": "*"}))

    assert [call["level"] for call in told["call_now"]] == ["OPERATOR", "COMMUNITY", "STREET", "TOWN"]


async def test_a_stale_or_missing_version_changes_nothing(manager):
    await ok(await manager.put(DUTY, json=EXAMPLE, headers={"If-Match": '"1"'}))
    empty = {"contacts": []}

    await refused(await manager.put(DUTY, json=empty, headers={"If-Match": '"1"'}), 412, "version-mismatch")
    await refused(await manager.put(DUTY, json=empty), 428, "version-required")

    assert len((await ok(await manager.get(DUTY)))["rosters"][0]["contacts"]) == 3


async def test_of_two_first_writers_one_wins(clerk, admin_person):
    body = {"level": "OPERATOR", "contacts": [{"post": "总值班室", "phone": "0359-0000-099"}]}
    answers = await asyncio.gather(
        *(who.put(DUTY, json=body, headers={"If-Match": '"0"'}) for who in (clerk, admin_person))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert (await ok(await clerk.get(DUTY)))["rosters"][1]["version"] == 1


@pytest.mark.parametrize("level", ["OPERATOR", "COMMUNITY", "STREET", "TOWN"])
async def test_a_manager_keeps_his_compounds_alone(manager, level):
    body = {"level": level, "contacts": [{"post": "某某", "phone": "0359-0000-099"}]}

    await refused(await manager.put(DUTY, json=body, headers={"If-Match": "*"}), 403, "forbidden")

    assert "某某" not in (await manager.get(DUTY)).text


async def test_a_compound_of_another_area_is_not_his(manager):
    body = {"contacts": [{"post": "某某", "phone": "0359-0000-099"}]}

    await refused(await manager.put("/v1/compounds/YJ004/duty", json=body), 403, "forbidden")

    assert (await ok(await manager.get("/v1/compounds/YJ004/duty")))["rosters"][0]["version"] == 0


@pytest.mark.parametrize("level", ["COMPOUND", "OPERATOR", "COMMUNITY", "STREET"])
async def test_a_clerk_keeps_every_level_but_the_towns(clerk, level):
    body = {"level": level, "contacts": [{"post": "新的值班室", "phone": "0359-0000-099"}]}

    told = await ok(await clerk.put(DUTY, json=body, headers={"If-Match": "*"}))

    assert ("新的值班室", level) in {(call["post"], call["level"]) for call in told["call_now"]}
    town = {"level": "TOWN", "contacts": [{"post": "某某", "phone": "0359-0000-099"}]}
    await refused(await clerk.put(DUTY, json=town, headers={"If-Match": "*"}), 403, "forbidden")


async def test_a_streets_list_is_every_compounds_of_the_street(clerk, visitor):
    body = {"level": "STREET", "contacts": [{"post": "街道新值班室", "phone": "0359-0000-099"}]}
    await ok(await clerk.put(DUTY, json=body, headers={"If-Match": "*"}))

    posts = {}
    for code in ("QHC", "TYY"):
        calls = (await ok(await visitor.get(f"/v1/compounds/{code}/duty")))["call_now"]
        posts[code] = [call["post"] for call in calls if call["level"] == "STREET"]
    assert posts == {"QHC": ["街道新值班室"], "TYY": ["城西街道办事处值班室"]}


@pytest.mark.parametrize(
    "contacts",
    [
        [],
        [{"post": "热线", "phone": "12345", "from": "08:00", "until": "20:00"}],
        [{"post": "热线", "phone": "12345", "weekdays": [0, 1, 2, 3, 4]}],
    ],
)
async def test_the_towns_line_is_always_manned(app, admin_person, contacts):
    body = {"level": "TOWN", "contacts": contacts}

    await refused(await admin_person.put(DUTY, json=body, headers={"If-Match": "*"}), 422, "town-line-needed")

    assert (await called(app, at(SUNDAY, 3)))[-1] == ("TOWN", "政务服务便民热线", "12345")


async def test_only_staff_of_the_area_stand_on_its_roster(app, manager):
    await sql(app, "DELETE FROM staff_area WHERE staff_id = :id", id=demo_id("staff", "crew"))
    for username in ("nobody", "crew"):
        body = {"contacts": [{"post": "某某", "phone": "0359-0000-099", "staff": username}]}
        problem = await refused(await manager.put(DUTY, json=body, headers={"If-Match": "*"}), 422, "staff-unknown")
        assert problem["errors"][0]["pointer"] == "/contacts/0/staff"

    assert len((await ok(await manager.get(DUTY)))["rosters"][0]["contacts"]) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "abc"},
        {"phone": "1"},
        {"from": "08:00"},
        {"until": "08:00"},
        {"from": "24:00", "until": "08:00"},
        {"weekdays": []},
        {"weekdays": [7]},
        {"weekdays": [1, 1]},
        {"weekdays": [True]},
        {"post": " "},
        {"id": str(uuid4())},
    ],
)
async def test_a_turn_that_cannot_be_is_refused(manager, change):
    body = {"contacts": [{"post": "值班", "phone": "0359-0000-099"} | change]}

    await refused(await manager.put(DUTY, json=body, headers={"If-Match": "*"}), 422, "invalid")

    assert (await ok(await manager.get(DUTY)))["rosters"][0]["version"] == 1
