"""What crosses the wire of the nurse's list; no name and no phone, those are read with the order."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.ages import age_band
from app.kinds.home_doctor_visit.terms import MOBILITY, PURPOSES, WINDOWS, Mobility, Purpose, Window
from app.kinds.registry import kind_of
from app.orders.models import Order
from app.orders.parts import Label, Local
from app.orders.schemas import CompoundRef


class TriageRow(BaseModel):
    """Somebody to call back. `contract` says whether a contract with this clinic is known; `flagged` goes first."""

    order_id: UUID
    number: Annotated[str, Field(max_length=24)]
    status: Annotated[str, Field(max_length=40)]
    status_label: Label
    compound: CompoundRef
    age_band: Annotated[str, Field(max_length=10)] | None
    mobility: Mobility
    mobility_label: Label
    purpose: Purpose
    purpose_label: Label
    preferred_windows: Annotated[list[Window], Field(max_length=3)]
    window_labels: Annotated[list[Label], Field(max_length=3)]
    contract: bool
    flagged: bool
    offered_before: bool
    unreached_calls: Annotated[int, Field(ge=0, le=1000)]
    waiting_since: Local
    due: Local | None
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, order: Order, today: date) -> "TriageRow":
        told, born = order.details, order.beneficiary.birth_year
        windows = [Window(code) for code in told.get("preferred_windows", [])]
        return cls(
            order_id=order.id,
            number=order.number,
            status=order.status,
            status_label=str(kind_of(order.kind).flow.label(order.status)),
            compound=order.compound.code,
            age_band=age_band(born, today),
            mobility=Mobility(told["mobility"]),
            mobility_label=MOBILITY[Mobility(told["mobility"])],
            purpose=Purpose(told["purpose"]),
            purpose_label=PURPOSES[Purpose(told["purpose"])],
            preferred_windows=windows,
            window_labels=[WINDOWS[window] for window in windows],
            contract=bool(order.facts.get("contract")),
            flagged=bool(order.red_flags),
            offered_before=order.priority > 0 and not order.red_flags,
            unreached_calls=order.facts.get("unreached", 0),
            waiting_since=order.created_at,
            due=order.due_at,
            version=order.version,
        )
