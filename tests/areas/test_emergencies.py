"""Emergency words: what a text is found to say, the list as data, and its editions."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from app.areas.emergencies import queries
from app.areas.emergencies.examples import PUT
from app.areas.emergencies.models import EmergencyWord
from app.core.emergencies import match, plain
from app.db import migrate
from app.db.engine import Sessions, create_engine
from tests.orders.bodies import ok, refused

SENTENCES = json.loads((Path(__file__).parent / "emergency_sentences.json").read_text())
EXAMPLE = PUT["chest-pain-and-gas"]["value"]


async def words(app):
    async with app.state.sessions.read() as session:
        return await queries.words(session)


async def test_sentences_that_name_a_danger_are_found_and_others_are_not(app):
    known = await words(app)

    found = {said: [word.code for word in match(known, said)] for said, _ in SENTENCES["must"]}
    assert found == {said: sorted(codes, key=[w.code for w in known].index) for said, codes in SENTENCES["must"]}
    assert {said: [w.code for w in match(known, said)] for said in SENTENCES["must_not"]} == {
        said: [] for said in SENTENCES["must_not"]
    }


async def test_every_danger_has_a_sentence_a_number_and_something_to_say_in_two_languages(app):
    known = await words(app)

    assert {word.code for word in known} == {code for _, codes in SENTENCES["must"] for code in codes}
    assert all(word.call and word.text and word.text_en for word in known)
    numbers = {word.category: set() for word in known}
    for word in known:
        numbers[word.category] |= set(word.call)
    assert numbers == {
        "MEDICAL": {"120"},
        "FIRE": {"119"},
        "GAS": {"119"},
        "ELECTRIC": {"119", "95598", "120"},
        "RESCUE": {"119", "110"},
        "SELF_HARM": {"120", "110", "12356"},
    }


async def test_every_pattern_of_the_list_finds_itself_and_none_is_a_phrase_that_does_not_count(app):
    for word in await words(app):
        for pattern in word.patterns:
            assert word in match([word], pattern), pattern
        for phrase in word.unless:
            assert match([word], phrase) == [], phrase


@pytest.mark.parametrize(
    ("said", "bare"),
    [
        ("胸 痛！", "胸痛"),
        ("Ｃｈｅｓｔ　Ｐａｉｎ", "chestpain"),
        ("can’t", "cant"),
        ("胸\u200b痛", "胸痛"),
        ("①楼", "1楼"),
        ("…—，。", ""),
    ],
)
def test_letters_and_digits_alone_count(said, bare):
    assert plain(said) == bare


def test_a_phrase_of_signs_alone_finds_nothing_and_hides_nothing():
    signs = EmergencyWord(code="SIGNS", patterns=["！！"], unless=["……"])
    pain = EmergencyWord(code="PAIN", patterns=["胸痛"], unless=["……"])

    assert match([signs, pain], "胸痛！！……") == [pain]


async def test_the_list_is_public_and_has_an_etag(visitor):
    first = await visitor.get("/v1/emergency-words")
    again = await visitor.get("/v1/emergency-words", headers={"If-None-Match": first.headers["etag"]})

    assert (await ok(first))["version"] == 1
    assert [word["code"] for word in first.json()["words"]][:3] == ["UNCONSCIOUS", "NOT_BREATHING", "CHEST_PAIN"]
    assert again.status_code == 304


async def test_an_edition_is_read_once_and_every_look_is_one_statement(app, statements, admin_person):
    with statements.during() as sent:
        first = await words(app)
        assert await words(app) is first
    assert len(sent) == 2

    await ok(await admin_person.put("/v1/emergency-words", json=EXAMPLE, headers={"If-Match": "*"}))

    with statements.during() as sent:
        assert [word.code for word in await words(app)] == ["CHEST_PAIN", "GAS_LEAK"]
    assert len(sent) == 1


async def test_another_database_has_another_list(app, admin_person, settings, empty_database_url):
    migrate.upgrade(empty_database_url)
    await ok(await admin_person.put("/v1/emergency-words", json=EXAMPLE, headers={"If-Match": "*"}))
    sessions = Sessions(create_engine(empty_database_url, 1))
    try:
        async with sessions.read() as session:
            elsewhere = await queries.words(session)
    finally:
        await sessions.close()

    assert len(elsewhere) > len(await words(app)) == 2


async def test_an_administrator_replaces_the_list_and_the_old_one_stays(app, visitor, admin_person):
    before = await visitor.get("/v1/emergency-words")
    made = await ok(
        await admin_person.put("/v1/emergency-words", json=EXAMPLE, headers={"If-Match": before.headers["etag"]})
    )

    assert made["version"] == 2
    assert made == await ok(await visitor.get("/v1/emergency-words"))
    assert [word["code"] for word in made["words"]] == ["CHEST_PAIN", "GAS_LEAK"]
    known = await words(app)
    assert [word.code for word in match(known, "没有胸痛，有煤气味")] == ["GAS_LEAK"]
    async with app.state.sessions.read() as session:
        rows = await session.execute(text("SELECT edition, count(*) > 2 FROM emergency_word GROUP BY 1 ORDER BY 1"))
        assert [tuple(row) for row in rows] == [(1, True), (2, False)]


async def test_a_stale_or_missing_version_changes_nothing(visitor, admin_person):
    await ok(await admin_person.put("/v1/emergency-words", json=EXAMPLE, headers={"If-Match": '"1"'}))
    other = {"words": EXAMPLE["words"][:1]}

    await refused(
        await admin_person.put("/v1/emergency-words", json=other, headers={"If-Match": '"1"'}), 412, "version-mismatch"
    )
    await refused(await admin_person.put("/v1/emergency-words", json=other), 428, "version-required")

    assert len((await ok(await visitor.get("/v1/emergency-words")))["words"]) == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"patterns": ["痛。"]}, "/words/0/patterns/0"),
        ({"patterns": []}, "/words/0/patterns"),
        ({"unless": ["痛痛", "！！"]}, "/words/0/unless/1"),
        ({"call": []}, "/words/0/call"),
        ({"call": ["一二零"]}, "/words/0/call/0"),
        ({"category": "OTHER"}, "/words/0/category"),
        ({"text": " "}, "/words/0/text"),
        ({"code": "GAS_LEAK"}, ""),
    ],
)
async def test_a_list_that_would_find_everything_or_say_nothing_is_refused(visitor, admin_person, change, pointer):
    first, second = EXAMPLE["words"]
    body = {"words": [first | change, second]}

    problem = await refused(
        await admin_person.put("/v1/emergency-words", json=body, headers={"If-Match": "*"}), 422, "invalid"
    )

    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert (await ok(await visitor.get("/v1/emergency-words")))["version"] == 1
