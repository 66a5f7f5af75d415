"""Text: what the house says in two languages, and what it lets in from outside."""

import unicodedata
from contextvars import ContextVar
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field

Language = Literal["zh-CN", "en"]

language: ContextVar[Language] = ContextVar("language", default="zh-CN")
"""The language of the request at hand; Chinese unless `Accept-Language` asks for English."""


class Text(NamedTuple):
    """One sentence in the two languages of the house."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if language.get() == "en" else self.zh


def chosen(accept_language: str) -> Language:
    """English when it is asked for before Chinese; else Chinese."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:200].split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0:
            ranked.append((-weight, place, tag.lower()))
    for _, _, tag in sorted(ranked):
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "zh-CN"


NO_NUL = "^[^\\u0000]*$"


def _clean(value: str) -> str:
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("NUL or a lone surrogate")
    return unicodedata.normalize("NFC", value)


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("blank")
    return value


def _composed(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


Safe = AfterValidator(_clean)
Composed = BeforeValidator(_composed)
"""First of all, so that lengths are counted as the text will be kept: some characters grow in NFC."""
NotBlank = AfterValidator(_not_blank)

Line = Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL), Safe, NotBlank, Composed]
"""A name, a label, a short answer: 1 to 100 characters."""
Note = Annotated[str, Field(min_length=1, max_length=1000, pattern=NO_NUL), Safe, NotBlank, Composed]
"""Free text: 1 to 1,000 characters."""
Reason = Annotated[str, Field(min_length=1, max_length=300, pattern=NO_NUL), Safe, NotBlank, Composed]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
"""A lower-case code with dashes, such as `waste-removal`."""
UpperCode = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Z][A-Z0-9_]*$")]


def mask_phone(phone: str) -> str:
    """`138****0001`: what lists and call-centre screens show."""
    digits = phone[3:] if phone.startswith("+86") else phone
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****"


def mask_name(name: str) -> str:
    """`张*明`, `李*`: first character, stars, and the last one from three characters on."""
    if len(name) <= 1:
        return "*"
    return f"{name[0]}*" if len(name) == 2 else f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def mask_room(room: str) -> str:
    """`5-2-3**`: the last two characters of a room label are hidden."""
    return f"{room[:-2]}**" if len(room) > 2 else "**"
