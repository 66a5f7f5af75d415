"""The demonstration: the published figures, the accounts of the issue, and a second load that changes nothing."""

import asyncio
import time
from importlib.resources import files

import orjson
import pytest
from sqlalchemy import create_engine, text

from app import demo
from app.config import Settings
from app.core.ids import demo_id
from app.db import migrate
from app.db.engine import Sessions
from app.db.engine import create_engine as create_async
from app.demo import NoDemoInProduction, load, load_into, menu
from app.kinds.forms import check_form
from app.main import install_keyring
from tests.orders.bodies import ok

FACTS = orjson.loads((files("app.demo") / "programme.json").read_bytes())


@pytest.fixture(autouse=True)
def _keyring(settings):
    install_keyring(settings)


def ask(url, statement, **values):
    """Rows of one statement, committed."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            found = connection.execute(text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


def counts(url, statement):
    return dict(ask(url, statement))


def everything(url):
    """A digest of every row of every table."""
    tables = [name for (name,) in ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    digest = "SELECT count(*), md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {} t"
    return {name: ask(url, digest.format(name))[0] for name in tables}


@pytest.fixture
def migrated_url(empty_database_url):
    """A database with every table and no rows of ours."""
    migrate.upgrade(empty_database_url)
    return empty_database_url


def test_the_figures_are_the_published_ones(database_url):
    by_class = counts(database_url, "SELECT class_code, count(*) FROM management_area GROUP BY 1")
    assert (
        by_class
        == FACTS["area_classes"]
        == {"HISTORICALLY_PAYING": 58, "DEVELOPER_HOSTED": 5, "COMMUNITY_BACKSTOP": 99}
    )
    assert sum(by_class.values()) == FACTS["survey"]["management_areas"] == 162
    assert ask(database_url, "SELECT count(*) FROM compound") == [(FACTS["survey"]["compounds"],)] == [(233,)]
    stages = counts(database_url, "SELECT stage_code, count(*) FROM management_area GROUP BY 1")
    assert stages["STANDARD_MET"] == FACTS["pilots"]["standard_met_by_end_of_february"] == 10
    assert stages["STANDARD_MET"] + stages["PILOT"] == FACTS["pilots"]["chosen"] == 22


def test_every_area_has_a_compound_and_an_operator_of_its_class(database_url):
    kinds = ask(
        database_url,
        "SELECT DISTINCT a.class_code, o.kind FROM management_area a JOIN operator o ON o.id = a.operator_id ORDER BY 1",
    )
    assert kinds == [
        ("COMMUNITY_BACKSTOP", "COMMUNITY_OFFICE"),
        ("DEVELOPER_HOSTED", "HOST_UNIT"),
        ("HISTORICALLY_PAYING", "COMPANY"),
    ]
    assert ask(database_url, "SELECT count(DISTINCT area_id) FROM compound") == [(162,)]


def test_only_the_three_named_compounds_are_not_invented(database_url):
    real = ask(database_url, "SELECT code, name FROM compound WHERE NOT invented ORDER BY code")
    assert real == sorted((fact["code"], fact["name"]) for fact in FACTS["compounds"])
    assert ask(database_url, "SELECT count(DISTINCT name) FROM compound") == [(233,)]
    assert ask(database_url, "SELECT count(*) FROM operator WHERE NOT invented") == [(0,)]


def test_the_named_compounds_have_all_their_rooms(database_url):
    per = "SELECT c.code, count(*) FROM {} r JOIN compound c ON c.id = r.compound_id GROUP BY 1"
    assert counts(database_url, per.format("room")) == {"TYY": 185, "QHC": 63, "YRC": 312}
    assert counts(database_url, per.format("building")) == {"TYY": 8, "QHC": 4, "YRC": 11}
    assert counts(
        database_url,
        "SELECT code, area_m2::text FROM room WHERE code IN ('TYY-5-2-301', 'QHC-1-1-102', 'YRC-3-2-401')",
    ) == {"TYY-5-2-301": "96.37", "QHC-1-1-102": "62.50", "YRC-3-2-401": "71.08"}


def test_the_ids_are_the_same_everywhere(database_url):
    assert str(demo_id("room", "TYY-5-2-301")) == "298ce697-31ec-501b-b997-00e72840a0a6"
    assert ask(database_url, "SELECT id FROM room WHERE code = 'TYY-5-2-301'") == [(demo_id("room", "TYY-5-2-301"),)]


def test_a_second_load_changes_nothing_and_is_quick(database_url, settings):
    before = everything(database_url)
    started = time.monotonic()
    loaded = load(settings, database_url)

    assert time.monotonic() - started < 1
    assert (loaded.added, loaded.left_out) == (0, 0)
    assert everything(database_url) == before


def test_what_the_users_did_stays_and_what_is_missing_comes_back(database_url, settings):
    ask(database_url, "UPDATE staff SET password_hash = 'changed', name = '新经理' WHERE username = 'manager'")
    ask(database_url, "UPDATE menu_item SET title = '改过的', version = 2 WHERE code = 'waste-removal'")
    ask(database_url, "UPDATE menu_offer SET enabled = false WHERE item_code = 'waste-removal'")
    changed = everything(database_url)
    ask(database_url, "DELETE FROM residency WHERE id = :id", id=demo_id("residency", "+8613800000005"))

    loaded = load(settings, database_url)

    after = everything(database_url)
    assert (loaded.added, loaded.left_out) == (1, 0)
    untouched = changed.keys() - {"page_version", "residency"}
    assert {name: after[name] for name in untouched} == {name: changed[name] for name in untouched}
    assert ask(database_url, "SELECT r.code FROM residency y JOIN room r ON r.id = y.room_id ORDER BY 1") == [
        ("QHC-1-1-101",),
        ("QHC-1-1-102",),
        ("TYY-5-2-301",),
        ("TYY-5-2-302",),
    ]


def test_an_account_that_comes_later_does_not_get_the_password_of_another(database_url, settings):
    ask(database_url, "UPDATE staff SET password_hash = 'changed' WHERE username = 'admin'")
    ask(database_url, "DELETE FROM staff WHERE username = 'regulator'")

    load(settings, database_url)

    (hashed,) = ask(database_url, "SELECT password_hash FROM staff WHERE username = 'regulator'")[0]
    assert hashed.startswith("$argon2id$")


def test_the_pages_of_the_named_compounds_are_rendered_anew_after_a_change_only(database_url, settings):
    versions = "SELECT topic, subject_id, version FROM page_version ORDER BY 1, 2"
    before = ask(database_url, versions)
    assert {(topic, subject) for topic, subject, _ in before} == {
        (topic, demo_id("compound", code)) for topic in ("menu", "places") for code in ("TYY", "QHC", "YRC")
    }
    load(settings, database_url)
    assert ask(database_url, versions) == before

    ask(database_url, "DELETE FROM residency WHERE id = :id", id=demo_id("residency", "+8613800000005"))
    load(settings, database_url)
    assert ask(database_url, versions) == [(topic, subject, version + 1) for topic, subject, version in before]


async def two_at_once(url):
    sessions = Sessions(create_async(url, 2))
    try:
        return sorted(await asyncio.gather(load_into(sessions), load_into(sessions)), key=lambda done: -done.added)
    finally:
        await sessions.close()


async def test_of_two_loads_at_once_one_does_it_all(migrated_url):
    first, second = await two_at_once(migrated_url)

    assert first.added > 1000
    assert (first.left_out, second.added, second.left_out) == (0, 0, 0)


async def test_without_the_lock_the_second_finds_its_rows_taken(migrated_url, monkeypatch):
    async def nobody_waits(session):
        """The patience alone, without the lock: on a busy machine the first one takes longer than a request may."""
        await session.execute(text("SELECT set_config('lock_timeout', '60s', true)"))
        await session.execute(text("SELECT set_config('statement_timeout', '60s', true)"))

    monkeypatch.setattr(demo, "wait_for_others", nobody_waits)

    _, second = await two_at_once(migrated_url)

    assert second.left_out > 0


async def test_names_that_others_have_are_left_to_them(migrated_url):
    ask(
        migrated_url,
        "INSERT INTO staff (id, username, name, role, post, password_hash, all_areas, active, demo, version)"
        " VALUES (:id, 'manager', '真经理', 'MANAGER', '经理', 'theirs', false, true, false, 1)",
        id=demo_id("test-staff", "manager"),
    )
    sessions = Sessions(create_async(migrated_url, 1))
    try:
        loaded = await load_into(sessions)
        again = await load_into(sessions)
    finally:
        await sessions.close()

    offers = sum(len(codes) for codes in menu.OFFERS.values())
    assert loaded.left_out == again.left_out == 1 + 3 + 3 + offers
    assert again.added == 0
    assert ask(migrated_url, "SELECT name, password_hash, demo FROM staff WHERE username = 'manager'") == [
        ("真经理", "theirs", False)
    ]
    assert ask(migrated_url, "SELECT count(*) FROM staff") == [(9,)]
    assert ask(migrated_url, "SELECT count(*) FROM compound") == [(233,)]
    assert ask(
        migrated_url, "SELECT count(*) FROM staff_area WHERE staff_id = :id", id=demo_id("test-staff", "manager")
    ) == [(0,)]


def test_production_takes_no_demonstration(migrated_url):
    production = Settings(env="production")

    with pytest.raises(NoDemoInProduction):
        load(production, migrated_url)

    assert ask(migrated_url, "SELECT count(*) FROM staff") == [(0,)]


@pytest.mark.parametrize(
    ("username", "role"),
    [
        ("admin", "ADMIN"),
        ("agent", "AGENT"),
        ("clerk", "CLERK"),
        ("manager", "MANAGER"),
        ("committee", "COMMITTEE"),
        ("crew", "WORKER"),
        ("electrician", "WORKER"),
        ("clinic", "CLINIC"),
        ("regulator", "REGULATOR"),
    ],
)
async def test_every_member_of_staff_can_sign_in(sign_in, username, role):
    me = await ok(await (await sign_in(username)).get("/v1/me"))

    assert (me["role"], me["name"] != "") == (role, True)


@pytest.mark.parametrize(
    ("phone", "rooms"),
    [
        ("13800000001", [("TYY-5-2-301", "OWNER")]),
        ("13800000002", [("TYY-5-2-302", "OWNER")]),
        ("13800000003", [("QHC-1-1-102", "OWNER")]),
        ("13800000004", []),
        ("13800000005", [("QHC-1-1-101", "TENANT")]),
    ],
)
async def test_every_resident_can_sign_in_and_finds_his_rooms(sign_in, phone, rooms):
    me = await ok(await (await sign_in(phone)).get("/v1/me"))

    assert me["role"] == "RESIDENT"
    assert [(room["room"], room["role"]) for room in me["rooms"]] == rooms


async def test_the_integrator_can_sign_in_and_holds_three_compounds(database_url, integrator):
    assert (await ok(await integrator.get("/v1/me")))["role"] == "INTEGRATOR"
    assert ask(
        database_url,
        "SELECT c.code FROM api_client_compound g JOIN compound c ON c.id = g.compound_id ORDER BY 1",
    ) == [("QHC",), ("TYY",), ("YRC",)]


def test_who_serves_the_named_areas_only_and_who_serves_them_all(database_url):
    everywhere = ask(database_url, "SELECT username FROM staff WHERE all_areas ORDER BY 1")
    assert everywhere == [("admin",), ("agent",), ("clerk",), ("regulator",)]
    serving = (
        "SELECT s.username, string_agg(c.code, ' ' ORDER BY c.code) FROM staff s"
        " JOIN staff_area x ON x.staff_id = s.id JOIN compound c ON c.area_id = x.area_id GROUP BY 1"
    )
    assert counts(database_url, serving) == dict.fromkeys(
        ("manager", "committee", "crew", "electrician", "clinic"), "QHC TYY YRC"
    )


def test_the_compounds_offer_what_the_issue_says(database_url):
    offered = counts(
        database_url,
        "SELECT c.code, array_agg(o.item_code ORDER BY o.item_code) FROM menu_offer o"
        " JOIN compound c ON c.id = o.compound_id WHERE o.enabled GROUP BY 1",
    )
    named = {"heating-retrofit", "wedding", "funeral", "home-doctor", "waste-removal"}
    assert {code: set(items) & named for code, items in offered.items()} == {
        "QHC": named,
        "TYY": named - {"home-doctor"},
        "YRC": {"waste-removal", "wedding", "funeral"},
    }


def test_every_offer_has_a_price_that_two_persons_agreed_on(database_url):
    assert ask(
        database_url,
        "SELECT DISTINCT p.number, p.state, a.username, b.username FROM menu_offer o"
        " LEFT JOIN menu_price p ON p.compound_id = o.compound_id AND p.item_code = o.item_code"
        " LEFT JOIN staff a ON a.id = p.prepared_by LEFT JOIN staff b ON b.id = p.decided_by",
    ) == [(1, "APPROVED", "manager", "committee")]


@pytest.mark.parametrize("item", menu.ITEMS, ids=lambda item: item["code"])
def test_every_form_is_in_the_dialect(item):
    if "form" in item:
        check_form(item["form"])
        orders = [field["x-order"] for field in item["form"]["properties"].values()]
        assert orders == sorted(set(orders))


@pytest.mark.parametrize("compound", ["QHC", "TYY", "YRC"])
async def test_waste_removal_is_on_the_menu_for_150_yuan(visitor, compound):
    item = await ok(await visitor.get(f"/v1/compounds/{compound}/menu/waste-removal"))

    assert item["pricing"] == "FIXED"
    assert [(line["unit_price"], line["unit"]) for line in item["price"]["lines"]] == [("150.00", "户·次")]


async def test_door_and_window_repair_is_priced_by_quote(visitor):
    assert (await ok(await visitor.get("/v1/compounds/QHC/menu/door-window-repair")))["pricing"] == "QUOTE"


@pytest.mark.parametrize(("item", "kind"), [("wedding", "WEDDING"), ("funeral", "FUNERAL")])
def test_ceremonies_have_their_posted_prices_in_every_named_compound(database_url, item, kind):
    lines = [
        ("HALL", "半天", "200.00"),
        ("TABLE", "套", "10.00"),
        ("SOUND", "天", "100.00"),
        ("TENT", "天", "150.00"),
        ("CLEANING", "次", "100.00"),
    ]
    assert ask(database_url, "SELECT kind FROM menu_item WHERE code = :item", item=item) == [(kind,)]
    prices = ask(database_url, "SELECT lines FROM menu_price WHERE item_code = :item", item=item)
    assert [[(x["code"], x["unit"], x["unit_price"]) for x in row] for (row,) in prices] == [lines] * 3


def test_a_doctors_visit_needs_both_consents(database_url):
    assert ask(database_url, "SELECT consents FROM menu_item WHERE code = 'home-doctor'") == [
        (["HEALTH_DATA", "SHARE_WITH_CLINIC"],)
    ]


def test_somebody_stands_on_the_roster_of_every_named_compound_by_day_and_by_night(database_url):
    rows = ask(
        database_url,
        "SELECT r.subject, string_agg(e.post, ' ' ORDER BY e.ordinal) FROM duty_entry e"
        " JOIN duty_roster r ON r.id = e.roster_id WHERE r.level = 'COMPOUND' GROUP BY 1",
    )
    assert dict(rows) == dict.fromkeys(("QHC", "TYY", "YRC"), "值班电工 物业经理 夜班值守")
