"""Phones change hands: whoever gets a number inherits nothing with it, and whoever changes it keeps everything."""

from datetime import date

import pytest
from sqlalchemy import select

from app.config import Settings
from app.core.ids import demo_id
from app.db.types import blind
from app.people.models import PhoneCode
from tests.conftest import sign_in_resident
from tests.orders.bodies import an_order, ok, refused
from tests.people.homes import ask, do

ANY = {"If-Match": "*"}
WANG, ZHENG = demo_id("resident", "+8613800000003"), demo_id("resident", "+8613800000005")
VERIFY = "/v1/auth/otp/verify"


async def person(app, resident_id) -> tuple:
    (row,) = await ask(
        app,
        "SELECT phone_index, phone_last4_index, name_index, version, phone IS NULL FROM resident WHERE id = :id",
        id=resident_id,
    )
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)


async def stale(app, *, name: bool = True) -> None:
    """Nobody has used the number of the owner of QHC-1-1-102 for 181 days."""
    long_ago = "UPDATE resident SET phone_verified_at = now() - interval '181 days' WHERE id = :id"
    await do(app, long_ago, id=WANG)
    if not name:
        await do(app, "UPDATE resident SET name = NULL, name_index = NULL WHERE id = :id", id=WANG)


async def test_a_name_changes_with_its_version(app, resident):
    seen = await resident.get("/v1/me")
    before = await person(app, WANG)

    await refused(await resident.put("/v1/me", json={"name": "王秀兰"}), 428, "version-required")
    old = {"If-Match": '"99.x"'}
    await refused(await resident.put("/v1/me", json={"name": "王秀兰"}, headers=old), 412, "version-mismatch")
    assert await person(app, WANG) == before

    done = await resident.put("/v1/me", json={"name": "王秀兰"}, headers={"If-Match": seen.headers["etag"]})

    body = await ok(done)
    assert (body["name"], body["phone"], body["version"]) == ("王秀兰", "+8613800000003", before[3] + 1)
    assert [row["room"] for row in body["rooms"]] == ["QHC-1-1-102"]
    assert (await person(app, WANG))[2] == blind("王秀兰", "resident.name")
    again = {"If-None-Match": done.headers["etag"]}
    assert (await resident.get("/v1/me", headers=again)).status_code == 304


async def test_another_phone_needs_its_code(app, resident):
    before = await person(app, WANG)

    body = {"name": "王秀英", "phone": "13800000031"}
    told = await refused(await resident.put("/v1/me", json=body, headers=ANY), 422, "code-required")
    assert [error["pointer"] for error in told["errors"]] == ["/code"]
    wrong = await resident.put("/v1/me", json={**body, "code": "123456"}, headers=ANY)
    await refused(wrong, 401, "code-wrong")

    assert await person(app, WANG) == before


async def test_a_new_phone_takes_everything_along_and_ends_the_other_sign_ins(app, visitor, somebody, resident):
    order = await an_order(resident)
    other = somebody((await sign_in_resident(visitor, "13800000003"))["access_token"])

    body = {"name": "王秀英", "phone": "13800000031", "code": "000000"}
    done = await ok(await resident.put("/v1/me", json=body, headers=ANY))

    assert (done["phone"], [row["room"] for row in done["rooms"]]) == ("+8613800000031", ["QHC-1-1-102"])
    await refused(await other.get("/v1/me"), 401, "unauthenticated")
    assert (await ok(await resident.get(order)))["number"]
    back = await sign_in_resident(visitor, "13800000031")
    assert (back["resident_id"], back["new_resident"]) == (str(WANG), False)
    stranger = await sign_in_resident(visitor, "13800000003")
    assert stranger["new_resident"]
    fresh = somebody(stranger["access_token"])
    assert (await ok(await fresh.get("/v1/me")))["rooms"] == []
    await refused(await fresh.get(order), 404, "order-not-found")


async def test_a_number_that_somebody_else_had_brings_nothing_with_it(app, resident, neighbour):
    before = await person(app, ZHENG)

    body = {"name": "王秀英", "phone": "13800000005", "code": "000000"}
    done = await ok(await resident.put("/v1/me", json=body, headers=ANY))

    assert [row["room"] for row in done["rooms"]] == ["QHC-1-1-102"]
    assert await person(app, ZHENG) == (None, None, before[2], before[3] + 1, True)
    left = await ok(await neighbour.get("/v1/me"))
    assert (left["id"], left["phone"], [r["room"] for r in left["rooms"]]) == (str(ZHENG), None, ["QHC-1-1-101"])
    assert (await person(app, WANG))[0] == blind("+8613800000005", "resident.phone")


async def test_a_number_unused_for_long_asks_for_the_name(app, visitor, resident):
    await stale(app)
    before = await person(app, WANG)
    signed = await ask(app, "SELECT count(*) FROM token_family")

    body = {"phone": "13800000003", "code": "000000"}
    await refused(await visitor.post(VERIFY, json=body), 409, "phone-holder-unsure")
    await refused(await visitor.post(VERIFY, json={**body, "name": "王秀"}), 409, "phone-holder-unsure")

    assert await person(app, WANG) == before
    assert await ask(app, "SELECT count(*) FROM token_family") == signed
    done = await ok(await visitor.post(VERIFY, json={**body, "name": "王秀英"}))
    assert (done["resident_id"], done["new_resident"]) == (str(WANG), False)
    assert (await sign_in_resident(visitor, "13800000003"))["resident_id"] == str(WANG)


async def test_a_new_holder_becomes_somebody_new(app, visitor, somebody, resident):
    order = await an_order(resident)
    await stale(app)

    body = {"phone": "13800000003", "code": "000000", "new_person": True}
    done = await ok(await visitor.post(VERIFY, json=body))

    assert done["new_resident"]
    assert done["resident_id"] != str(WANG)
    fresh = somebody(done["access_token"])
    me = await ok(await fresh.get("/v1/me"))
    assert (me["name"], me["phone"], me["rooms"]) == ("", "+8613800000003", [])
    await refused(await fresh.get(order), 404, "order-not-found")
    assert (await person(app, WANG))[:2] == (None, None)
    old = await ok(await resident.get("/v1/me"))
    assert (old["name"], old["phone"], [r["room"] for r in old["rooms"]]) == ("王秀英", None, ["QHC-1-1-102"])


async def test_new_person_means_nothing_while_the_number_is_trusted(app, visitor):
    before = await person(app, WANG)

    body = {"phone": "13800000003", "code": "000000", "new_person": True}
    done = await ok(await visitor.post(VERIFY, json=body))

    assert (done["resident_id"], done["new_resident"]) == (str(WANG), False)
    assert (await person(app, WANG))[:3] == before[:3]


@pytest.mark.parametrize("status", ["VERIFIED", "SUSPENDED", "ENDED"])
async def test_a_home_without_a_name_is_not_given_away(app, visitor, status):
    await stale(app, name=False)
    await do(app, "UPDATE residency SET status = :status WHERE resident_id = :id", status=status, id=WANG)
    before = await person(app, WANG)

    body = {"phone": "13800000003", "code": "000000"}
    await refused(await visitor.post(VERIFY, json=body), 409, "phone-holder-unsure")
    await refused(await visitor.post(VERIFY, json={**body, "name": "王秀英"}), 409, "phone-holder-unsure")

    assert await person(app, WANG) == before


async def test_where_there_is_nothing_to_inherit_nothing_is_asked(app, visitor):
    await stale(app, name=False)
    await do(app, "UPDATE residency SET status = 'REJECTED' WHERE resident_id = :id", id=WANG)

    assert (await sign_in_resident(visitor, "13800000003"))["resident_id"] == str(WANG)


async def test_who_was_only_registered_counts_from_that_day(app, agent, visitor):
    made = await ok(await agent.post("/v1/residents", json={"name": "孙桂芳", "phone": "13800000041"}), 201)
    assert await ask(app, "SELECT phone_verified_at FROM resident WHERE id = :id", id=made["id"]) == [(None,)]
    assert (await sign_in_resident(visitor, "13800000041"))["resident_id"] == made["id"]
    await do(
        app,
        "UPDATE resident SET phone_verified_at = NULL, created_at = now() - interval '181 days' WHERE id = :id",
        id=made["id"],
    )

    body = {"phone": "13800000041", "code": "000000"}
    await refused(await visitor.post(VERIFY, json=body), 409, "phone-holder-unsure")


class TestWithRealCodes:
    """Without the code that always fits: what a try costs."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(demo_otp="999999", otp_per_phone_day=1000, otp_per_address_hour=10_000)

    async def sent(self, app, visitor, phone) -> str:
        """The code that was sent."""
        await ok(await visitor.post("/v1/auth/otp", json={"phone": phone}), 202)
        async with app.state.sessions.read() as session:
            newest = select(PhoneCode).order_by(PhoneCode.created_at.desc()).limit(1)
            return str((await session.execute(newest)).scalar_one().code)

    async def test_a_wrong_name_costs_a_try_and_not_the_code(self, app, visitor):
        await stale(app)
        code = await self.sent(app, visitor, "13800000003")
        body = {"phone": "13800000003", "code": code}

        await refused(await visitor.post(VERIFY, json=body), 409, "phone-holder-unsure")
        await refused(await visitor.post(VERIFY, json={**body, "name": "王五"}), 409, "phone-holder-unsure")

        assert await ask(app, "SELECT tries, used_at FROM phone_code") == [(2, None)]
        await ok(await visitor.post(VERIFY, json={**body, "name": "王秀英"}))
        ((tries, used),) = await ask(app, "SELECT tries, used_at FROM phone_code")
        assert (tries, used is not None) == (3, True)

    async def test_five_names_may_be_tried(self, app, visitor):
        await stale(app)
        code = await self.sent(app, visitor, "13800000003")
        body = {"phone": "13800000003", "code": code}
        for name in ("甲", "乙", "丙", "丁", "戊"):
            await refused(await visitor.post(VERIFY, json={**body, "name": name}), 409, "phone-holder-unsure")

        await refused(await visitor.post(VERIFY, json={**body, "name": "王秀英"}), 401, "code-wrong")

        assert await ask(app, "SELECT tries, used_at FROM phone_code") == [(5, None)]

    async def test_a_code_for_one_phone_is_none_for_another(self, app, visitor, somebody):
        signed = await ok(await visitor.post(VERIFY, json={"phone": "13800000003", "code": "999999"}))
        me = somebody(signed["access_token"])
        code = await self.sent(app, visitor, "13800000041")
        before = await person(app, WANG)

        body = {"name": "王秀英", "phone": "13800000042", "code": code}
        await refused(await me.put("/v1/me", json=body, headers=ANY), 401, "code-wrong")
        assert await person(app, WANG) == before

        done = await ok(await me.put("/v1/me", json={**body, "phone": "13800000041"}, headers=ANY))
        assert done["phone"] == "+8613800000041"
        again = await me.put("/v1/me", json={**body, "phone": "13800000041", "name": "王"}, headers=ANY)
        assert (await ok(again))["name"] == "王"


async def test_the_privacy_notice_is_agreed_to_in_its_version(app, visitor):
    notice = await ok(await visitor.get("/v1/consent-texts/PRIVACY"))
    assert (notice["version"], notice["title"]) == ("2026-01", "隐私告知")
    await refused(await visitor.get("/v1/consent-texts/NOTHING"), 404, "consent-text-not-found")
    body = {"phone": "13800000003", "code": "000000"}
    first = await ok(await visitor.post(VERIFY, json=body))
    assert (first["privacy_version"], first["privacy_accepted"]) == ("2026-01", False)
    before = await ask(app, "SELECT count(*) FROM token_family")

    old = {**body, "privacy_version": "2025-01"}
    await refused(await visitor.post(VERIFY, json=old), 422, "privacy-version-unknown")

    assert await ask(app, "SELECT count(*) FROM token_family") == before
    done = await ok(await visitor.post(VERIFY, json={**body, "privacy_version": "2026-01"}))
    assert (done["privacy_version"], done["privacy_accepted"]) == ("2026-01", True)
    assert (await ok(await visitor.post(VERIFY, json=body)))["privacy_accepted"]
    later = "INSERT INTO consent_text VALUES ('PRIVACY', '2026-02', '隐私告知', '新', :day)"
    await do(app, later, day=date(2026, 2, 1))
    renewed = await ok(await visitor.post(VERIFY, json=body))
    assert (renewed["privacy_version"], renewed["privacy_accepted"]) == ("2026-02", False)


async def test_the_notice_can_be_agreed_to_after_the_sign_in(app, visitor, resident):
    body = {"name": "王秀英", "privacy_version": "2026-01"}

    await ok(await resident.put("/v1/me", json=body, headers=ANY))

    assert (await sign_in_resident(visitor, "13800000003"))["privacy_accepted"]
    (row,) = await ask(app, "SELECT privacy_version, privacy_accepted_at IS NULL FROM resident WHERE id = :id", id=WANG)
    assert row == ("2026-01", False)
