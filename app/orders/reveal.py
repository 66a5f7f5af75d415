"""Showing whom to call about an order, to those who do the work; the one who ordered can read that it was shown."""

from app.kinds.registry import kind_of
from app.orders import masks, problems, queries
from app.orders.parts import ContactRead
from app.people import disclosures
from app.people.schemas import RevealResident
from app.people.service import require_call
from app.web.work import Work

FIELDS = ["contact_name", "contact_phone"]


async def reveal(work: Work, ref: str, body: RevealResident) -> ContactRead:
    """Name and phone in full, and a row of who asked and why; whom a clinic visits property staff do not learn."""
    require_call(work)
    seen = await queries.one(work.session, work.actor, ref)
    if seen is None or masks.is_discreet(kind_of(seen.order.kind), work.actor):
        raise problems.OrderNotFound
    work.session.add(disclosures.shown(work, seen.order.requester_id, FIELDS, body))
    await work.session.flush()
    return ContactRead.model_validate(seen.order.contact)
