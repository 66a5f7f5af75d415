"""What crosses the wire about emergency words."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.areas.emergencies.models import EmergencyCategory, EmergencyWord
from app.core.emergencies import plain
from app.core.phones import PublicLine
from app.core.text import NO_NUL, Composed, Reason, Safe, UpperCode


def _telling(phrase: str) -> str:
    """A single letter would be found in every text."""
    if len(plain(phrase)) < 2:
        raise ValueError("short")
    return phrase


Phrase = Annotated[str, Field(min_length=2, max_length=40, pattern=NO_NUL), Safe, AfterValidator(_telling), Composed]
PhraseRead = Annotated[str, Field(max_length=40)]


class EmergencyWordInput(BaseModel):
    """One danger: a text that has one of `patterns` names it, save in one of the phrases `unless`.

    Spaces, punctuation, case and width do not count. `text` and `text_en` are what to tell the person.
    """

    model_config = ConfigDict(extra="forbid")

    code: UpperCode
    category: EmergencyCategory
    patterns: Annotated[list[Phrase], Field(min_length=1, max_length=100)]
    unless: Annotated[list[Phrase], Field(max_length=200)] = Field(default_factory=list)
    call: Annotated[list[PublicLine], Field(min_length=1, max_length=5)]
    text: Reason
    text_en: Reason


class PutEmergencyWords(BaseModel):
    """The whole list, in the order in which the dangers are told."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[list[EmergencyWordInput], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _once(self) -> "PutEmergencyWords":
        if len({word.code for word in self.words}) != len(self.words):
            raise ValueError("twice")
        return self


class EmergencyWordRead(BaseModel):
    code: Annotated[str, Field(max_length=40)]
    category: EmergencyCategory
    patterns: Annotated[list[PhraseRead], Field(max_length=100)]
    unless: Annotated[list[PhraseRead], Field(max_length=200)]
    call: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=5)]
    text: Annotated[str, Field(max_length=300)]
    text_en: Annotated[str, Field(max_length=300)]

    @classmethod
    def of(cls, word: EmergencyWord) -> "EmergencyWordRead":
        return cls(
            code=word.code,
            category=EmergencyCategory(word.category),
            patterns=word.patterns,
            unless=word.unless,
            call=word.call,
            text=word.text,
            text_en=word.text_en,
        )


class EmergencyWordsRead(BaseModel):
    words: Annotated[list[EmergencyWordRead], Field(max_length=100)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, words: Sequence[EmergencyWord]) -> "EmergencyWordsRead":
        return cls(words=[EmergencyWordRead.of(word) for word in words], version=words[0].edition)
