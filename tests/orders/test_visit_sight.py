"""Who reads what of a visit: by role, by area, and before and after a consent is withdrawn."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from app.orders import echoes
from tests.jobs import a_run, work_off
from tests.orders.bodies import ok, refused, step
from tests.orders.visits import MOTHER, NOTE, NURSE, a_confirmed_visit, a_daughter, a_visit, times, visit

NAME, PHONE = "王秀英", "13800000003"
MASKED = ("王*英", "138****0003")


def told(order: dict[str, Any]) -> dict[str, Any]:
    """The four things that the matrix is about, and what the order is called."""
    contact, person = order["contact"] or {}, order["beneficiary"] or {}
    return {
        "note": order["note"],
        "purpose": order["details"].get("purpose"),
        "phone": contact.get("phone"),
        "name": person.get("name"),
        "title": order["title"],
    }


async def look(person: httpx2.AsyncClient, order: str) -> dict[str, Any] | int:
    """What somebody reads of the order, or the status of his refusal."""
    answer = await person.get(order)
    return told(answer.json()) if answer.status_code == 200 else answer.status_code


VISIT, DOOR = "家庭医生上门", "上门服务"
HERSELF = {"note": None, "purpose": "CHRONIC_FOLLOWUP", "phone": "+86" + PHONE, "name": NAME, "title": VISIT}
DAUGHTER = {**HERSELF, "name": MASKED[0]}
NURSE_SEES = {"note": NOTE, "purpose": "CHRONIC_FOLLOWUP", "phone": "+86" + PHONE, "name": NAME, "title": VISIT}
AGENT_SEES = {"note": None, "purpose": None, "phone": MASKED[1], "name": MASKED[0], "title": VISIT}
DOOR_ONLY = {"note": None, "purpose": None, "phone": None, "name": None, "title": DOOR}
MATRIX: dict[str, tuple[Any, Any, Any]] = {
    # who: while it waits for the nurse, once the time is set, after a consent has been withdrawn
    "13800000003": (HERSELF, HERSELF, HERSELF),
    "daughter": (DAUGHTER, DAUGHTER, DAUGHTER),
    "13800000005": (404, 404, 404),
    "clinic": (NURSE_SEES, NURSE_SEES, 404),
    "agent": (AGENT_SEES, AGENT_SEES, AGENT_SEES),
    "manager": (404, DOOR_ONLY, DOOR_ONLY),
    "committee": (404, DOOR_ONLY, DOOR_ONLY),
    "clerk": (404, DOOR_ONLY, DOOR_ONLY),
    "crew": (404, 404, 404),
    "electrician": (404, 404, 404),
    "regulator": (403, 403, 403),
    "admin": (403, 403, 403),
    "integrator": (403, 403, 403),
}


async def test_row_18_each_role_reads_of_a_visit_what_the_matrix_says(app, sign_in, resident, visitor):
    nurse, daughter = await sign_in("clinic"), await a_daughter(sign_in)
    everybody = {who: daughter if who == "daughter" else await sign_in(who) for who in MATRIX}
    order = await a_visit(resident)
    waiting = {who: await look(person, order) for who, person in everybody.items()}
    wanted = (await times(visitor))[0]
    await step(nurse, order, "offer", slot_ids=[wanted])
    await step(resident, order, "choose", slot_ids=[wanted])
    booked = {who: await look(person, order) for who, person in everybody.items()}
    withdrawn = {"code": "SHARE_WITH_CLINIC", "version": "2026-01", "recipient": "CHENGDONG", "given": False}
    await ok(await resident.post("/v1/me/consents", json=withdrawn))
    at_once = await look(nurse, order)
    await work_off(app)
    after = {who: await look(person, order) for who, person in everybody.items()}

    assert {who: (waiting[who], booked[who], after[who]) for who in MATRIX} == MATRIX
    assert at_once == 404
    assert (await ok(await resident.get(order)))["status"] == "CANCELLED"


async def test_row_18_property_staff_read_of_a_visit_only_that_somebody_comes_and_when(
    sign_in, resident, visitor, manager
):
    nurse = await sign_in("clinic")
    order = await a_confirmed_visit(resident, nurse, visitor)

    seen = await ok(await manager.get(order))
    row = (await ok(await manager.get("/v1/orders")))["items"][0]

    words = str(seen) + str(row)
    for secret in (NAME, PHONE[-4:], NOTE, "CHRONIC", "WALKING", "doctor", "医生", "卫生", "CHENGDONG", "出诊"):
        assert secret not in words, secret
    assert (seen["schedule"]["start"], seen["room"], seen["status"]) == (row["starts_at"], "QHC-1-1-102", "OPEN")
    assert (await ok(await manager.get("/v1/orders?status=CONFIRMED")))["items"] == []
    assert (await ok(await manager.get("/v1/orders?item=home-doctor")))["items"] == []
    assert (await ok(await manager.get(f"{order}/history")))["items"] == []
    revealed = await manager.post(f"{order}/reveal", json={"reason": "CALL_BACK"})
    assert revealed.status_code == 404
    clerk = await sign_in("clerk")
    assert (await ok(await clerk.get(f"/v1/residents/{MOTHER}")))["open_orders"] == []


async def test_a_visit_that_was_made_stays_with_the_clinic_after_a_withdrawal(app, sign_in, resident, visitor):
    nurse = await sign_in("clinic")
    order = await a_confirmed_visit(resident, nurse, visitor)
    for action in ("depart", "arrive"):
        await step(nurse, order, action, **({"worker_ids": [NURSE]} if action == "depart" else {}))
    await step(nurse, order, "finish", report="血压平稳。")
    withdrawn = {"code": "HEALTH_DATA", "version": "2026-01", "given": False}
    await ok(await resident.post("/v1/me/consents", json=withdrawn))
    await work_off(app)

    assert await look(nurse, order) == NURSE_SEES
    assert (await ok(await resident.get(order)))["status"] == "FINISHED"
    assert (await ok(await resident.get(order)))["history"][-1]["reason"] == "血压平稳。"
    agent = await sign_in("agent")
    assert "血压平稳。" not in (await agent.get(order)).text


async def test_each_look_of_the_clinic_is_a_row_that_the_patient_can_read(sign_in, resident):
    nurse = await sign_in("clinic")
    order = await a_visit(resident)
    before = (await ok(await resident.get("/v1/me/disclosures")))["items"]
    await ok(await nurse.get(order))

    rows = (await ok(await resident.get("/v1/me/disclosures")))["items"]

    assert (len(before), [(row["reason"], row["fields"], row["role"]) for row in rows]) == (
        0,
        [("CARE", ["name", "phone", "health"], "CLINIC")],
    )


async def test_an_agent_types_the_purpose_and_never_reads_it_back(agent):
    answer = await agent.post("/v1/orders", json=visit(on_behalf_of_id=MOTHER))

    placed = await ok(answer, 201)
    assert placed["details"] == {"kind": "HOME_DOCTOR_VISIT", "companion_present": True, "access_note": None}
    assert NOTE not in answer.text


async def test_the_note_is_forgotten_ninety_days_after_the_end(app, sign_in, resident):
    nurse = await sign_in("clinic")
    order = await a_visit(resident)
    other = await a_visit(resident)
    for path, days in ((order, 90), (other, 89)):
        await step(nurse, path, "exit", outcome="OUT_OF_SCOPE")
        async with app.state.sessions.write() as session, session.begin():
            past = text("UPDATE service_order SET closed_at = now() - make_interval(days => :days) WHERE id = :id")
            await session.execute(past, {"days": days, "id": path.rpartition("/")[2]})

    await echoes.purge_notes(a_run(app))

    assert [(await ok(await nurse.get(path)))["note"] for path in (order, other)] == [None, NOTE]


@pytest.mark.parametrize("who", ["resident", "agent"])
async def test_nobody_orders_a_visit_for_somebody_who_gave_him_no_proxy(sign_in, agent, who):
    daughter = await sign_in("13800000004")
    me = (await ok(await daughter.get("/v1/me")))["id"]
    person = daughter if who == "resident" else agent
    body = visit(beneficiary_id=MOTHER, **({"on_behalf_of_id": me} if who == "agent" else {}))

    await refused(await person.post("/v1/orders", json=body), 403, "proxy-scope")
    assert (await ok(await daughter.get("/v1/orders")))["items"] == []


async def test_of_another_area_or_another_clinic_nobody_finds_the_visit(app, sign_in, resident, visitor):
    nurse, manager = await sign_in("clinic"), await sign_in("manager")
    order = await a_confirmed_visit(resident, nurse, visitor)
    assert await look(manager, order) == DOOR_ONLY
    moves = (
        "UPDATE staff SET clinic_id = (SELECT id FROM clinic WHERE code = 'CHENGXI') WHERE username = 'clinic'",
        "DELETE FROM staff_area WHERE staff_id = (SELECT id FROM staff WHERE username = 'manager') AND area_id ="
        " (SELECT area_id FROM compound WHERE code = 'QHC')",
    )
    async with app.state.sessions.write() as session, session.begin():
        for move in moves:
            await session.execute(text(move))

    assert (await look(nurse, order), await look(manager, order)) == (404, 404)
    assert (await ok(await nurse.get("/v1/triage")))["items"] == []
    assert (await nurse.post(f"{order}/steps", json={"action": "unreached"})).status_code == 404
