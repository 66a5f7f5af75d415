"""Words of an emergency in what people write: first the numbers to call; who insists is taken on, first in line."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from app.areas.emergencies import queries as emergencies
from app.areas.emergencies.models import EmergencyWord
from app.core.actors import Role
from app.core.emergencies import match
from app.core.errors import Problem
from app.core.text import Text
from app.orders.parts import EmergencyRead, NumberToCall
from app.web.work import Work

ACK = "emergency-words"
FIRST = 2
"""The place of a flagged order on every desk: before all the others."""
WRITERS = {Role.RESIDENT, Role.AGENT}
"""Whose words are looked at; what staff report is about the work."""


class EmergencyWords(Problem):
    """Carries `emergency`: what to say and whom to call now. Nothing has been stored."""

    status, code = 409, ACK
    title = Text("像是紧急情况", "This sounds like an emergency")
    detail = Text(
        "{what}如仍要下单，请在 acks 里加上 emergency-words 再提交一次。",
        "{what} If you still want to order, send it again with emergency-words in acks.",
    )


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def texts(body: BaseModel) -> list[str]:
    """All that is written in a body; codes and ids among it do no harm."""
    return list(_strings(body.model_dump(mode="json", exclude={"acks", "slot_ids"})))


async def found(work: Work, written: Iterable[str]) -> Sequence[EmergencyWord]:
    """The words of an emergency among what was written."""
    if work.actor.role not in WRITERS:
        return ()
    words = await emergencies.words(work.session)
    return match(words, "\n".join(written))


def read(words: Sequence[EmergencyWord]) -> EmergencyRead | None:
    """What to say and whom to call, each number once."""
    if not words:
        return None
    numbers = {number: word for word in reversed(words) for number in word.call}
    return EmergencyRead(
        text=str(Text(words[0].text, words[0].text_en)),
        call=[NumberToCall(number=n, text=str(Text(w.text, w.text_en))) for n, w in sorted(numbers.items())][:10],
    )


def require_ack(words: Sequence[EmergencyWord], acks: Iterable[str] | None) -> list[str]:
    """The codes to flag the order with; without the acknowledgement the refusal that says whom to call."""
    told = read(words)
    if told is None:
        return []
    if ACK not in (acks or ()):
        raise EmergencyWords(extra={"emergency": told.model_dump()}, what=told.text)
    return sorted({word.code for word in words})
