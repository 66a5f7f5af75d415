"""An agent does nothing for a resident but under a call of his own that is open; and the call remembers."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.actors import Role
from app.core.ids import demo_id
from app.people.schemas import NewStaff
from app.people.service import add_staff
from tests.conftest import sign_in_staff
from tests.orders.bodies import an_order, ok, refused, waste

WANG = str(demo_id("resident", "+8613800000003"))
AGENT = str(demo_id("staff", "agent"))
NEWCOMER = {"name": "欧阳修文", "phone": "13900000001"}
CALL = {"channel": "PHONE", "direction": "INBOUND", "caller_phone": "13800000003", "identity_check": ["ROOM", "NAME"]}


async def opened(agent, **changes):
    return await ok(await agent.post("/v1/calls", json={**CALL, **changes}), 201)


async def step(agent, call, action, **body):
    return await agent.post(f"/v1/calls/{call['number']}/steps", json={"action": action, **body})


async def ask(app, statement: str, **values) -> list:
    async with app.state.sessions.read() as session:
        return list((await session.execute(text(statement), values)).scalars())


async def written(app) -> list:
    """How many residents, orders, rows of history and calls there are."""
    tables = ("resident", "service_order", "order_event", "call")
    return await ask(app, " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in tables))


@pytest.fixture
async def colleague(app, visitor, somebody):
    """Another agent."""
    async with app.state.sessions.write() as session, session.begin():
        wanted = NewStaff(username="colleague", name="另一位话务员", role=Role.AGENT, post="话务员", areas=[])
        await add_staff(session, wanted, "password-of-a-colleague")
    return somebody(await sign_in_staff(visitor, "colleague", "password-of-a-colleague"))


def deeds(order: str) -> list[tuple[str, dict]]:
    """What an agent may do for a resident, as a path and a body."""
    return [
        ("/v1/residents/search", {"phone": "13800000003"}),
        ("/v1/residents", NEWCOMER),
        ("/v1/orders/preview", waste(on_behalf_of_id=WANG)),
        ("/v1/orders", waste(on_behalf_of_id=WANG)),
        (f"{order}/steps", {"action": "cancel", "reason": "改主意了"}),
    ]


async def test_without_a_call_an_agent_is_told_to_open_one_and_nothing_is_done(app, resident, agent):
    order = await an_order(resident)
    before = await written(app)
    del agent.headers["Call-Id"]

    for path, body in deeds(order):
        await refused(await agent.post(path, json=body), 409, "call-required")

    assert await written(app) == before
    assert (await ok(await resident.get(order)))["version"] == 1


async def test_under_a_call_all_of_it_is_done(app, resident, agent):
    order = await an_order(resident)

    answers = [await agent.post(path, json=body) for path, body in deeds(order)]

    assert [answer.status_code for answer in answers] == [200, 201, 200, 201, 200]
    assert (await ok(await resident.get(order)))["status"] == "CANCELLED"


@pytest.mark.parametrize("named_by", ["number", "id"])
async def test_a_closed_call_opens_nothing_any_more(app, resident, agent, named_by):
    order, call = await an_order(resident), await opened(agent)
    await ok(await step(agent, call, "close", outcome="DONE"))
    agent.headers["Call-Id"] = call[named_by]
    before = await written(app)

    for path, body in deeds(order):
        await refused(await agent.post(path, json=body), 409, "call-not-open")

    assert await written(app) == before
    assert (await ok(await resident.get(order)))["version"] == 1


@pytest.mark.parametrize("named_by", ["number", "id"])
async def test_the_call_of_a_colleague_is_no_call_of_mine(app, resident, agent, colleague, named_by):
    order, call = await an_order(resident), await opened(colleague)
    agent.headers["Call-Id"] = call[named_by]
    before = await written(app)

    for path, body in deeds(order):
        await refused(await agent.post(path, json=body), 409, "call-not-open")
    del agent.headers["Call-Id"]
    await refused(await step(agent, call, "close", outcome="DONE"), 404, "call-not-found")
    await refused(await step(agent, call, "link", resident_id=WANG), 404, "call-not-found")

    assert await written(app) == before
    (row,) = (await ok(await colleague.get("/v1/calls")))["items"]
    assert (row["number"], row["status"], row["resident_id"], row["version"]) == (call["number"], "OPEN", None, 1)
    assert call["number"] not in [row["number"] for row in (await ok(await agent.get("/v1/calls")))["items"]]


@pytest.mark.parametrize("ref", ["TH20200101-0001", str(UUID(int=0)), "abc", "---"])
async def test_a_call_that_never_was_is_refused(app, agent, ref):
    agent.headers["Call-Id"] = ref
    before = await written(app)

    await refused(await agent.post("/v1/orders", json=waste(on_behalf_of_id=WANG)), 409, "call-not-open")

    assert await written(app) == before


async def test_a_call_shows_who_may_be_calling_and_writes_no_number_out(agent):
    call = await opened(agent)

    assert call["caller_phone_masked"] == "138****0003"
    (person,) = call["candidates"]
    assert (person["id"], person["name_masked"], person["phone_masked"]) == (WANG, "王*英", "138****0003")
    assert [room["room"] for room in person["rooms"]] == ["QHC-1-1-102"]
    assert (call["status"], call["actions"], call["identity_check"]) == ("OPEN", ["link", "close"], ["NAME", "ROOM"])
    assert (await opened(agent, caller_phone="13900000001"))["candidates"] == []


async def test_a_call_is_linked_to_a_resident_and_closed_with_its_outcome(app, agent):
    call = await opened(agent)

    linked = await ok(await step(agent, call, "link", resident_id=WANG))
    assert (linked["resident_id"], linked["status"], linked["version"]) == (WANG, "OPEN", 2)
    closed = await ok(await step(agent, call, "close", outcome="CALL_BACK", note="下午再打"))
    assert (closed["status"], closed["outcome"], closed["actions"], closed["version"]) == ("CLOSED", "CALL_BACK", [], 3)
    assert closed["closed_at"] is not None

    await refused(await step(agent, call, "close", outcome="DONE"), 409, "invalid-transition")
    await refused(await step(agent, call, "link", resident_id=WANG), 409, "invalid-transition")
    assert await ask(app, "SELECT outcome FROM call WHERE number = :number", number=call["number"]) == ["CALL_BACK"]
    assert await ask(app, "SELECT version FROM call WHERE number = :number", number=call["number"]) == [3]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"action": "link", "resident_id": str(UUID(int=0))}, "resident-unknown", "resident_id"),
        ({"action": "close"}, "invalid", "outcome"),
        ({"action": "close", "outcome": "BORED"}, "invalid", "outcome"),
        ({"action": "close", "outcome": "DONE", "note": "王\0"}, "invalid", "note"),
        ({"action": "close", "outcome": "DONE", "status": "OPEN"}, "invalid", "status"),
    ],
)
async def test_a_step_that_is_filled_in_wrongly_leaves_the_call_open(agent, body, code, field):
    call = await opened(agent)

    problem = await refused(await step(agent, call, **body), 422, code)

    assert [error["pointer"] for error in problem["errors"]] == [f"/{field}"]
    now = (await ok(await agent.get("/v1/calls")))["items"][0]
    assert (now["number"], now["status"], now["resident_id"], now["version"]) == (call["number"], "OPEN", None, 1)


async def test_a_step_with_an_old_version_is_refused(agent):
    call = await opened(agent)
    await ok(await step(agent, call, "link", resident_id=WANG))
    path, body = f"/v1/calls/{call['id']}/steps", {"action": "close", "outcome": "DONE"}

    await refused(await agent.post(path, json=body, headers={"If-Match": '"1.abc"'}), 412, "version-mismatch")

    assert (await ok(await agent.get("/v1/calls")))["items"][0]["status"] == "OPEN"
    await ok(await agent.post(path, json=body, headers={"If-Match": '"2.abc"'}))


async def test_the_calls_of_a_day_are_those_of_the_local_day(app, agent):
    agent.headers.pop("Call-Id")
    today = clock.local_date(clock.utc_now())
    day = today - timedelta(days=10)
    began = {
        "evening before": clock.start_of(day) - timedelta(seconds=1),
        "first": clock.start_of(day),
        "last": clock.end_of(day) - timedelta(seconds=1),
        "next": clock.end_of(day),
    }
    numbers = {}
    async with app.state.sessions.write() as session, session.begin():
        for name, instant in began.items():
            numbers[name] = (await opened(agent))["number"]
            change = text("UPDATE call SET created_at = :instant WHERE number = :number")
            await session.execute(change, {"instant": instant, "number": numbers[name]})

    async def of(when: date) -> list[str]:
        return [row["number"] for row in (await ok(await agent.get("/v1/calls", params={"date": str(when)})))["items"]]

    assert await of(day) == [numbers["last"], numbers["first"]]
    assert await of(day - timedelta(days=1)) == [numbers["evening before"]]
    assert await of(day + timedelta(days=1)) == [numbers["next"]]
    assert len(await of(today)) == 1
    await refused(await agent.get("/v1/calls", params={"date": "22.11.2026"}), 422, "invalid")


@pytest.mark.parametrize("channel", ["PHONE", "COUNTER", "CHAT_GROUP", "HOTLINE_12345", "VISIT"])
async def test_an_order_says_by_whom_for_whom_and_by_which_channel(app, resident, agent, channel):
    call = await opened(agent, channel=channel)
    agent.headers["Call-Id"] = call["number"]

    placed = await ok(await agent.post("/v1/orders", json=waste(on_behalf_of_id=WANG)), 201)

    assert placed["placed_by"] == {"role": "AGENT", "name": "话务员", "call_id": call["id"]}
    assert (placed["channel"], placed["requester"]["id"], placed["requester"]["name"]) == (channel, WANG, "王*英")
    (row,) = placed["history"]
    assert (row["action"], row["actor_role"], row["actor_name"]) == ("place", "AGENT", "话务员")
    assert (row["on_behalf_of_id"], row["channel"]) == (WANG, channel)
    by = "SELECT placed_by || ' ' || requester_id || ' ' || call_id FROM service_order"
    assert await ask(app, by) == [f"{AGENT} {WANG} {call['id']}"]
    mine = await ok(await resident.get(f"/v1/orders/{placed['id']}"))
    assert (mine["placed_by"]["role"], mine["requester"]["name"], mine["channel"]) == ("AGENT", "王秀英", channel)


async def test_what_a_resident_does_himself_is_under_no_call(app, resident, agent):
    call = await opened(agent)
    headers = {"Call-Id": call["number"]}

    placed = await ok(await resident.post("/v1/orders", json=waste(), headers=headers), 201)

    assert placed["placed_by"] == {"role": "RESIDENT", "name": "本人", "call_id": None}
    assert (placed["channel"], placed["history"][0]["on_behalf_of_id"]) == ("MINI_PROGRAM", None)


async def test_a_caller_is_registered_once(app, agent):
    person = await ok(await agent.post("/v1/residents", json=NEWCOMER), 201)
    assert (person["name_masked"], person["phone_masked"], person["rooms"]) == ("欧**文", "139****0001", [])
    before = await written(app)

    again = await refused(await agent.post("/v1/residents", json=NEWCOMER | {"name": "别人"}), 409, "resident-known")

    assert again["resident_id"] == person["id"]
    assert await written(app) == before
    found = await ok(await agent.post("/v1/residents/search", json={"phone": NEWCOMER["phone"]}))
    assert [one["name_masked"] for one in found["items"]] == ["欧**文"]
    by = await ask(app, "SELECT registered_by::text FROM resident WHERE id = :id", id=UUID(person["id"]))
    assert by == [AGENT]
