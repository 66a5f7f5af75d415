"""What crosses the wire about emergency words."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from app.areas.emergencies.models import EmergencyCategory, EmergencyWord
from app.core.text import language

Pattern = Annotated[str, Field(max_length=40)]


class EmergencyWordRead(BaseModel):
    """One danger: a text that has one of `patterns` names it, save in one of the phrases `unless`."""

    code: Annotated[str, Field(max_length=40)]
    category: EmergencyCategory
    patterns: Annotated[list[Pattern], Field(max_length=100)]
    unless: Annotated[list[Pattern], Field(max_length=200)]
    call: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=5)]
    text: Annotated[str, Field(max_length=300)]

    @classmethod
    def of(cls, word: EmergencyWord) -> "EmergencyWordRead":
        return cls(
            code=word.code,
            category=EmergencyCategory(word.category),
            patterns=word.patterns,
            unless=word.unless,
            call=word.call,
            text=word.text_en if language.get() == "en" else word.text,
        )


class EmergencyWordsRead(BaseModel):
    words: Annotated[list[EmergencyWordRead], Field(max_length=100)]
    version: Annotated[int, Field(ge=0, le=1_000_000)]

    @classmethod
    def of(cls, words: Sequence[EmergencyWord], version: int) -> "EmergencyWordsRead":
        return cls(words=[EmergencyWordRead.of(word) for word in words], version=version)
