"""Telling people: a row in the app at once, and one message by the gentlest way that reaches them, outside quiet hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.phones import is_mobile
from app.outreach import quiet
from app.outreach.notices import queries, templates
from app.outreach.notices.models import DeliveryChannel, DeliveryState, Notification, NotificationDelivery
from app.outreach.notices.schemas import ReadNotifications
from app.outreach.tasks import service as tasks
from app.outreach.tasks.models import NewTask, TaskType
from app.people import queries as people
from app.people.models import Resident
from app.people.wechat import subscriptions
from app.web.run import Run
from app.web.work import Work

IN_HAND = timedelta(minutes=1)
"""So long a message that is being sent is left to the job that sends it; afterwards that job is taken for dead."""
WECHAT_TRIES = 3
"""After so many failures of WeChat the message goes by SMS."""
CALL_WITHIN = {True: timedelta(minutes=15), False: timedelta(hours=4)}
"""How soon somebody calls whom no message reaches: when it is urgent, and when not."""


class InHand(Exception):
    """Another job is sending this very message; the queue comes back to it later."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What has to leave the house now, by which way."""

    notification_id: UUID
    resident_id: UUID
    channel: DeliveryChannel
    address: str
    template: str
    params: Mapping[str, str]


async def tell(
    run: Run,
    *,
    resident_id: UUID,
    template: str,
    params: Mapping[str, str],
    order_id: UUID | None,
    dedup_key: str,
    urgent: bool,
    compound_id: UUID | None = None,
) -> None:
    """Tell a resident something once, whatever often the job that says so is run.

    The row in the app is there at once; the message follows as a job of its own, at 08:00 when it is night and not
    urgent. `params` name a number, a title, a day; `compound_id` says who calls when no message arrives.
    """
    async with run.work() as work:
        if not _wants(await people.resident(work.session, resident_id), template):
            return
        row = insert(Notification).values(
            id=new_id(),
            resident_id=resident_id,
            template=template,
            params=dict(params),
            order_id=order_id,
            compound_id=compound_id,
            urgent=urgent,
            dedup_key=dedup_key,
            created_at=work.now,
        )
        row_id = row.on_conflict_do_nothing(index_elements=["dedup_key"]).returning(Notification.id)
        made = (await work.session.execute(row_id)).scalar_one_or_none()
        if made is not None:
            await _defer(work, made, urgent)


def _wants(person: Resident | None, template: str) -> bool:
    """Nobody writes to the dead or to who has left, and of reminders and requests nobody to one in hospital."""
    if person is None or person.deceased_on is not None or person.closed_at is not None:
        return False
    return person.away_since is None or not templates.of(template).gentle


async def _defer(work: Work, notification_id: UUID, urgent: bool) -> None:
    at = None if urgent or not quiet.is_quiet(work.now) else quiet.after(work.now)
    await work.defer("outreach.deliver", at=at, notification_id=str(notification_id))


async def mark_read(work: Work, body: ReadNotifications) -> int:
    """Mark the caller's own as read, once; how many are left."""
    mine = queries.visible(work.actor).where(Notification.read_at.is_(None)).with_only_columns(Notification.id)
    which = Notification.id.in_(body.ids) if body.ids is not None else Notification.id <= body.up_to
    marked = update(Notification).where(Notification.id.in_(mine), which).values(read_at=work.now)
    await work.session.execute(marked.execution_options(synchronize_session=False))
    return await queries.unread(work.session, work.actor)


async def begin(work: Work, notification_id: UUID) -> Sending | None:
    """What to send now, marked as being sent; None when it is done, when it waits for the morning, or for a call."""
    notice = await queries.locked(work.session, notification_id)
    so_far = await queries.deliveries(work.session, notification_id)
    if notice is None or any(row.state == DeliveryState.SENT for row in so_far.values()):
        return None
    if not notice.urgent and quiet.is_quiet(work.now):
        await _defer(work, notice.id, notice.urgent)
        return None
    person = await people.resident(work.session, notice.resident_id)
    if person is None or person.phone is None or not _wants(person, notice.template):
        return None
    _leave_in_hand(work, so_far)
    openid = None
    if not _given_up(so_far.get(DeliveryChannel.WECHAT)):
        openid = await subscriptions.spend(work, person.id, notice.template)
    way = DeliveryChannel.WECHAT if openid is not None else _way(person, notice, so_far)
    if way is DeliveryChannel.CALL:
        await _ask_for_a_call(work, notice, person)
    if way is not None:
        _mark(
            work, so_far, notice.id, way, DeliveryState.SENT if way is DeliveryChannel.CALL else DeliveryState.SENDING
        )
    if way is None or way is DeliveryChannel.CALL:
        return None
    return Sending(notice.id, person.id, way, openid or person.phone, notice.template, notice.params)


def _way(person: Resident, notice: Notification, so_far: Mapping[str, NotificationDelivery]) -> DeliveryChannel | None:
    """Without WeChat: the gentlest way that has not been refused; what must be said is said by a call in the end."""
    if person.landline_only or not is_mobile(person.phone or ""):
        return DeliveryChannel.CALL
    if DeliveryChannel.SMS not in _refused(so_far):
        return DeliveryChannel.SMS
    return DeliveryChannel.CALL if notice.urgent else None


def _leave_in_hand(work: Work, so_far: Mapping[str, NotificationDelivery]) -> None:
    """Whatever way another job is trying now, it is left to it."""
    if any(row.state == DeliveryState.SENDING and work.now - row.tried_at < IN_HAND for row in so_far.values()):
        raise InHand


def _given_up(wechat: NotificationDelivery | None) -> bool:
    return wechat is not None and (wechat.state == DeliveryState.REFUSED or wechat.tries >= WECHAT_TRIES)


def _refused(so_far: Mapping[str, NotificationDelivery]) -> set[str]:
    return {channel for channel, row in so_far.items() if row.state == DeliveryState.REFUSED}


def _mark(
    work: Work,
    so_far: Mapping[str, NotificationDelivery],
    notification_id: UUID,
    channel: DeliveryChannel,
    state: DeliveryState,
) -> None:
    row = so_far.get(channel)
    if row is None:
        row = NotificationDelivery(notification_id=notification_id, channel=channel, tries=0)
        work.session.add(row)
    row.state, row.tries, row.tried_at = state, row.tries + 1, work.now


async def ended(work: Work, sending: Sending, state: DeliveryState) -> None:
    """Whether it has left the house."""
    await queries.locked(work.session, sending.notification_id)
    so_far = await queries.deliveries(work.session, sending.notification_id)
    so_far[sending.channel].state = state
    if sending.channel is DeliveryChannel.WECHAT and state is DeliveryState.FAILED:
        await subscriptions.give_back(work, sending.resident_id, sending.template)
    if sending.channel is DeliveryChannel.WECHAT and state is DeliveryState.REFUSED:
        await subscriptions.forget(work, sending.resident_id, sending.template)


async def _ask_for_a_call(work: Work, notice: Notification, person: Resident) -> None:
    compound_id, area_id = await queries.place_of(work.session, notice.compound_id, person.id, work.today)
    due = work.now + CALL_WITHIN[notice.urgent]
    wanted = NewTask(
        type=TaskType.LANDLINE,
        compound_id=compound_id,
        area_id=area_id,
        order_id=notice.order_id,
        order_number=notice.params.get("number"),
        resident_id=person.id,
        phone=person.phone,
        post=None,
        due_at=due if notice.urgent else quiet.after(due),
        urgent=notice.urgent,
        dedup_key=f"notice:{notice.id}",
        message=notice.template,
        params=notice.params,
    )
    await tasks.add(work, wanted)
