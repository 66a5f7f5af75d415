"""Clinics: which one serves a compound, and what an administrator changes about it."""

from sqlalchemy import text

from app.areas import queries
from app.core.ids import demo_id
from tests.orders.bodies import ok, refused

WEST = {"name": "城西街道社区卫生服务中心", "phone": "0359-0000-401", "compounds": ["TYY", "YRC"]}


async def clinic_of(visitor, code):
    clinic = (await ok(await visitor.get(f"/v1/compounds/{code}")))["clinic"]
    return clinic and clinic["code"]


async def test_a_compound_tells_its_clinic(visitor):
    qhc = await ok(await visitor.get("/v1/compounds/QHC"))

    assert qhc["clinic"] == {"code": "CHENGDONG", "name": "城东街道社区卫生服务中心", "phone": "0359-0000-402"}
    assert [await clinic_of(visitor, code) for code in ("TYY", "YRC", "YJ004")] == ["CHENGXI", "CHENGXI", None]


async def test_a_clinic_tells_its_compounds(visitor):
    west = await ok(await visitor.get("/v1/clinics/CHENGXI"))

    assert west == {"code": "CHENGXI", **WEST, "version": 1}
    await refused(await visitor.get("/v1/clinics/NONE"), 404, "clinic-not-found")


async def test_the_interface_names_the_clinic(app):
    async with app.state.sessions.read() as session:
        found = await queries.clinic_of(session, demo_id("compound", "QHC"))
        none = await queries.clinic_of(session, demo_id("compound", "YJ004"))

    assert found is not None
    assert (found.code, none) == ("CHENGDONG", None)


async def test_the_demonstrations_nurse_belongs_to_the_eastern_clinic(app):
    async with app.state.sessions.read() as session:
        rows = await session.execute(text("SELECT s.username, c.code FROM staff s JOIN clinic c ON c.id = s.clinic_id"))
        assert [tuple(row) for row in rows] == [("clinic", "CHENGDONG")]


async def test_an_administrator_adds_a_clinic_and_leaves_the_others_alone(admin_person, visitor):
    body = {"name": "城北街道社区卫生服务中心", "phone": "0359-0000-403", "compounds": ["YJ004"]}

    made = await ok(await admin_person.put("/v1/clinics/CHENGBEI", json=body))

    assert made == {"code": "CHENGBEI", **body, "version": 1}
    assert await clinic_of(visitor, "YJ004") == "CHENGBEI"
    assert (await ok(await visitor.get("/v1/clinics/CHENGXI")))["version"] == 1


async def test_a_compound_has_one_clinic_and_is_taken_over(admin_person, visitor):
    body = WEST | {"compounds": ["TYY", "QHC"]}

    made = await ok(await admin_person.put("/v1/clinics/CHENGXI", json=body, headers={"If-Match": '"1"'}))

    assert (made["compounds"], made["version"]) == (["QHC", "TYY"], 2)
    assert [await clinic_of(visitor, code) for code in ("TYY", "YRC", "QHC")] == ["CHENGXI", None, "CHENGXI"]
    east = await ok(await visitor.get("/v1/clinics/CHENGDONG"))
    assert (east["compounds"], east["version"]) == ([], 2)


async def test_doctors_cannot_be_booked_where_their_clinic_no_longer_serves(admin_person, visitor):
    path = "/v1/compounds/QHC/menu/home-doctor/slots"
    before = (await ok(await visitor.get(path)))["items"]
    await ok(
        await admin_person.put("/v1/clinics/CHENGXI", json=WEST | {"compounds": ["QHC"]}, headers={"If-Match": "*"})
    )

    assert len(before) > 0
    assert (await ok(await visitor.get(path)))["items"] == []


async def test_an_unknown_compound_a_stale_version_and_a_missing_one_change_nothing(admin_person, visitor):
    unknown = WEST | {"compounds": ["TYY", "NONE"]}
    problem = await refused(
        await admin_person.put("/v1/clinics/CHENGXI", json=unknown, headers={"If-Match": "*"}),
        422,
        "compounds-unknown",
    )
    await refused(
        await admin_person.put("/v1/clinics/CHENGXI", json=WEST, headers={"If-Match": '"7"'}), 412, "version-mismatch"
    )
    await refused(await admin_person.put("/v1/clinics/CHENGXI", json=WEST), 428, "version-required")

    assert problem["errors"][0]["pointer"] == "/compounds/1"
    assert (await ok(await visitor.get("/v1/clinics/CHENGXI")))["version"] == 1


async def test_only_an_administrator_changes_a_clinic(manager, clerk, visitor):
    for person in (manager, clerk):
        await refused(await person.put("/v1/clinics/CHENGXI", json=WEST, headers={"If-Match": "*"}), 403, "forbidden")

    assert (await ok(await visitor.get("/v1/clinics/CHENGXI")))["version"] == 1
