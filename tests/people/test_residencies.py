"""Who belongs to which room: proven by roster, invitation or clerk; frozen, ended, and invisible to neighbours."""

import asyncio
from datetime import timedelta

import pytest

from app.core.ids import demo_id
from app.people import queries as people
from tests.orders.bodies import ok, refused, waste
from tests.people.homes import (
    RESIDENCIES,
    a_clerk_of,
    ask,
    bind,
    day,
    do,
    invite,
    mine,
    step,
    stored,
    today,
)

WANG, LI = demo_id("resident", "+8613800000003"), demo_id("resident", "+8613800000004")
OWN = "QHC-1-1-102"


@pytest.fixture
async def daughter(sign_in):
    """李晓兰, who lives nowhere yet."""
    return await sign_in("13800000004")


async def the_home(person) -> dict:
    return (await mine(person))[-1]


async def jobs(app) -> list[tuple]:
    asked = "SELECT task_name, args->>'room_id' FROM procrastinate_jobs WHERE task_name = 'orders.owner_found'"
    return await ask(app, asked)


async def test_the_roster_proves_nothing_for_another_phone(app, daughter):
    before = await stored(app)

    asked = await bind(daughter, "QHC-1-1-101", "TENANT")

    assert (asked["status"], asked["verified_by"], asked["start_on"]) == ("PENDING", None, day(0))
    assert len(await stored(app)) == len(before) + 1
    assert (await ok(await daughter.get("/v1/me")))["rooms"] == []


async def test_whoever_stands_in_the_roster_is_bound_at_once(app, sign_in):
    await do(app, "UPDATE roster_entry SET end_on = :end WHERE role = 'TENANT'", end=today() + timedelta(days=10))
    await do(app, "DELETE FROM residency WHERE role = 'TENANT'")
    tenant = await sign_in("13800000005")

    bound = await bind(tenant, "QHC-1-1-101", "TENANT")

    assert (bound["status"], bound["verified_by"], bound["due_on"]) == ("VERIFIED", "ROSTER", None)
    assert (bound["start_on"], bound["end_on"], bound["actions"]) == ("2020-01-01", day(10), ["end"])
    assert (bound["name_masked"], bound["phone_masked"]) == ("郑*航", "138****0005")
    assert await jobs(app) == []


async def test_an_owner_of_the_roster_may_say_co_owner_and_becomes_what_the_roster_says(app, resident):
    bound = await bind(resident, "QHC-1-1-202", "CO_OWNER")

    assert (bound["role"], bound["status"], bound["verified_by"]) == ("OWNER", "VERIFIED", "ROSTER")
    room = str(demo_id("room", "QHC-1-1-202"))
    assert await jobs(app) == [("orders.owner_found", room)]
    assert {row["room"] for row in (await ok(await resident.get("/v1/me")))["rooms"]} == {OWN, "QHC-1-1-202"}


@pytest.mark.parametrize(
    ("change", "role"),
    [
        ("UPDATE roster_entry SET start_on = :tomorrow WHERE room_id = :room", "OWNER"),
        ("UPDATE roster_entry SET end_on = :today WHERE room_id = :room", "OWNER"),
        ("SELECT :room", "TENANT"),
    ],
    ids=["not yet", "no longer", "in another role"],
)
async def test_a_roster_that_does_not_fit_today_leaves_it_to_the_clerk(app, resident, change, role):
    values = {"room": demo_id("room", "QHC-1-1-202")}
    if ":today" in change:
        values["today"] = today()
    if ":tomorrow" in change:
        values["tomorrow"] = today() + timedelta(days=1)
    await do(app, change, **values)

    asked = await bind(resident, "QHC-1-1-202", role)

    assert (asked["status"], asked["role"], asked["verified_by"]) == ("PENDING", role, None)
    assert len((await ok(await resident.get("/v1/me")))["rooms"]) == 1
    assert await jobs(app) == []


async def test_a_clerk_has_three_working_days(daughter):
    asked = await bind(daughter, "QHC-1-1-201", "FAMILY")

    due, days = today(), 0
    while days < 3:
        due += timedelta(days=1)
        days += due.weekday() < 5
    assert asked["due_on"] == due.isoformat()
    assert asked["actions"] == ["withdraw"]


async def test_asking_twice_is_refused_whatever_became_of_the_first(app, resident, daughter, clerk):
    asked = await bind(daughter, "QHC-1-1-201", "FAMILY")
    before = await stored(app)

    pending = await refused(
        await daughter.post(RESIDENCIES, json={"room": "QHC-1-1-201", "role": "OWNER"}), 409, "already-bound"
    )
    bound = await refused(await resident.post(RESIDENCIES, json={"room": OWN, "role": "OWNER"}), 409, "already-bound")

    assert ("待核实" in pending["detail"], "已绑定" in bound["detail"]) == (True, True)
    assert await stored(app) == before
    await ok(await step(clerk, asked["id"], "reject", reason="没有证明"))
    assert (await bind(daughter, "QHC-1-1-201", "FAMILY"))["status"] == "PENDING"


async def test_a_room_that_does_not_exist_is_said_to_be_unknown(app, daughter):
    before = await stored(app)

    told = await refused(
        await daughter.post(RESIDENCIES, json={"room": "QHC-9-9-999", "role": "OWNER"}), 422, "room-unknown"
    )

    assert [error["pointer"] for error in told["errors"]] == ["/room"]
    assert await stored(app) == before


async def test_five_requests_may_wait_and_a_withdrawn_one_makes_room(app, daughter):
    asked = [await bind(daughter, f"QHC-1-1-{n}", "FAMILY") for n in (201, 202, 301, 302, 401)]
    before = await stored(app)

    sixth = {"room": "QHC-1-1-402", "role": "FAMILY"}
    await refused(await daughter.post(RESIDENCIES, json=sixth), 409, "too-many-pending")

    assert await stored(app) == before
    assert (await ok(await step(daughter, asked[0]["id"], "withdraw")))["status"] == "ENDED"
    await bind(daughter, "QHC-1-1-402", "FAMILY")


async def test_an_agent_asks_for_the_caller_under_a_call(app, agent):
    bound = await bind(agent, "QHC-1-1-202", "OWNER", on_behalf_of_id=str(WANG))

    assert (bound["status"], bound["resident_id"]) == ("VERIFIED", str(WANG))
    (row,) = await ask(app, "SELECT requested_by FROM residency WHERE id = :id", id=bound["id"])
    assert row == (demo_id("staff", "agent"),)
    before = await stored(app)
    body = {"room": "QHC-1-1-201", "role": "OWNER"}
    await refused(await agent.post(RESIDENCIES, json=body), 422, "on-behalf-required")
    nobody = {**body, "on_behalf_of_id": "00000000-0000-7000-8000-000000000000"}
    await refused(await agent.post(RESIDENCIES, json=nobody), 422, "resident-unknown")
    del agent.headers["Call-Id"]
    await refused(await agent.post(RESIDENCIES, json={**body, "on_behalf_of_id": str(LI)}), 409, "call-required")
    assert await stored(app) == before


async def test_nobody_asks_for_somebody_else(app, daughter):
    before = await stored(app)

    body = {"room": "QHC-1-1-202", "role": "OWNER", "on_behalf_of_id": str(WANG)}
    await refused(await daughter.post(RESIDENCIES, json=body), 403, "proxy-scope")

    assert await stored(app) == before


async def test_the_clerk_sees_who_waits_and_decides(app, daughter, clerk):
    asked = await bind(daughter, "QHC-1-1-201", "CO_OWNER")

    listed = await ok(await clerk.get("/v1/residencies", params={"status": "PENDING", "compound": "QHC"}))

    (row,) = listed["items"]
    assert (row["id"], row["name_masked"], row["phone_masked"]) == (asked["id"], "李*兰", "138****0004")
    assert row["actions"] == ["verify", "reject"]
    dates = {"start_on": "2026-01-01", "end_on": day(365), "role": "OWNER"}
    done = await ok(await step(clerk, asked["id"], "verify", **dates))
    assert (done["status"], done["verified_by"], done["role"]) == ("VERIFIED", "CLERK", "OWNER")
    assert (done["start_on"], done["end_on"], done["due_on"]) == ("2026-01-01", day(365), None)
    assert (done["version"], done["actions"]) == (2, ["suspend", "end"])
    assert [row["room"] for row in (await ok(await daughter.get("/v1/me")))["rooms"]] == ["QHC-1-1-201"]
    assert await jobs(app) == [("orders.owner_found", str(demo_id("room", "QHC-1-1-201")))]


async def test_a_rejected_request_says_why_and_stays_in_the_list(app, daughter, clerk):
    asked = await bind(daughter, "QHC-1-1-201", "FAMILY")

    await ok(await step(clerk, asked["id"], "reject", reason="与房产证不符"))

    (row,) = await mine(daughter)
    assert (row["status"], row["reason"], row["actions"]) == ("REJECTED", "与房产证不符", [])
    await refused(await step(clerk, asked["id"], "verify"), 409, "invalid-transition")
    assert (await ok(await daughter.get("/v1/me")))["rooms"] == []
    (raw,) = await ask(app, "SELECT reason FROM residency WHERE id = :id", id=asked["id"])
    assert "房产证".encode() not in bytes(raw[0])


async def test_a_period_that_ends_before_it_begins_is_refused(app, daughter, clerk):
    asked = await bind(daughter, "QHC-1-1-201", "FAMILY")
    before = await stored(app)

    for dates in ({"end_on": day(0)}, {"start_on": day(5), "end_on": day(5)}):
        await refused(await step(clerk, asked["id"], "verify", **dates), 422, "period-wrong")

    assert await stored(app) == before


async def test_a_clerk_of_another_area_finds_nothing(app, sign_in, daughter):
    asked = await bind(daughter, "QHC-1-1-201", "FAMILY")
    far = await a_clerk_of(app, "A001", sign_in)
    before = await stored(app)

    assert (await ok(await far.get("/v1/residencies", params={"compound": "QHC"})))["items"] == []
    await refused(await step(far, asked["id"], "verify"), 404, "residency-not-found")

    assert await stored(app) == before
    (own,) = await ask(app, "SELECT count(*) FROM residency JOIN room ON room.id = room_id WHERE code LIKE 'TYY%'")
    assert len((await ok(await far.get("/v1/residencies")))["items"]) == own[0] == 2


async def test_a_neighbour_learns_nothing_and_the_resident_decides_nothing(app, resident, neighbour):
    home = (await the_home(resident))["id"]
    before = await stored(app)

    await refused(await step(neighbour, home, "end"), 404, "residency-not-found")
    body = {"role": "TENANT"}
    there = f"/v1/residencies/{home}/invitations"
    await refused(await neighbour.post(there, json=body), 404, "residency-not-found")
    for action, more in (("verify", {}), ("suspend", {"reason": "x"}), ("resume", {}), ("reject", {"reason": "x"})):
        await refused(await step(resident, home, action, **more), 403, "forbidden")

    assert await stored(app) == before


async def test_a_stale_version_is_refused(app, resident, clerk):
    home = (await the_home(resident))["id"]
    before = await stored(app)

    stale = await step(clerk, home, "suspend", reason="x", headers={"If-Match": '"7.x"'})
    await refused(stale, 412, "version-mismatch")

    assert await stored(app) == before
    done = await step(clerk, home, "suspend", reason="争议", headers={"If-Match": '"1.x"'})
    assert (await ok(done))["version"] == 2
    assert done.headers["etag"].startswith('"2.')


async def test_a_dispute_freezes_and_its_end_thaws(app, resident, clerk):
    home = (await the_home(resident))["id"]

    frozen = await ok(await step(clerk, home, "suspend", reason="共有人有争议"))

    assert (frozen["status"], frozen["actions"]) == ("SUSPENDED", ["resume", "end"])
    assert (await ok(await resident.get("/v1/me")))["rooms"] == []
    await refused(await resident.post("/v1/orders", json=waste()), 409, "binding-required")
    there = f"/v1/residencies/{home}/invitations"
    await refused(await resident.post(there, json={"role": "TENANT"}), 409, "owner-required")
    await refused(await resident.post(RESIDENCIES, json={"room": OWN, "role": "OWNER"}), 409, "already-bound")
    assert await ask(app, "SELECT count(*) FROM residency_invitation") == [(0,)]
    thawed = await ok(await step(clerk, home, "resume"))
    assert (thawed["status"], thawed["reason"]) == ("VERIFIED", None)
    await ok(await resident.post("/v1/orders", json=waste()), 201)
    assert await jobs(app) == [("orders.owner_found", str(demo_id("room", OWN)))]


async def test_moving_out_ends_sight_the_same_day(app, sign_in, neighbour, clerk):
    home = (await the_home(neighbour))["id"]

    done = await ok(await step(neighbour, home, "end"))

    assert (done["status"], done["end_on"], done["actions"]) == ("ENDED", day(0), [])
    assert (await ok(await neighbour.get("/v1/me")))["rooms"] == []
    body = waste(room="QHC-1-1-101")
    await refused(await neighbour.post("/v1/orders", json=body), 409, "binding-required")
    assert [row["status"] for row in await mine(neighbour)] == ["ENDED"]
    await refused(await step(clerk, home, "resume"), 409, "invalid-transition")


async def test_a_later_move_is_written_down_and_holds_until_then(app, neighbour):
    home = (await the_home(neighbour))["id"]

    done = await ok(await step(neighbour, home, "end", on=day(30)))

    assert (done["status"], done["end_on"], done["actions"]) == ("VERIFIED", day(30), ["end"])
    assert len((await ok(await neighbour.get("/v1/me")))["rooms"]) == 1
    before = await stored(app)
    await refused(await step(neighbour, home, "end", on=day(31)), 422, "period-wrong")
    await refused(await step(neighbour, home, "end", on=day(-1)), 422, "period-wrong")
    assert await stored(app) == before
    assert (await ok(await step(neighbour, home, "end", on=day(1))))["end_on"] == day(1)
    await do(app, "UPDATE residency SET end_on = :today WHERE id = :id", today=today(), id=home)
    assert (await ok(await neighbour.get("/v1/me")))["rooms"] == []


async def test_a_clerk_may_say_that_somebody_left_last_week(app, neighbour, clerk):
    home = (await the_home(neighbour))["id"]

    done = await ok(await step(clerk, home, "end", on=day(-7)))

    assert (done["status"], done["end_on"]) == ("ENDED", day(-7))
    assert (await ok(await neighbour.get("/v1/me")))["rooms"] == []


async def test_an_invited_tenant_is_bound_at_once_and_the_code_serves_once(app, resident, daughter, sign_in):
    code = await invite(resident, "TENANT", end_on=day(365))
    assert len(code) == 8
    assert set(code) <= set("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")

    bound = await bind(daughter, OWN, "TENANT", invitation_code=code)

    assert (bound["status"], bound["verified_by"], bound["invited"]) == ("VERIFIED", "INVITATION", True)
    assert (bound["start_on"], bound["end_on"]) == (day(0), day(365))
    assert [row["room"] for row in (await ok(await daughter.get("/v1/me")))["rooms"]] == [OWN]
    before = await stored(app)
    another = await sign_in("13800000002")
    again = {"room": OWN, "role": "TENANT", "invitation_code": code}
    await refused(await another.post(RESIDENCIES, json=again), 422, "invitation-wrong")
    await refused(await daughter.post(RESIDENCIES, json=again), 409, "already-bound")
    assert await stored(app) == before
    (row,) = await ask(app, "SELECT residency_invitation::text FROM residency_invitation")
    assert code not in row[0]
    assert code.encode().hex() not in row[0]


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE residency_invitation SET expires_at = now()",
        "UPDATE residency SET status = 'SUSPENDED' WHERE role = 'OWNER'",
        "UPDATE residency SET status = 'ENDED', end_on = current_date - 1 WHERE role = 'OWNER'",
        "UPDATE residency_invitation SET room_id = (SELECT id FROM room WHERE code = 'QHC-1-1-201')",
    ],
    ids=["expired", "owner frozen", "owner gone", "another room"],
)
async def test_an_invitation_that_no_longer_holds_binds_nobody(app, resident, daughter, spoil):
    code = await invite(resident, "FAMILY")
    await do(app, spoil)
    before = await stored(app)

    body = {"room": OWN, "role": "FAMILY", "invitation_code": code}
    await refused(await daughter.post(RESIDENCIES, json=body), 422, "invitation-wrong")

    assert await stored(app) == before
    assert await ask(app, "SELECT used_at FROM residency_invitation") == [(None,)]


async def test_an_invitation_is_for_its_role(app, resident, daughter):
    code = await invite(resident, "CAREGIVER")
    before = await stored(app)

    body = {"room": OWN, "role": "TENANT", "invitation_code": code}
    await refused(await daughter.post(RESIDENCIES, json=body), 422, "invitation-role")

    assert await stored(app) == before
    assert (await bind(daughter, OWN, "CAREGIVER", invitation_code=code))["role"] == "CAREGIVER"


async def test_ten_codes_a_day_may_be_tried_and_then_the_right_one_does_not_help(app, resident, daughter):
    code = await invite(resident, "FAMILY")
    before = await stored(app)
    body = {"room": OWN, "role": "FAMILY", "invitation_code": "AAAAAAAA"}

    for _ in range(10):
        await refused(await daughter.post(RESIDENCIES, json=body), 422, "invitation-wrong")

    late = await daughter.post(RESIDENCIES, json={**body, "invitation_code": code})
    await refused(late, 429, "rate-limited")
    assert int(late.headers["retry-after"]) > 0
    assert await stored(app) == before


async def test_only_a_current_owner_invites(app, resident, neighbour, clerk, daughter):
    home = (await the_home(neighbour))["id"]
    there = f"/v1/residencies/{home}/invitations"

    await refused(await neighbour.post(there, json={"role": "FAMILY"}), 403, "forbidden")
    await refused(await clerk.post(there, json={"role": "FAMILY"}), 403, "forbidden")
    own = f"/v1/residencies/{(await the_home(resident))['id']}/invitations"
    await refused(await resident.post(own, json={"role": "TENANT", "end_on": day(0)}), 422, "period-wrong")
    assert (await resident.post(own, json={"role": "OWNER"})).status_code == 422

    assert await ask(app, "SELECT count(*) FROM residency_invitation") == [(0,)]


async def test_an_owner_sees_and_ends_whom_an_owner_let_in(app, resident, daughter):
    code = await invite(resident, "TENANT")
    guest = await bind(daughter, OWN, "TENANT", invitation_code=code)

    (home,) = await mine(resident)

    assert [(g["id"], g["name_masked"], g["actions"]) for g in home["guests"]] == [(guest["id"], "李*兰", ["end"])]
    assert (await mine(daughter))[0]["guests"] == []
    done = await ok(await step(resident, guest["id"], "end"))
    assert (done["status"], done["end_on"]) == ("ENDED", day(0))
    assert (await ok(await daughter.get("/v1/me")))["rooms"] == []
    assert (await mine(resident))[0]["guests"] == []


async def test_a_co_owner_ends_the_others_tenant_but_never_the_other(app, resident, daughter, sign_in, clerk):
    asked = await bind(daughter, OWN, "CO_OWNER")
    await ok(await step(clerk, asked["id"], "verify"))
    tenant = await sign_in("13800000001")
    guest = await bind(tenant, OWN, "TENANT", invitation_code=await invite(resident, "TENANT"))
    before = await stored(app)

    home = (await the_home(resident))["id"]
    await refused(await step(daughter, home, "end"), 404, "residency-not-found")
    await refused(await step(resident, asked["id"], "end"), 404, "residency-not-found")
    await refused(await step(tenant, asked["id"], "end"), 404, "residency-not-found")
    assert await stored(app) == before

    assert (await ok(await step(daughter, guest["id"], "end")))["status"] == "ENDED"


async def test_a_former_owner_no_longer_rules(app, resident, daughter):
    guest = await bind(daughter, OWN, "TENANT", invitation_code=await invite(resident, "TENANT"))
    await ok(await step(resident, (await the_home(resident))["id"], "end"))
    before = await stored(app)

    await refused(await step(resident, guest["id"], "end"), 404, "residency-not-found")

    assert await stored(app) == before
    assert [g["guests"] for g in await mine(resident)] == [[]]


async def ten_at_once(app, person) -> tuple[list[int], int]:
    """The statuses of ten requests for one room, and how many bindings came of them."""
    body = {"room": "QHC-1-1-202", "role": "OWNER"}
    answers = await asyncio.gather(*(person.post(RESIDENCIES, json=body) for _ in range(10)))
    asked = "SELECT count(*) FROM residency JOIN room ON room.id = room_id WHERE code = 'QHC-1-1-202'"
    ((count,),) = await ask(app, asked)
    return sorted(answer.status_code for answer in answers), count


async def test_of_ten_that_ask_at_once_one_is_bound(app, resident):
    assert await ten_at_once(app, resident) == ([201, *[409] * 9], 1)


async def test_without_the_lock_several_would_be(app, resident, monkeypatch):
    """The control: the trial above can fail."""
    monkeypatch.setattr(people, "locked_resident", people.resident)

    statuses, count = await ten_at_once(app, resident)

    assert count == statuses.count(201) > 1


async def test_pages_follow_each_other_by_key(clerk, daughter):
    for room in ("QHC-1-1-201", "QHC-1-1-202", "QHC-1-1-301"):
        await bind(daughter, room, "FAMILY")

    first = await ok(await clerk.get("/v1/residencies", params={"status": "PENDING", "limit": 2}))
    rest = await ok(
        await clerk.get("/v1/residencies", params={"status": "PENDING", "limit": 2, "cursor": first["next_cursor"]})
    )

    rooms = [row["room"] for row in (*first["items"], *rest["items"])]
    assert rooms == ["QHC-1-1-301", "QHC-1-1-202", "QHC-1-1-201"]
    assert rest["next_cursor"] is None
