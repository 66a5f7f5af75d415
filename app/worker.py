"""What happens after a commit and on the clock: the job worker, its handlers and its periodic work."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import procrastinate
import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.jobs import Job, Status
from sqlalchemy.exc import SQLAlchemyError

from app.bookings import jobs as booking_jobs
from app.config import Settings
from app.db.engine import Sessions, create_engine, driver_url
from app.http import Http
from app.orders import echoes
from app.orders import jobs as order_jobs
from app.outreach import jobs as outreach_jobs
from app.outreach import sms, wechat
from app.outreach.notices import jobs as notice_jobs
from app.people import jobs as people_jobs
from app.people.proxies import jobs as proxy_jobs
from app.web import idempotency
from app.web.run import Run

log = structlog.get_logger(__name__)

Handler = Callable[..., Awaitable[None]]
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)
STALLED_SECONDS = 30
"""A worker that has not been heard of for so long is dead; its jobs are taken up again within a minute."""

OUTBOUND_SECONDS = 10.0
"""How long the worker waits for a gateway; nobody waits for the worker."""

HANDLERS: dict[str, Handler] = {
    "people.send_code": people_jobs.send_code,
    "outreach.deliver": notice_jobs.deliver,
    "orders.tell": order_jobs.tell,
    "orders.ask_rating": order_jobs.ask_rating,
    "orders.displaced": order_jobs.displaced,
    "orders.owner_found": order_jobs.owner_found,
    "orders.consents_changed": echoes.consents_changed,
    "orders.person_changed": echoes.person_changed,
    "orders.proxy_ended": echoes.proxy_ended,
    "orders.delay_following": echoes.delay_following,
    "orders.scrub_person": echoes.scrub_person,
    "orders.task_done": echoes.task_done,
    "orders.task_unreached": echoes.task_unreached,
    "bookings.refresh_all": booking_jobs.refresh_all,
}


async def purge_answers(run: Run) -> None:
    """Forget the kept answers of old idempotency keys."""
    async with run.work() as work:
        await idempotency.purge(work.session, work.now)


PERIODIC: dict[str, tuple[str, Handler]] = {
    "orders.run_due_clocks": ("* * * * *", order_jobs.run_due_clocks),
    "bookings.sweep_holds": ("* * * * *", booking_jobs.sweep_holds),
    "bookings.make_slots": ("7 2 * * *", booking_jobs.refresh_all),
    "proxies.expire": ("3 16 * * *", proxy_jobs.expire),
    "people.purge": ("17 * * * *", people_jobs.purge),
    "orders.purge_notes": ("47 3 * * *", echoes.purge_notes),
    "outreach.purge": ("57 3 * * *", outreach_jobs.purge),
    "web.purge_answers": ("27 * * * *", purge_answers),
}


def build(run: Run, connector: PsycopgConnector) -> App:
    """The queue's application with every handler bound to what it works with. Handlers are idempotent."""
    app = App(connector=connector)
    for name, handler in HANDLERS.items():
        app.task(name=name, retry=RETRY)(_bound(run, handler))
    for name, (cron, handler) in PERIODIC.items():
        task = app.task(name=name, queueing_lock=name, lock=name)(_at(run, handler))
        app.periodic(cron=cron)(task)
    _take_up_stalled(app)
    return app


def _bound(run: Run, handler: Handler) -> Callable[..., Awaitable[None]]:
    async def job(**ids: Any) -> None:
        await handler(run, **ids)

    return job


def _at(run: Run, handler: Handler) -> Callable[[int], Awaitable[None]]:
    async def job(timestamp: int) -> None:
        await handler(run)

    return job


def _take_up_stalled(app: App) -> None:
    """The documented way back for jobs of a worker that was killed."""

    async def retry_stalled(context: JobContext, timestamp: int) -> None:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            try:
                await _take_up(app, job)
            except procrastinate.exceptions.ConnectorException as error:
                log.warning("stalled_job_left", task=job.task_name, job=job.id, error=type(error).__name__)

    task = app.task(name="queue.retry_stalled", queueing_lock="queue.retry_stalled", pass_context=True)(retry_stalled)
    app.periodic(cron="* * * * *")(task)

    async def forget_done(context: JobContext, timestamp: int) -> None:
        await app.job_manager.delete_old_jobs(nb_hours=72, include_failed=False, include_cancelled=True)

    done = app.task(name="queue.forget_done", queueing_lock="queue.forget_done", pass_context=True)(forget_done)
    app.periodic(cron="37 3 * * *")(done)


async def _take_up(app: App, job: Job) -> None:
    """Retry it; but where the next of its kind waits already behind its lock, it only ends."""
    try:
        await app.job_manager.retry_job(job)
        log.warning("stalled_job_retried", task=job.task_name, job=job.id)
    except procrastinate.exceptions.UniqueViolation:
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        log.warning("stalled_job_ended", task=job.task_name, job=job.id)


async def run(settings: Settings, database_url: str, stop: asyncio.Event) -> None:
    """Work until `stop` is set; a database that goes away is waited for, not died of."""
    conninfo = driver_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    while not stop.is_set():
        sessions, http = Sessions(create_engine(database_url, 5)), Http(OUTBOUND_SECONDS)
        try:
            ways = sms.sender(settings, sessions, http), wechat.sender(settings, sessions, http)
            await _work(Run(settings, sessions, *ways), conninfo, stop)
        except (procrastinate.exceptions.ConnectorException, SQLAlchemyError, OSError) as error:
            log.warning("worker_lost_database", error=type(error).__name__)
            await asyncio.wait([asyncio.ensure_future(stop.wait())], timeout=2)
        finally:
            await http.close()
            await sessions.close()


async def _work(running: Run, conninfo: str, stop: asyncio.Event) -> None:
    app = build(running, PsycopgConnector(conninfo=conninfo, min_size=1, max_size=5))
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=4,
                install_signal_handlers=False,
                fetch_job_polling_interval=2.0,
                shutdown_graceful_timeout=10,
                delete_jobs="never",
            )
        )
        ending = asyncio.create_task(stop.wait())
        await asyncio.wait({worker, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not worker.done():
            worker.cancel()
        try:
            await worker
        except asyncio.CancelledError:
            if not stop.is_set():
                raise
