"""That a clinic was shown whom it visits and why: a row for each look, which the subject can read."""

from app.core.actors import Role
from app.core.ids import new_id
from app.kinds.registry import kind_of
from app.orders.models import Order
from app.people.models import Disclosure, RevealOutcome, RevealReason
from app.web.work import Work

FIELDS = ["name", "phone", "health"]


async def to_clinic(work: Work, order: Order) -> None:
    """Nobody else gets more than is masked, and so leaves no row."""
    if work.actor.role is not Role.CLINIC or not kind_of(order.kind).private:
        return
    assert work.actor.id is not None
    work.session.add(
        Disclosure(
            id=new_id(),
            subject_id=order.beneficiary_id,
            staff_id=work.actor.id,
            role=work.actor.role,
            fields=FIELDS,
            reason=RevealReason.CARE,
            call_id=None,
            outcome=RevealOutcome.SHOWN,
            at=work.now,
        )
    )
    await work.session.flush()
