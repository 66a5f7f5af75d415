"""Flow: a table of steps, and the only way in which a status changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import Forbidden, InvalidTransition
from app.core.text import Text


class Party(StrEnum):
    """The part that somebody plays towards one order or ticket; a role alone does not decide it.

    The SUBJECT is the one whom the order is for, whoever placed it: nobody else gives his consent.
    """

    RESIDENT = "RESIDENT"
    SUBJECT = "SUBJECT"
    AGENT = "AGENT"
    OWNER = "OWNER"
    CREW = "CREW"
    MANAGER = "MANAGER"
    CLERK = "CLERK"
    COMMITTEE = "COMMITTEE"
    CLINIC = "CLINIC"
    DUTY = "DUTY"
    SYSTEM = "SYSTEM"


RESIDENT = frozenset({Party.RESIDENT})
SUBJECT = frozenset({Party.SUBJECT})
OWNER = frozenset({Party.OWNER})
CREW = frozenset({Party.CREW, Party.MANAGER})
MANAGER = frozenset({Party.MANAGER})
CLERK = frozenset({Party.CLERK, Party.MANAGER})
COMMITTEE = frozenset({Party.COMMITTEE})
CLINIC = frozenset({Party.CLINIC})
DUTY = frozenset({Party.DUTY, Party.MANAGER})
SYSTEM = frozenset({Party.SYSTEM})


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: an action, where it may start, where it may lead, and whose it is.

    `to` empty means that the status stays. `only_by_clock` steps are the worker's and never listed.
    """

    action: str
    sources: frozenset[str]
    to: frozenset[str]
    by: frozenset[Party]
    label: Text

    def __init__(
        self, action: str, sources: Iterable[str], to: str | Iterable[str] | None, *, by: frozenset[Party], label: Text
    ) -> None:
        object.__setattr__(self, "action", action)
        object.__setattr__(self, "sources", frozenset(sources))
        targets = () if to is None else (to,) if isinstance(to, str) else to
        object.__setattr__(self, "to", frozenset(targets))
        object.__setattr__(self, "by", by)
        object.__setattr__(self, "label", label)

    @property
    def target(self) -> str | None:
        """The one status it leads to; None when it stays or when the rules choose among several."""
        return next(iter(self.to)) if len(self.to) == 1 else None


class Flow:
    """The steps of one kind of thing, with the words for its states."""

    def __init__(self, initial: str, labels: Mapping[str, Text], *steps: Step) -> None:
        self.initial = initial
        self.labels = dict(labels)
        self.steps = steps
        for step in steps:
            unknown = (step.sources | step.to) - self.labels.keys()
            if unknown:
                raise ValueError(f"{step.action}: states without a label: {sorted(unknown)}")
            if step.by == SYSTEM and step.action in {s.action for s in steps if s.by != SYSTEM}:
                raise ValueError(f"{step.action}: the same action is both a person's and the clock's")

    @property
    def final(self) -> frozenset[str]:
        """States in which nothing can change the status any more."""
        return frozenset(self.labels) - {source for step in self.steps if step.to for source in step.sources}

    def label(self, status: str) -> Text:
        return self.labels.get(status, Text(status, status))

    def action_label(self, action: str) -> Text:
        return next((step.label for step in self.steps if step.action == action), Text(action, action))

    def choices(self, status: str, parties: frozenset[Party]) -> list[Step]:
        """What these parties may do next, in the order of the table."""
        return [step for step in self.steps if status in step.sources and step.by & parties]

    def permit(self, action: str, parties: frozenset[Party]) -> None:
        """Raise 403 when the action belongs to somebody else, whatever the moment."""
        rows = [step for step in self.steps if step.action == action]
        if rows and not any(step.by & parties for step in rows):
            raise Forbidden

    def choose(self, action: str, status: str, parties: frozenset[Party]) -> Step:
        """The step that is meant. 409 when it cannot be done now, 403 when it is somebody else's now."""
        now = [step for step in self.steps if step.action == action and status in step.sources]
        if not now:
            raise InvalidTransition(status=self.label(status), action=self.action_label(action))
        for step in now:
            if step.by & parties:
                return step
        raise Forbidden

    def reachable(self) -> frozenset[str]:
        """Every state that some path from the start reaches."""
        seen: set[str] = set()
        todo = [self.initial]
        while todo:
            status = todo.pop()
            if status not in seen:
                seen.add(status)
                todo.extend(target for step in self.steps if status in step.sources for target in step.to)
        return frozenset(seen)
