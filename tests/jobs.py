"""The worker's part in a test: a clock whose time has come, and the jobs that wait."""

from typing import Any

from sqlalchemy import text

from app.orders import steps
from app.outreach import sms
from app.web.run import Run
from app.worker import HANDLERS


def a_run(app: Any) -> Run:
    return Run(app.state.settings, app.state.sessions, sms.send)


async def clock_comes(app: Any, order: str, action: str) -> bool:
    """The time of one clock of an order (its id or path) has come; whether its step was taken."""
    order_id, run = order.rpartition("/")[2], a_run(app)
    async with run.work() as work:
        await work.session.execute(
            text("UPDATE order_clock SET due_at = now() - interval '1 minute' WHERE order_id = :id AND action = :a"),
            {"id": order_id, "a": action},
        )
    async with run.work() as work:
        return await steps.run_clock(work, order_id, action)  # type: ignore[arg-type]


async def work_off(app: Any, *, also_later: bool = False) -> list[str]:
    """Run the jobs that wait, and those that they leave, as the worker does; their names in order."""
    due = "" if also_later else "AND (scheduled_at IS NULL OR scheduled_at <= now())"
    take = text(
        "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = "
        f"(SELECT id FROM procrastinate_jobs WHERE status = 'todo' {due} ORDER BY id LIMIT 1) RETURNING task_name, args"
    )
    done: list[str] = []
    run = a_run(app)
    while True:
        async with app.state.sessions.write() as session, session.begin():
            job = (await session.execute(take)).one_or_none()
        if job is None:
            return done
        await HANDLERS[job.task_name](run, **job.args)
        done.append(job.task_name)
