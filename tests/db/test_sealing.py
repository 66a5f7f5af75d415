"""Personal data lies sealed: unreadable without the keys, bound to its column, found by a blind index."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.config import DEV_ENCRYPTION_KEY, DEV_SECRET, Settings
from app.core.ids import demo_id
from app.db.sealing import Keyring, SealError
from app.main import install_keyring
from app.people.models import NAME, PHONE, Resident
from tests.orders.bodies import ok, step, waste

NEW_KEY = "new:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
WANG = demo_id("resident", "+8613800000003")
OLD = Keyring.parse(DEV_ENCRYPTION_KEY, DEV_SECRET)
ROTATED = Keyring.parse(f"{NEW_KEY},{DEV_ENCRYPTION_KEY}", DEV_SECRET)
STRANGE = Keyring.parse(NEW_KEY, DEV_SECRET)


@pytest.fixture
def settings():
    """The program has a new key that seals; the demonstration was sealed with the second one."""
    yield Settings(encryption_keys=f"{NEW_KEY},{DEV_ENCRYPTION_KEY}")
    install_keyring(Settings())


async def ask(app, statement: str, **values) -> list:
    async with app.state.sessions.read() as session:
        return list((await session.execute(text(statement), values)).scalars())


async def do(app, statement: str, **values) -> None:
    async with app.state.sessions.write() as session, session.begin():
        await session.execute(text(statement), values)


async def a_call(agent, **body) -> dict:
    asked = {"channel": "PHONE", "direction": "INBOUND", "identity_check": ["NAME"], **body}
    return await ok(await agent.post("/v1/calls", json=asked), 201)


async def test_a_phone_and_a_name_cannot_be_read_in_the_row(app):
    for column, plain in (("phone", "13800000003"), ("name", "王秀英")):
        (raw,) = await ask(app, f"SELECT {column} FROM resident WHERE id = :id", id=WANG)
        assert plain.encode() not in bytes(raw)
        assert OLD.open(bytes(raw), f"resident.{column}").decode().endswith(plain)
    row = (await ask(app, "SELECT resident::text FROM resident WHERE id = :id", id=WANG))[0]
    for plain in ("13800000003", "0003", "王", "秀英"):
        assert plain not in row
        assert plain.encode().hex() not in row


async def test_what_a_resident_said_is_readable_in_no_table(app, resident, manager, agent):
    said = ("13900001234", "欧阳修文", "单元门密码四七一一", "他不在家")
    phone, name, remark, reason = said
    details = {**waste()["details"], "remark": remark}
    body = waste(contact={"name": name, "phone": phone}, details=details)
    placed = await ok(await resident.post("/v1/orders", json=body, headers={"Idempotency-Key": "k"}), 201)
    await step(resident, f"/v1/orders/{placed['id']}", "cancel", reason=reason)
    call = await a_call(agent, caller_phone=phone)
    agent.headers["Call-Id"] = call["number"]
    await ok(await agent.post("/v1/residents", json={"name": name, "phone": phone}), 201)
    close = {"action": "close", "outcome": "DONE", "note": remark}
    await ok(await agent.post(f"/v1/calls/{call['number']}/steps", json=close))

    tables = await ask(app, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found_in: dict[str, set[str]] = {plain: set() for plain in (*said, placed["number"])}
    for table in tables:
        for plain, places in found_in.items():
            found = (
                f'SELECT count(*) FROM "{table}" AS row WHERE strpos(row::text, :plain) + strpos(row::text, :hex) > 0'
            )
            if await ask(app, found, plain=plain, hex=plain.encode().hex()) != [0]:
                places.add(table)

    assert found_in == {plain: set() for plain in said} | {placed["number"]: {"service_order"}}


async def test_equal_names_have_one_index_and_two_seals(app, agent):
    callers = [{"name": "欧阳修文", "phone": phone} for phone in ("13900000001", "13900000002")]
    made = [await ok(await agent.post("/v1/residents", json=caller), 201) for caller in callers]
    ids = [UUID(person["id"]) for person in made]

    (indexes,) = await ask(app, "SELECT count(DISTINCT name_index) FROM resident WHERE id = ANY(:ids)", ids=ids)
    (seals,) = await ask(app, "SELECT count(DISTINCT name) FROM resident WHERE id = ANY(:ids)", ids=ids)

    assert (indexes, seals) == (1, 2)
    found = await ok(await agent.post("/v1/residents/search", json={"name": "欧阳修文"}))
    assert {person["id"] for person in found["items"]} == {str(one) for one in ids}


async def test_rows_of_the_old_key_open_and_new_ones_have_the_new_key(app, resident, agent):
    assert (await ok(await resident.get("/v1/me")))["name"] == "王秀英"
    made = await ok(await agent.post("/v1/residents", json={"name": "欧阳修文", "phone": "13900000001"}), 201)

    old = bytes((await ask(app, "SELECT name FROM resident WHERE id = :id", id=WANG))[0])
    new = bytes((await ask(app, "SELECT name FROM resident WHERE id = :id", id=UUID(made["id"])))[0])

    assert (old[:5], new[:5]) == (b"\x01\x03dev", b"\x01\x03new")
    assert STRANGE.open(new, NAME).decode() == "欧阳修文"
    with pytest.raises(SealError, match="sealed with key 'dev'"):
        STRANGE.open(old, NAME)
    with pytest.raises(SealError, match="sealed with key 'new'"):
        OLD.open(new, NAME)
    by_phone = await ok(await agent.post("/v1/residents/search", json={"phone": "13800000003"}))
    assert [person["id"] for person in by_phone["items"]] == [str(WANG)]


async def test_a_changed_seal_is_refused_and_not_read_as_something_else(app):
    changed = "UPDATE resident SET phone = set_byte(phone, octet_length(phone) - 1, 255 - get_byte(phone, octet_length(phone) - 1))"
    await do(app, f"{changed} WHERE id = :id", id=WANG)

    async with app.state.sessions.read() as session:
        with pytest.raises(SealError):
            await session.get(Resident, WANG)


async def test_a_seal_does_not_open_in_another_column(app):
    await do(app, "UPDATE resident SET name = phone WHERE id = :id", id=WANG)

    async with app.state.sessions.read() as session:
        with pytest.raises(SealError):
            await session.get(Resident, WANG)


@given(st.text(), st.sampled_from([OLD, ROTATED]))
def test_what_is_sealed_opens_as_it_was_and_never_looks_the_same(plain, ring):
    first, second = (ring.seal(plain.encode(), NAME) for _ in range(2))

    assert first != second
    assert ROTATED.open(first, NAME) == ROTATED.open(second, NAME) == plain.encode()


@given(st.data())
def test_any_bit_of_a_ciphertext_that_is_changed_is_noticed(data):
    sealed = bytearray(OLD.seal("王秀英".encode(), NAME))
    place = data.draw(st.integers(2 + len("dev"), len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(SealError):
        OLD.open(bytes(sealed), NAME)


@given(st.text(), st.text())
def test_an_index_belongs_to_its_value_its_column_and_its_secret(one, other):
    assert OLD.index(one, PHONE) == ROTATED.index(one, PHONE)
    assert (OLD.index(one, PHONE) == OLD.index(other, PHONE)) == (one == other)
    assert OLD.index(one, PHONE) != OLD.index(one, NAME)
    assert OLD.index(one, PHONE) != Keyring.parse(DEV_ENCRYPTION_KEY, "another secret").index(one, PHONE)
    assert len(OLD.index(one, PHONE)) == 16


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("k1:short", "not base64|32 bytes"),
        ("k1:c2hvcnQ=", "32 bytes"),
        ("k1:!!", "'k1' is not base64"),
        ("", "32 bytes"),
    ],
)
def test_keys_that_cannot_be_used_are_refused(keys, words):
    with pytest.raises(SealError, match=words):
        Keyring.parse(keys, DEV_SECRET)
