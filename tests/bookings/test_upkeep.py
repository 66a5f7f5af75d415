"""Keeping a calendar: closures and weeks list whom they displace, swaps are atomic, holidays are imported whole."""

from datetime import date, timedelta

from app.bookings.examples import TEMPLATE
from app.core.ids import demo_id
from tests.jobs import work_off
from tests.orders.bodies import an_order, free_slots, heating, ok, refused, step
from tests.people.homes import ask, do, today

CREW = f"/v1/resources/{demo_id('resource', 'CREW_QHC')}"
SLOTS = "/v1/compounds/QHC/menu/heating-retrofit/slots"


async def test_a_closure_lists_whom_it_displaces_and_each_is_given_another_time(app, visitor, resident, manager):
    first, *_, other = await free_slots(visitor)
    order = await an_order(resident, heating([first["id"]]))
    since = date.fromisoformat(first["date"])
    body = {"since": str(since), "until": str(since + timedelta(days=1)), "reason": "WEATHER", "note": "大雪"}

    closed = await ok(await manager.post(f"{CREW}/closures", json=body), 201)

    assert [(row["order_id"], row["slot_id"]) for row in closed["displaced"]] == [
        (order.rpartition("/")[2], first["id"])
    ]
    days = (await ok(await visitor.get(SLOTS, params={"from": str(since), "to": str(since)})))["items"]
    assert {slot["state"] for slot in days} == {"CLOSED"}
    assert "orders.displaced" in await work_off(app)
    seen = await ok(await resident.get(order))
    assert (seen["status"], seen["history"][-1]["action"], len(seen["slots"])) == ("SUBMITTED", "displace", 1)

    moved = await step(resident, order, "reschedule", slot_ids=[other["id"]])

    assert [slot["id"] for slot in moved["slots"]] == [other["id"]]
    assert await ask(app, "SELECT displaced FROM service_order") == [(False,)]


async def test_a_closure_of_another_day_displaces_nobody(app, visitor, resident, manager):
    first, *_, last = await free_slots(visitor)
    order = await an_order(resident, heating([first["id"]]))
    since = date.fromisoformat(last["date"])
    body = {"since": str(since), "until": str(since + timedelta(days=1)), "reason": "SICK"}

    assert (await ok(await manager.post(f"{CREW}/closures", json=body), 201))["displaced"] == []

    assert "orders.displaced" not in await work_off(app)
    assert (await ok(await resident.get(order)))["history"][-1]["action"] == "place"


async def test_a_closure_that_ends_before_it_begins_is_refused(app, manager):
    body = {"since": str(today()), "until": str(today()), "reason": "SICK"}

    await refused(await manager.post(f"{CREW}/closures", json=body), 422, "invalid")

    assert await ask(app, "SELECT count(*) FROM closure") == [(0,)]


async def test_the_day_shows_who_has_which_place(visitor, resident, manager):
    first, *_ = await free_slots(visitor)
    order = await an_order(resident, heating([first["id"]]))

    shown = await ok(await manager.get(f"{CREW}/day", params={"date": first["date"]}))

    (slot,) = [row for row in shown["slots"] if row["id"] == first["id"]]
    assert (slot["capacity"], slot["booked"], slot["closed"]) == (2, 1, False)
    assert [(row["order_id"], row["state"]) for row in slot["taken"]] == [(order.rpartition("/")[2], "BOOKED")]
    assert shown["lunar"]


async def test_a_week_without_afternoons_displaces_those_who_had_one(app, visitor, resident, manager):
    afternoon = next(slot for slot in await free_slots(visitor) if slot["part"]["code"] == "PM")
    order = await an_order(resident, heating([afternoon["id"]]))
    mornings = [part for part in TEMPLATE["mornings-and-afternoons"]["value"]["parts"] if part["code"] == "AM"]
    tag = (await manager.get(CREW)).headers["etag"]
    await refused(await manager.put(f"{CREW}/template", json={"parts": mornings}), 428, "version-required")

    changed = await ok(await manager.put(f"{CREW}/template", json={"parts": mornings}, headers={"If-Match": tag}))

    assert [row["order_id"] for row in changed["displaced"]] == [order.rpartition("/")[2]]
    assert {slot["part"]["code"] for slot in await free_slots(visitor)} == {"AM"}
    stale = await manager.put(f"{CREW}/template", json={"parts": []}, headers={"If-Match": tag})
    await refused(stale, 412, "version-mismatch")
    assert len((await ok(await manager.get(CREW)))["template"]) == 5


async def test_row_1_a_swap_that_fails_leaves_the_old_place_taken(app, visitor, resident):
    first, second, *_ = await free_slots(visitor)
    order = await an_order(resident, heating([first["id"]]))
    await do(app, "UPDATE slot SET booked = capacity WHERE id = :id", id=second["id"])

    answer = await resident.post(f"{order}/steps", json={"action": "reschedule", "slot_ids": [second["id"]]})

    problem = await refused(answer, 409, "slot-taken")
    assert 1 <= len(problem["alternatives"]) <= 3
    assert second["id"] not in [slot["id"] for slot in problem["alternatives"]]
    assert [slot["id"] for slot in (await ok(await resident.get(order)))["slots"]] == [first["id"]]
    assert await ask(app, "SELECT booked FROM slot WHERE id = :id", id=first["id"]) == [(1,)]

    free = problem["alternatives"][0]["id"]
    await step(resident, order, "reschedule", slot_ids=[free])
    assert await ask(app, "SELECT booked FROM slot WHERE id = :id", id=first["id"]) == [(0,)]
    assert await ask(app, "SELECT booked FROM slot WHERE id = :id", id=free) == [(1,)]


async def test_row_1_the_last_place_goes_to_one_and_the_other_is_shown_free_ones(app, visitor, resident, neighbour):
    first, *_ = await free_slots(visitor)
    await do(app, "UPDATE slot SET capacity = 1 WHERE id = :id", id=first["id"])
    await an_order(resident, heating([first["id"]]))
    theirs = heating([first["id"]], room="QHC-1-1-101", contact={"name": "郑远航", "phone": "13800000005"})

    problem = await refused(await neighbour.post("/v1/orders", json=theirs), 409, "slot-taken")

    assert (await ok(await neighbour.get("/v1/orders")))["items"] == []
    assert await ask(app, "SELECT booked FROM slot WHERE id = :id", id=first["id"]) == [(1,)]
    await an_order(neighbour, {**theirs, "slot_ids": [problem["alternatives"][0]["id"]]})


async def test_the_calendar_reaches_180_days_and_shows_62_at_once(visitor):
    ahead = today() + timedelta(days=179)

    far = await ok(await visitor.get(SLOTS, params={"from": str(ahead), "to": str(ahead + timedelta(days=1))}))
    await ok(await visitor.get(SLOTS, params={"from": str(today()), "to": str(today() + timedelta(days=61))}))
    long = await visitor.get(SLOTS, params={"from": str(today()), "to": str(today() + timedelta(days=62))})

    assert far["items"]
    assert long.status_code == 422


async def test_row_16_the_holidays_of_a_year_are_imported_whole_and_by_version(app, admin_person, visitor):
    path, new_year = "/v1/holidays/2029", {"date": "2029-01-01", "name": "元旦"}
    await ok(await admin_person.put(path, json={"days": [new_year]}))
    worked = {"date": "2029-01-07", "name": "元旦调休上班", "off": False}
    both = {"days": [new_year, worked]}
    await refused(await admin_person.put(path, json=both), 428, "version-required")
    await refused(await admin_person.put(path, json=both, headers={"If-Match": '"9"'}), 412, "version-mismatch")
    outside = {"days": [{"date": "2030-01-01", "name": "元旦"}]}
    await refused(await admin_person.put(path, json=outside, headers={"If-Match": "*"}), 422, "holiday-outside-year")
    assert (await ok(await visitor.get(path)))["days"] == [{**new_year, "off": True}]

    await ok(await admin_person.put(path, json=both, headers={"If-Match": '"1"'}))

    told = await ok(await visitor.get(path))
    assert (told["version"], told["days"]) == (2, [{**new_year, "off": True}, worked])
    assert "bookings.refresh_all" in [name for (name,) in await ask(app, "SELECT task_name FROM procrastinate_jobs")]
