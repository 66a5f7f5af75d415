"""What the house lets in as text, in which language it answers, and what a mask leaves to see."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.core.text import Line, Note, Reason, Text, chosen, language, mask_name, mask_phone, mask_room

LENGTHS = [(TypeAdapter(Line), 100), (TypeAdapter(Reason), 300), (TypeAdapter(Note), 1000)]
NAMES = ["Line", "Reason", "Note"]
PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], max_codepoint=0x24F), min_size=1)


@pytest.mark.parametrize(("field", "longest"), LENGTHS, ids=NAMES)
def test_a_text_may_be_as_long_as_its_field_and_no_longer(field, longest):
    assert field.validate_python("点" * longest) == "点" * longest
    with pytest.raises(ValidationError, match="at most"):
        field.validate_python("点" * (longest + 1))


@pytest.mark.parametrize(("field", "_"), LENGTHS, ids=NAMES)
@pytest.mark.parametrize("bad", ["王\0", "\0", "\ud800", "王\udfff英", "", " ", "\t\n", "\u3000"])
def test_nul_lone_surrogates_and_blanks_are_refused(field, _, bad):
    with pytest.raises(ValidationError):
        field.validate_python(bad)


@pytest.mark.parametrize(("field", "_"), LENGTHS, ids=NAMES)
@pytest.mark.parametrize("odd", [1, True, None, ["a"], {}])
def test_only_text_is_text(field, _, odd):
    with pytest.raises(ValidationError):
        field.validate_python(odd)


@given(PRINTABLE.filter(lambda text: len(text) <= 100))
def test_what_is_let_in_is_nfc_and_stays_what_it_is(text):
    line = TypeAdapter(Line)

    first = line.validate_python(unicodedata.normalize("NFD", text)[:100])

    assert unicodedata.is_normalized("NFC", first)
    assert line.validate_python(first) == first


def test_two_ways_of_writing_a_letter_become_one():
    line = TypeAdapter(Line)

    assert line.validate_python("Cafe\u0301") == line.validate_python("Caf\u00e9") == "Caf\u00e9"
    assert line.validate_python("\u30cf\u309a") == "\u30d1"


def test_a_sentence_is_said_in_the_language_of_the_request():
    sentence = Text("请先登录", "Sign in first")
    assert str(sentence) == "请先登录"
    english = language.set("en")
    try:
        assert str(sentence) == "Sign in first"
    finally:
        language.reset(english)


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.5,zh;q=0.6", "zh-CN"),
        ("fr,en;q=0.1", "en"),
        ("en;q=0", "zh-CN"),
        ("en;q=much", "zh-CN"),
        ("fr", "zh-CN"),
    ],
)
def test_english_is_spoken_only_when_it_is_asked_for_before_chinese(header, answer):
    assert chosen(header) == answer


@given(st.text())
def test_any_header_chooses_a_language(header):
    assert chosen(header) in {"zh-CN", "en"}


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张小明", "张*明"), ("李兰", "李*"), ("欧阳修文", "欧**文"), ("王", "*"), ("", "*")],
)
def test_a_name_shows_its_first_character_and_its_last_from_three_on(name, masked):
    assert mask_name(name) == masked


@given(st.text(st.characters(codec="utf-8", exclude_characters="*"), min_size=1, max_size=40))
def test_a_masked_name_never_says_the_name(name):
    masked = mask_name(name)

    assert "*" in masked
    assert len(masked) == max(len(name), 1)
    assert masked.replace("*", "") == (name[0] + name[-1] if len(name) > 2 else name[: len(name) - 1])


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+8613800000001", "138****0001"),
        ("13800000001", "138****0001"),
        ("+863590000012", "359****0012"),
        ("12345678", "123****5678"),
        ("1234567", "****"),
        ("", "****"),
    ],
)
def test_a_phone_shows_three_digits_and_the_last_four(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(("room", "masked"), [("5-2-301", "5-2-3**"), ("301", "3**"), ("01", "**"), ("", "**")])
def test_a_room_hides_its_last_two_characters(room, masked):
    assert mask_room(room) == masked
