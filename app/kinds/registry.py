"""The registry: every kind there is, and the one union of what their steps take."""

from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field

from app.core.errors import InvalidTransition
from app.core.text import Text
from app.kinds.base import Kind, StepBody
from app.kinds.ceremony.funeral import Funeral
from app.kinds.ceremony.wedding import Wedding
from app.kinds.general import General
from app.kinds.heating_retrofit.kind import HeatingRetrofit
from app.kinds.home_doctor_visit.kind import HomeDoctorVisit

KINDS: dict[str, Kind] = {
    kind.code: kind for kind in (General(), HeatingRetrofit(), Wedding(), Funeral(), HomeDoctorVisit())
}


def _bodies() -> dict[str, type[StepBody]]:
    """One action name has one body in the whole house, or the union would be ambiguous."""
    found: dict[str, type[StepBody]] = {}
    for kind in KINDS.values():
        for action, body in kind.bodies.items():
            if found.setdefault(action, body) is not body:
                raise TypeError(f"{kind.code}: {action!r} has another body elsewhere")
    return found


BODIES = _bodies()


def kind_of(code: str) -> Kind:
    return KINDS[code]


def union_of(types: list[Any], discriminator: str) -> Any:
    """A tagged union; of one member it is that member."""
    return reduce(or_, types) if len(types) == 1 else Annotated[reduce(or_, types), Field(discriminator=discriminator)]


AnyDetails = union_of([kind.details for kind in KINDS.values()], "kind")
AnyStep = union_of(list(BODIES.values()), "action")


def refuse_foreign(kind: Kind, action: str, status: str) -> None:
    """409 for an action that other kinds know and this one does not."""
    if action not in kind.bodies:
        label = next((k.flow.action_label(action) for k in KINDS.values() if action in k.bodies), Text(action, action))
        raise InvalidTransition(status=kind.flow.label(status), action=label)
