"""What a step sets off beyond the order itself: messages, calls to make, consents, another clinic, what follows late."""

from datetime import timedelta

from app.areas import queries as areas
from app.core.clock import at, local_date
from app.kinds.effects import Effects, TaskDraft
from app.kinds.registry import kind_of
from app.orders import consents, problems
from app.orders.models import Order
from app.orders.queries import Seen
from app.outreach.tasks import service as tasks
from app.outreach.tasks.models import NewTask, TaskType
from app.people.life import service as life
from app.people.life.schemas import ReportEvent
from app.web.work import Work

RATING_HOUR = 10


async def follow(work: Work, seen: Seen, effects: Effects) -> None:
    """Everything in the order's own transaction: it exists exactly when the step does."""
    order = seen.order
    if effects.consents:
        await consents.give(work, effects.consents, order.beneficiary_id, order.clinic)
    if effects.clinic is not None:
        await _hand_over(work, order, effects.clinic)
    if effects.end_tasks:
        await tasks.end(work, order.id, *(TaskType(name) for name in sorted(effects.end_tasks)))
    for draft in effects.tasks:
        await tasks.add(work, _task(seen, draft))
    if effects.life is not None and order.beneficiary.away_since is None:
        event = ReportEvent.model_validate({"type": effects.life, "on": work.today})
        await life.report(work, order.beneficiary_id, event)
    if effects.delay_minutes is not None:
        minutes = effects.delay_minutes
        await work.defer("orders.delay_following", order_id=str(order.id), minutes=minutes, version=order.version)
    if effects.tell is not None:
        await work.defer("orders.tell", order_id=str(order.id), event=effects.tell, version=order.version)
    await _ask_rating(work, order)


async def _hand_over(work: Work, order: Order, code: str) -> None:
    clinic = await areas.clinic(work.session, code)
    if clinic is None or clinic.id == order.clinic_id:
        raise problems.ClinicUnknown(pointer="/clinic")
    order.clinic, order.clinic_id = clinic, clinic.id
    await work.session.flush()


def _task(seen: Seen, draft: TaskDraft) -> NewTask:
    """Whom to call: a person of the order, the clinic, or the next one on the duty chain."""
    order, duty = seen.order, seen.duty
    person = {"REQUESTER": order.requester, "SUBJECT": order.beneficiary}.get(draft.to)
    on_duty = duty[min(draft.level, len(duty) - 1)] if draft.to == "DUTY" and duty else None
    phone = person.phone if person else on_duty.phone if on_duty else order.clinic.phone if order.clinic else None
    post = on_duty.post if on_duty else order.clinic.name if order.clinic and draft.to == "CLINIC" else None
    return NewTask(
        type=TaskType(draft.type),
        compound_id=order.compound_id,
        area_id=order.area_id,
        order_id=order.id,
        order_number=order.number,
        resident_id=person.id if person else None,
        phone=phone,
        post=post,
        due_at=draft.due_at,
        urgent=draft.urgent or kind_of(order.kind).urgent,
        dedup_key=f"{draft.type}:{order.id}:{order.version}:{draft.level}",
    )


async def _ask_rating(work: Work, order: Order) -> None:
    """The day after the end, at ten; never for kinds that do not ask."""
    kind = kind_of(order.kind)
    if order.closed_at == work.now and kind.asks_rating and order.status in kind.rateable:
        tomorrow = at(local_date(work.now) + timedelta(days=1), RATING_HOUR)
        await work.defer("orders.ask_rating", at=tomorrow, order_id=str(order.id))
