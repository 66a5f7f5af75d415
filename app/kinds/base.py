"""What a kind of service is made of: details, rules as data, prices, a flow, and decisions from facts to effects."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from app.core.flow import Flow, Party, Step
from app.core.text import Text
from app.kinds.effects import Consequence, Effects, Notice, Span
from app.kinds.facts import Bill, DutyFact, Facts


class Details(BaseModel):
    """The answers to a kind's form; `kind` says whose they are."""

    model_config = ConfigDict(extra="forbid")

    kind: str


class StepBody(BaseModel):
    """What a step takes; `action` says which one is meant."""

    model_config = ConfigDict(extra="forbid")

    action: str


class Rules(BaseModel):
    """What an operator may set for an item of this kind: limits, deadlines, shares. Here: nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Kind(ABC):
    """One kind of service. Instances hold no state; the registry keeps one of each."""

    code: ClassVar[str]
    title: ClassVar[Text]
    details: ClassVar[type[Details]]
    flow: ClassVar[Flow]
    bodies: ClassVar[Mapping[str, type[StepBody]]]
    waits: ClassVar[Mapping[str, tuple[Party | None, Text]]]
    rules: ClassVar[type[Rules]] = Rules
    counts_as_open: ClassVar[bool] = True
    needs_room: ClassVar[bool] = True
    """Whether the one who orders must be bound to a room of the compound; else he may be bound later or never."""
    slots_wanted: ClassVar[tuple[int, int]] = (0, 0)
    """How many slots an order names, at least and at most."""
    step_slots: ClassVar[Mapping[str, tuple[int, int]]] = {}
    """The same for the steps that name slots and differ from it."""
    wants_duty: ClassVar[bool] = False
    """Whether the rules ask who is on duty."""
    wants_holidays: ClassVar[bool] = False
    """Whether the rules count working days; without the rows of a year its weekdays are meant."""
    wants_clinic: ClassVar[bool] = False
    """Whether the order goes to the clinic that serves the compound."""
    proxy_scope: ClassVar[str] = "ORDER"
    """What a proxy must be allowed, to order for somebody else."""
    consents: ClassVar[tuple[str, ...]] = ()
    """What its subject agrees to in any case, whatever else the operator asks with the item."""
    urgent: ClassVar[bool] = False
    """Whether its messages go out at night."""
    asks_rating: ClassVar[bool] = True
    private: ClassVar[frozenset[str]] = frozenset()
    """Fields of the details that only those who ordered and the clinic read back."""
    sealed_note: ClassVar[str | None] = None
    """The field of the details that the clinic alone reads; it is kept apart and forgotten some time after the end."""
    discreet: ClassVar[Mapping[str, str] | None] = None
    """What property staff see instead of each status; None when they see the order as it is."""
    over: ClassVar[frozenset[str]] = frozenset()
    """States in which nothing is left to do but to wait, beside the final ones."""
    rateable: ClassVar[frozenset[str]]
    for_the_flat: ClassVar[bool] = False
    """Whether the work concerns the flat itself: then its current owners see the order and decide on the quote."""

    def form(self, item_form: Mapping[str, Any] | None) -> dict[str, Any]:
        """The JSON Schema of the details, `kind` left out, in the dialect of the contract."""
        schema = self.details.model_json_schema()
        schema["properties"] = {k: v for k, v in schema["properties"].items() if k != "kind"}
        schema["required"] = [name for name in schema.get("required", []) if name != "kind"]
        return schema

    def check(self, facts: Facts) -> None:  # noqa: B027 most kinds have no rule beyond their schema
        """Raise a problem when the details break a rule of this kind."""

    @abstractmethod
    def estimate(self, facts: Facts) -> Bill:
        """What the details cost by the posted prices."""

    def notices(self, facts: Facts) -> tuple[Notice, ...]:
        """What to say before the order is placed; none of it refuses."""
        return ()

    def span(self, facts: Facts) -> Span | None:
        """The time that the order takes without naming slots; its slots are then `facts.wanted`."""
        return None

    def call_now(self, facts: Facts) -> tuple[DutyFact, ...]:
        """Whom to call at once, as long as nobody has taken the order on."""
        return ()

    def confirm_by(self, facts: Facts) -> datetime | None:
        """Until when a duty person answers; None where nobody has to."""
        return None

    def on_clash(self, facts: Facts) -> Effects:
        """What follows when the slots that the order takes by itself are not all free; `facts.wanted` are they."""
        return Effects()

    def on_closed_slot(self, facts: Facts) -> Effects | None:
        """What follows when a slot of the order has been closed; None leaves it to a person to find another one."""
        return None

    def waiting(self, facts: Facts) -> tuple[Party | None, Text]:
        """Who has to act next, and the sentence that says so."""
        return self.waits[facts.status]

    def begin(self, facts: Facts) -> Effects:
        """What placing the order brings about beside the order itself."""
        return Effects()

    def allows(self, step: Step, facts: Facts) -> bool:
        """Whether a row of the flow holds in this case; the flow has been asked already."""
        return True

    def decide(self, step: Step, body: Any, facts: Facts) -> Effects:
        """The effects of a step: the method `on_<action>`, or just the status of the table."""
        handler = getattr(self, f"on_{step.action.replace('-', '_')}", None)
        return handler(step, body, facts) if handler else Effects(status=step.target)

    def consequence(self, step: Step, facts: Facts) -> Consequence | None:
        """What to warn of before the step is taken."""
        return None
