"""Consents: the subject's own word, in its version, for a recipient; withdrawn at any time, and never overwritten."""

from datetime import date
from hashlib import sha256

import pytest

from app.core.ids import demo_id, new_id
from app.people.consents import queries as consents
from tests.orders.bodies import ok, refused
from tests.people.homes import a_clerk_of, ask, do, today
from tests.people.proxies import LI, WANG, ZHENG, link, on_paper

CONSENTS = "/v1/me/consents"
HEALTH = {"code": "HEALTH_DATA", "version": "2026-01", "given": True}
CLINIC = {"code": "SHARE_WITH_CLINIC", "version": "2026-01", "recipient": "CHENGDONG", "given": True}


async def held(app, subject=WANG) -> set:
    async with app.state.sessions.read() as session:
        return await consents.held(session, subject)


async def stored(app) -> list[tuple]:
    return await ask(
        app,
        "SELECT code, recipient, version, channel, evidence, withdrawn_at IS NULL, replaced_at IS NULL, withdrawn_channel "
        "FROM consent ORDER BY id",
    )


async def told(app) -> list[str]:
    """Whose consents the orders were told to look at again."""
    asked = (
        "SELECT args->>'resident_id' FROM procrastinate_jobs WHERE task_name = 'orders.consents_changed' ORDER BY id"
    )
    return [row[0] for row in await ask(app, asked)]


async def a_child(app, years: int = 10, resident=ZHENG) -> None:
    """This resident is of that age in this year."""
    async with app.state.sessions.write() as session, session.begin():
        from app.people.models import Resident  # noqa: PLC0415

        person = await session.get(Resident, resident)
        assert person is not None
        person.birth_year = today().year - years


async def test_a_resident_agrees_to_both_and_is_told_what_stands(app, resident, visitor):
    body = (await ok(await visitor.get("/v1/consent-texts/HEALTH_DATA")))["body"]

    health = await ok(await resident.post(CONSENTS, json=HEALTH))
    clinic = await ok(await resident.post(CONSENTS, json=CLINIC))

    assert (health["current"], health["evidence"], health["channel"]) == (True, "IN_APP", "MINI_PROGRAM")
    assert (health["text_hash"], health["by_guardian"]) == (sha256(body.encode()).hexdigest(), False)
    assert (clinic["recipient"], clinic["recipient_name"]) == ("CHENGDONG", "城东街道社区卫生服务中心")
    assert await held(app) == {("HEALTH_DATA", None), ("SHARE_WITH_CLINIC", "CHENGDONG")}
    assert await told(app) == [str(WANG), str(WANG)]
    listed = (await ok(await resident.get(CONSENTS)))["items"]
    assert [row["id"] for row in listed] == [clinic["id"], health["id"]]


async def test_saying_it_again_changes_nothing(app, resident):
    first = await ok(await resident.post(CONSENTS, json=HEALTH))

    assert await ok(await resident.post(CONSENTS, json=HEALTH)) == first

    assert len(await stored(app)) == 1
    assert await told(app) == [str(WANG)]


async def test_row_19_a_withdrawn_consent_holds_no_longer_and_stays_in_the_history(app, resident):
    await ok(await resident.post(CONSENTS, json=HEALTH))
    await ok(await resident.post(CONSENTS, json=CLINIC))

    gone = await ok(await resident.post(CONSENTS, json={**CLINIC, "given": False}))

    assert (gone["current"], gone["withdrawn_channel"]) == (False, "MINI_PROGRAM")
    assert await held(app) == {("HEALTH_DATA", None)}
    assert await told(app) == [str(WANG)] * 3
    await refused(await resident.post(CONSENTS, json={**CLINIC, "given": False}), 404, "consent-not-found")
    await ok(await resident.post(CONSENTS, json=CLINIC))
    listed = (await ok(await resident.get(CONSENTS)))["items"]
    assert [(row["code"], row["current"]) for row in listed] == [
        ("SHARE_WITH_CLINIC", True),
        ("SHARE_WITH_CLINIC", False),
        ("HEALTH_DATA", True),
    ]


async def test_a_clinic_has_a_consent_of_its_own(app, resident):
    await ok(await resident.post(CONSENTS, json=CLINIC))
    await ok(await resident.post(CONSENTS, json={**CLINIC, "recipient": "CHENGXI"}))

    await ok(await resident.post(CONSENTS, json={**CLINIC, "given": False}))

    assert await held(app) == {("SHARE_WITH_CLINIC", "CHENGXI")}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**HEALTH, "version": "2025-01"}, "consent-version-unknown"),
        ({**HEALTH, "recipient": "CHENGDONG"}, "recipient-wrong"),
        ({**CLINIC, "recipient": None}, "recipient-wrong"),
        ({**CLINIC, "recipient": "NOWHERE"}, "recipient-wrong"),
    ],
)
async def test_what_is_not_in_force_or_for_nobody_is_refused(app, resident, body, code):
    await refused(await resident.post(CONSENTS, json=body), 422, code)

    assert (await stored(app), await told(app)) == ([], [])


async def test_a_new_version_asks_anew_and_the_old_word_is_kept(app, resident):
    await ok(await resident.post(CONSENTS, json=HEALTH))
    later = "INSERT INTO consent_text VALUES ('HEALTH_DATA', '2026-02', '健康信息', '新', :day)"
    await do(app, later, day=date(2026, 2, 1))

    assert await held(app) == set()
    (row,) = (await ok(await resident.get(CONSENTS)))["items"]
    assert row["current"] is False
    await refused(await resident.post(CONSENTS, json=HEALTH), 422, "consent-version-unknown")

    await ok(await resident.post(CONSENTS, json={**HEALTH, "version": "2026-02"}))

    assert await held(app) == {("HEALTH_DATA", None)}
    assert [(row[2], row[5], row[6]) for row in await stored(app)] == [
        ("2026-01", True, False),
        ("2026-02", True, True),
    ]


async def test_row_19_the_child_who_books_for_her_mother_does_not_consent_for_her(app, sign_in, clerk):
    daughter = await sign_in("13800000004")
    await ok(await on_paper(clerk, WANG, LI, scopes=["ORDER", "DOCTOR_VISIT"]), 201)

    await refused(await daughter.post(CONSENTS, json={**HEALTH, "subject_id": str(WANG)}), 403, "not-the-subject")
    await refused(await daughter.post(CONSENTS, json={**HEALTH, "subject_id": str(new_id())}), 403, "not-the-subject")

    assert await stored(app) == []


async def test_an_agent_writes_down_what_the_subject_says_on_the_call_at_hand(app, agent):
    path = f"/v1/residents/{WANG}/consents"
    await refused(await agent.post(path, json=HEALTH), 409, "call-not-linked")
    await link(agent, LI)
    await refused(await agent.post(path, json=HEALTH), 409, "call-not-linked")
    assert await stored(app) == []
    await link(agent, WANG)

    done = await ok(await agent.post(path, json=HEALTH))

    assert (done["evidence"], done["channel"]) == ("SPOKEN_ON_CALL", "PHONE")
    ((by, call, given_by),) = await ask(app, "SELECT recorded_by, call_id IS NOT NULL, given_by_id FROM consent")
    assert (by, call, given_by) == (demo_id("staff", "agent"), True, None)
    assert await held(app) == {("HEALTH_DATA", None)}
    await ok(await agent.post(path, json={**HEALTH, "given": False}))
    assert (await stored(app))[0][7] == "PHONE"
    del agent.headers["Call-Id"]
    await refused(await agent.post(path, json=HEALTH), 409, "call-required")


async def test_a_clerk_writes_down_paper_in_his_areas(app, clerk, sign_in):
    path = f"/v1/residents/{WANG}/consents"
    far = await a_clerk_of(app, "A001", sign_in)
    await refused(await far.post(path, json=HEALTH), 404, "resident-not-found")
    await refused(await clerk.post(f"/v1/residents/{new_id()}/consents", json=HEALTH), 404, "resident-not-found")
    assert await stored(app) == []

    assert (await ok(await clerk.post(path, json=HEALTH)))["evidence"] == "PAPER"
    assert await held(app) == {("HEALTH_DATA", None)}


async def test_row_19_for_a_child_under_fourteen_the_guardian_alone_speaks(app, neighbour, sign_in, clerk, agent):
    await a_child(app)
    parent = await sign_in("13800000001")
    path, body = f"/v1/residents/{ZHENG}/consents", {**HEALTH, "subject_id": str(ZHENG)}
    await link(agent, ZHENG)
    await refused(await neighbour.post(CONSENTS, json=HEALTH), 409, "guardian-required")
    await refused(await parent.post(CONSENTS, json=body), 403, "not-the-subject")
    await refused(await clerk.post(path, json=HEALTH), 409, "guardian-required")
    await refused(await agent.post(path, json=HEALTH), 409, "guardian-required")
    assert await stored(app) == []
    father = demo_id("resident", "+8613800000001")
    await ok(await on_paper(clerk, ZHENG, father, evidence="GUARDIANSHIP"), 201)

    done = await ok(await parent.post(CONSENTS, json=body))

    assert (done["by_guardian"], done["evidence"]) == (True, "IN_APP")
    assert await held(app, ZHENG) == {("HEALTH_DATA", None)}
    await refused(await neighbour.post(CONSENTS, json=HEALTH), 409, "guardian-required")
    await refused(await agent.post(path, json=CLINIC), 409, "call-not-linked")
    await link(agent, father)
    await ok(await agent.post(path, json=CLINIC))
    await ok(await clerk.post(path, json={**CLINIC, "given": False}))


async def test_at_fifteen_one_consents_oneself(app, neighbour):
    await a_child(app, 15)

    assert (await ok(await neighbour.post(CONSENTS, json=HEALTH)))["current"]


async def test_row_19_a_minor_grants_and_holds_no_proxy_but_by_guardianship(app, neighbour, sign_in, clerk):
    await a_child(app, 17)
    wish = {"role": "PROXY", "phone": "13800000004", "relation": "朋友", "scopes": ["ORDER"]}
    for role in ("PROXY", "PRINCIPAL"):
        answer = await neighbour.post("/v1/me/proxies", json={**wish, "role": role})
        await refused(answer, 409, "guardianship-required")
    await refused(await on_paper(clerk, ZHENG, LI), 409, "guardianship-required")
    await refused(await on_paper(clerk, WANG, ZHENG), 409, "guardianship-required")
    await refused(await on_paper(clerk, WANG, ZHENG, evidence="GUARDIANSHIP"), 409, "guardianship-required")
    daughter = await sign_in("13800000004")
    asked = await ok(
        await daughter.post("/v1/me/proxies", json={**wish, "role": "PRINCIPAL", "phone": "13800000005"}), 201
    )
    confirm = {"action": "confirm", "code": "000000"}
    told_ = await daughter.post(f"/v1/proxies/{asked['id']}/steps", json=confirm)
    await refused(told_, 409, "guardianship-required")
    assert await ask(app, "SELECT status FROM proxy_grant") == [("PENDING",)]

    await ok(await on_paper(clerk, ZHENG, LI, evidence="GUARDIANSHIP"), 201)
