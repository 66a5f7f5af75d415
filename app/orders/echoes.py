"""What happens to orders because of something else: consents, proxies, lives, a visit that runs late, a closed account."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.kinds.effects import Effects, TaskDraft
from app.kinds.registry import kind_of
from app.orders import effects, queries, steps
from app.orders.echo import queries as echo
from app.orders.models import Order
from app.outreach import jobs as outreach
from app.web.run import Run
from app.web.work import Work

SCRUBBED: dict[str, Any] = {"name": "已注销", "phone": "", "relation": None, "call_before": False}
GONE = "（已删除）"


async def consents_changed(run: Run, resident_id: str) -> None:
    """A consent was given or withdrawn: what waited for it goes on, what is to come and lacks it ends."""
    async with run.work() as work:
        waiting = await echo.open_visits(work.session, UUID(resident_id))
    for order_id in waiting:
        async with run.work() as work:
            for action in ("consented", "consents-withdrawn"):
                if await steps.by_itself(work, order_id, action):
                    break


async def person_changed(run: Run, resident_id: str) -> None:
    """Somebody is in hospital or has died: his coming visits end, and nobody is told."""
    async with run.work() as work:
        if not await echo.is_away(work.session, UUID(resident_id)):
            return
        coming = await echo.open_visits(work.session, UUID(resident_id))
    for order_id in coming:
        async with run.work() as work:
            await steps.by_itself(work, order_id, "end-quietly")


async def proxy_ended(run: Run, proxy_id: str) -> None:
    """What was ordered under a grant that has ended stays for the principal, who is asked whether to keep it."""
    async with run.work() as work:
        pending = await echo.open_under_proxy(work.session, UUID(proxy_id))
    for order_id in pending:
        async with run.work() as work:
            seen = await queries.locked(work.session, work.actor, str(order_id))
            if seen is None or seen.order.facts.get("proxy_ended"):
                continue
            ask = TaskDraft("CONSENT", work.now + timedelta(hours=4), to="SUBJECT")
            told = Effects(tasks=(ask,), memory={"proxy_ended": True})
            await effects.apply(work, seen, told, action="proxy-ended", came_from=seen.order.status)


async def delay_following(run: Run, order_id: str, minutes: int, version: int) -> None:
    """Move the visits of the same team that follow on the same day, and tell them; each once."""
    cause = f"{order_id}:{version}"
    async with run.work() as work:
        following = await echo.following_visits(work.session, UUID(order_id))
    for each in following:
        async with run.work() as work:
            await _move(work, each, timedelta(minutes=minutes), cause)


async def _move(work: Work, order_id: UUID, later: timedelta, cause: str) -> None:
    seen = await queries.locked(work.session, work.actor, str(order_id))
    if seen is None or seen.order.starts_at is None or seen.order.ends_at is None:
        return
    moved = seen.order.facts.get("moved_by", [])
    if cause in moved or seen.order.status != "CONFIRMED":
        return
    times = (seen.order.starts_at + later, seen.order.ends_at + later)
    told = Effects(schedule=times, memory={"moved_by": [*moved, cause]}, tell="late")
    await effects.apply(work, seen, told, action="late", came_from=seen.order.status)


async def task_done(run: Run, task_id: str) -> None:
    """Somebody was called about an order: a row of its history says so."""
    await _called(run, UUID(task_id), "call-made")


async def task_unreached(run: Run, task_id: str) -> None:
    """Nobody answered three times: a row of its history says so."""
    await _called(run, UUID(task_id), "call-unreached")


async def _called(run: Run, task_id: UUID, action: str) -> None:
    async with run.work() as work:
        order_id = await echo.order_of_task(work.session, task_id)
        seen = await queries.locked(work.session, work.actor, str(order_id)) if order_id else None
        if seen is None or str(task_id) in seen.order.facts.get("calls", []):
            return
        memory = {"calls": [*seen.order.facts.get("calls", []), str(task_id)]}
        await effects.apply(work, seen, Effects(memory=memory), action=action, came_from=seen.order.status)


async def purge_notes(run: Run) -> None:
    """Forget what was told to the clinic alone, so many days after the end as the item's rules say."""
    async with run.work() as work:
        for order in await echo.with_note(work.session):
            days = kind_of(order.kind).rules.model_validate(order.rules).model_dump().get("note_days", 90)
            if order.closed_at is not None and work.now - order.closed_at >= timedelta(days=days):
                order.note = None


async def scrub_person(run: Run, resident_id: str) -> None:
    """The account is closed: names, phones and free texts go out of the orders and of what was said; amounts and dates stay."""
    await outreach.forget_person(run, resident_id)
    async with run.work() as work:
        for order in await echo.orders_of(work.session, UUID(resident_id)):
            _scrub(order, own=order.requester_id == UUID(resident_id))
        await echo.forget_words(work.session, UUID(resident_id))


def _scrub(order: Order, *, own: bool) -> None:
    """Whom to call is forgotten with the one who ordered; somebody else's number stays his."""
    order.contact = SCRUBBED if own else order.contact
    order.note = order.door_code = None
    form = kind_of(order.kind).form(order.item.form)
    required = set(form.get("required", ()))
    free = {name for name, field in form["properties"].items() if field.get("x-widget") == "text"}
    order.details = {
        name: GONE if name in free and name in required else value
        for name, value in order.details.items()
        if name not in free or name in required
    }
