"""What a job works with: settings, sessions, the ways out to people, and transactions of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text

from app.config import Settings
from app.core.actors import SYSTEM
from app.db.engine import Sessions
from app.web.work import Work


class Undeliverable(Exception):
    """This message cannot go this way, now or later: take another way instead of trying again.

    Whatever else a way out raises is for the moment: the job is tried again.
    """


SendSms = Callable[[str, str, Mapping[str, str]], Awaitable[None]]
"""Send a template to a phone in E.164 with its parameters."""

SendWechat = Callable[[str, str, Mapping[str, str]], Awaitable[None]]
"""Send a template to the openid of a mini-program's user with its parameters."""


async def no_wechat(openid: str, template: str, params: Mapping[str, str]) -> None:
    """Nobody is reached by WeChat."""
    raise Undeliverable("no mini-program")


@dataclass(frozen=True)
class Run:
    """The worker's counterpart of a request. Handlers do their I/O outside `work()`."""

    settings: Settings
    sessions: Sessions
    send_sms: SendSms
    send_wechat: SendWechat = no_wechat

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """One transaction as the system, committed when the block ends without an error."""
        async with self.sessions.write() as session, session.begin():
            now = (
                await session.execute(
                    text(
                        "SELECT now(), set_config('lock_timeout', '5s', true), set_config('statement_timeout', '30s', true)"
                    )
                )
            ).scalar_one()
            yield Work(session, SYSTEM, now, self.settings)
