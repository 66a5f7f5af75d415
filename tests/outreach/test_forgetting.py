"""Numbers and messages are kept as long as they serve, and not beyond a closed account."""

from datetime import timedelta
from uuid import UUID

import pytest

from app import worker
from app.core.ids import demo_id
from app.outreach import jobs, sms
from app.outreach.notices import service as notices
from app.outreach.tasks import service as tasks
from app.outreach.tasks.models import NewTask, TaskType
from app.web.run import Run
from tests.orders.bodies import ok
from tests.outreach.working import do, rows

OWNER, NEIGHBOUR = (demo_id("resident", f"+861380000000{n}") for n in (3, 5))
HELD = "SELECT status, phone IS NOT NULL, note IS NOT NULL FROM call_task ORDER BY id"


@pytest.fixture
def run(app):
    return Run(app.state.settings, app.state.sessions, sms.send)


async def a_task(run: Run, resident: UUID = OWNER) -> str:
    async with run.work() as work:
        wanted = NewTask(
            type=TaskType.LANDLINE,
            compound_id=None,
            area_id=None,
            order_id=None,
            order_number=None,
            resident_id=resident,
            phone="+8613800000003",
            post=None,
            due_at=work.now + timedelta(hours=1),
            urgent=False,
            dedup_key=f"{resident}",
            message="order-quoted",
            params={"number": "DD20261124-0001"},
        )
        return str((await tasks.add(work, wanted)).id)


async def a_message(run: Run, resident: UUID = OWNER) -> None:
    await notices.tell(
        run,
        resident_id=resident,
        template="order-quoted",
        params={"number": "DD20261124-0001"},
        order_id=None,
        dedup_key=f"{resident}",
        urgent=True,
    )


async def delivered(app, run) -> None:
    for (args,) in await rows(app, "SELECT args FROM procrastinate_jobs WHERE task_name = 'outreach.deliver'"):
        await worker.HANDLERS["outreach.deliver"](run, **args)


async def test_ninety_days_after_a_call_its_number_and_note_are_gone(app, run, agent):
    task = await a_task(run)
    for step in ({"action": "claim"}, {"action": "done", "outcome": "TOLD", "note": "家人接听"}):
        await ok(await agent.post(f"/v1/call-tasks/{task}/steps", json=step))
    await do(app, "UPDATE call_task SET ended_at = now() - interval '89 days'")
    await jobs.purge(run)
    assert await rows(app, HELD) == [("DONE", True, True)]
    await do(app, "UPDATE call_task SET ended_at = now() - interval '91 days'")

    await jobs.purge(run)

    assert await rows(app, HELD) == [("DONE", False, False)]


async def test_a_call_that_is_still_to_be_made_keeps_its_number_however_old(app, run, agent):
    await a_task(run)
    await do(app, "UPDATE call_task SET created_at = now() - interval '2 years', due_at = now() - interval '2 years'")

    await jobs.purge(run)

    assert await rows(app, HELD) == [("OPEN", True, False)]


async def test_a_message_is_kept_for_a_year(app, run, resident):
    await a_message(run)
    await delivered(app, run)
    await do(app, "UPDATE notification SET created_at = now() - interval '364 days'")
    await jobs.purge(run)
    assert (await ok(await resident.get("/v1/me/home")))["unread"] == 1
    await do(app, "UPDATE notification SET created_at = now() - interval '366 days'")

    await jobs.purge(run)

    assert (await ok(await resident.get("/v1/me/notifications")))["items"] == []
    assert await rows(app, "SELECT count(*) FROM notification_delivery") == [(0,)]


async def test_with_a_closed_account_calls_and_messages_end_and_those_of_others_stay(app, run, agent, neighbour):
    for resident in (OWNER, NEIGHBOUR):
        await a_task(run, resident)
        await a_message(run, resident)
    await delivered(app, run)

    for _ in range(2):
        await worker.HANDLERS["orders.scrub_person"](run, resident_id=str(OWNER))

    assert await rows(app, HELD) == [("CANCELLED", False, False), ("OPEN", True, False)]
    assert await rows(app, "SELECT resident_id FROM notification") == [(NEIGHBOUR,)]
    assert await rows(app, "SELECT count(*) FROM notification_delivery") == [(1,)]
    assert len((await ok(await agent.get("/v1/call-tasks")))["items"]) == 1
    assert (await ok(await neighbour.get("/v1/me/home")))["unread"] == 1
