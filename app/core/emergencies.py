"""Finding emergency words in a text: letters and digits alone count, in one width and one case."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

GAP = "\0"
"""Stands where a phrase that only looks like an emergency was taken out, so that its neighbours do not join."""


class Danger(Protocol):
    """What is asked of an entry of the list: the patterns that name it, and the phrases that only look like them."""

    @property
    def patterns(self) -> Sequence[str]: ...

    @property
    def unless(self) -> Sequence[str]: ...


D = TypeVar("D", bound=Danger)


def plain(text: str) -> str:
    """`胸 痛！` is 胸痛, `Ｃｈｅｓｔ pain` is chestpain: NFKC, casefolded, without spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if char.isalnum())


def match(words: Iterable[D], text: str) -> list[D]:
    """The dangers that a text names, in the order of the list."""
    told = plain(text)
    return [word for word in words if _names(told, word)]


@lru_cache(maxsize=10_000)
def _phrase(phrase: str) -> str:
    return plain(phrase)


def _names(told: str, word: Danger) -> bool:
    patterns = [found for found in map(_phrase, word.patterns) if found]
    if not any(pattern in told for pattern in patterns):
        return False
    for phrase in sorted(filter(None, map(_phrase, word.unless)), key=len, reverse=True):
        told = told.replace(phrase, GAP)
    return any(pattern in told for pattern in patterns)
