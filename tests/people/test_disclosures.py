"""Full names and phones are shown for a reason, and the one whom they belong to reads who looked."""

import asyncio

from app.core.ids import demo_id
from tests.orders.bodies import ok, refused
from tests.people.homes import ask

WANG = demo_id("resident", "+8613800000003")
REVEAL = f"/v1/residents/{WANG}/reveal"


async def rows(app) -> list[tuple]:
    return await ask(app, "SELECT subject_id, role, fields, reason, outcome FROM disclosure ORDER BY id")


async def test_an_agent_sees_it_under_a_call_and_the_subject_reads_it(app, agent, resident):
    shown = await ok(await agent.post(REVEAL, json={"reason": "CALL_BACK", "note": "他约了三点"}))

    assert (shown["name"], shown["phone"]) == ("王秀英", "+8613800000003")
    (item,) = (await ok(await resident.get("/v1/me/disclosures")))["items"]
    assert (item["id"], item["role"], item["post"]) == (shown["disclosure_id"], "AGENT", "呼叫中心话务员")
    assert (item["fields"], item["reason"], item["reason_label"]) == (["name", "phone"], "CALL_BACK", "回电联系")
    assert "话务员" not in {item.get("name"), item.get("staff")}
    (row,) = await ask(app, "SELECT staff_id, call_id, note, outcome FROM disclosure")
    (call,) = await ask(app, "SELECT id FROM call")
    assert (row[0], row[1], row[3]) == (demo_id("staff", "agent"), call[0], "SHOWN")
    assert "三点".encode() not in bytes(row[2])


async def test_without_a_reason_or_a_call_nothing_is_shown(app, agent, clerk):
    told = await refused(await agent.post(REVEAL, json={}), 422, "invalid")
    assert [error["pointer"] for error in told["errors"]] == ["/reason"]
    await refused(await agent.post(REVEAL, json={"reason": "CURIOSITY"}), 422, "invalid")
    del agent.headers["Call-Id"]
    await refused(await agent.post(REVEAL, json={"reason": "CALL_BACK"}), 409, "call-required")

    assert await rows(app) == []
    assert (await ok(await clerk.post(REVEAL, json={"reason": "IDENTITY_CHECK"})))["name"] == "王秀英"
    assert await rows(app) == [(WANG, "CLERK", ["name", "phone"], "IDENTITY_CHECK", "SHOWN")]


async def test_a_manager_is_shown_nothing(app, manager, resident):
    refusal = await refused(await manager.post(REVEAL, json={"reason": "EMERGENCY"}), 403, "forbidden")

    assert "王秀英" not in str(refusal)
    assert await rows(app) == []
    assert (await ok(await resident.get("/v1/me/disclosures")))["items"] == []


async def test_a_denied_look_leaves_a_trace(app, agent):
    nobody = "/v1/residents/00000000-0000-7000-8000-000000000000/reveal"

    await refused(await agent.post(nobody, json={"reason": "OTHER", "note": "试试"}), 404, "resident-not-found")

    assert await rows(app) == [(None, "AGENT", [], "OTHER", "DENIED")]


async def test_finding_somebody_is_no_disclosure(app, agent, resident):
    found = await ok(await agent.post("/v1/residents/search", json={"phone": "13800000003"}))

    assert [(p["name_masked"], p["phone_masked"]) for p in found["items"]] == [("王*英", "138****0003")]
    assert await rows(app) == []


async def test_everybody_reads_his_own_page_by_page(clerk, resident, neighbour):
    for reason in ("CALL_BACK", "EMERGENCY", "COMPLAINT"):
        await ok(await clerk.post(REVEAL, json={"reason": reason}))

    first = await ok(await resident.get("/v1/me/disclosures", params={"limit": 2}))
    rest = await ok(await resident.get("/v1/me/disclosures", params={"limit": 2, "cursor": first["next_cursor"]}))

    reasons = [row["reason"] for row in (*first["items"], *rest["items"])]
    assert (reasons, rest["next_cursor"]) == (["COMPLAINT", "EMERGENCY", "CALL_BACK"], None)
    assert (await ok(await neighbour.get("/v1/me/disclosures")))["items"] == []
    foreign = await neighbour.get("/v1/me/disclosures", params={"limit": 2, "cursor": first["next_cursor"]})
    await refused(foreign, 422, "cursor-invalid")


async def test_ten_looks_at_once_are_ten_rows(app, clerk):
    answers = await asyncio.gather(*(clerk.post(REVEAL, json={"reason": "CALL_BACK"}) for _ in range(10)))

    assert [answer.status_code for answer in answers] == [200] * 10
    assert len(await rows(app)) == 10
