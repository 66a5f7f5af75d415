"""One request: one transaction, one actor, one instant."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Depends, Header, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.core.actors import Actor, Role
from app.core.clock import local_date
from app.core.errors import Forbidden, Unauthenticated, VersionMismatch, VersionRequired
from app.db import jobs
from app.db.engine import Sessions
from app.web import caching, idempotency
from app.web.idempotency import IdempotencyKey

Mode = Literal["write", "read", "snapshot", "disclosing"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request says about its caller: a bearer token, the call record it works under, its address."""

    token: str | None
    call_ref: str | None
    address: str


@dataclass(slots=True)
class Work:
    """What a service function works with. `now` is the database's and stands still for the whole request."""

    session: AsyncSession
    actor: Actor
    now: datetime
    settings: Settings
    address: str = ""
    if_match: str | None = None
    etag_version: int | None = field(default=None)

    @property
    def today(self) -> date:
        return local_date(self.now)

    async def defer(self, name: str, *, at: datetime | None = None, lock: str | None = None, **ids: str | int) -> None:
        """A job that exists exactly when this transaction commits."""
        await jobs.defer(self.session, name, at=at, lock=lock, **ids)

    async def checkpoint(self) -> None:
        """Commit what has been written so far: a try must count whatever becomes of it, and before it is judged."""
        await self.session.commit()

    def expect(self, version: int, *, required: bool = False) -> None:
        """412 when the caller saw another version; 428 when it must name one and did not."""
        if self.if_match is None:
            if required:
                raise VersionRequired
            return
        seen = caching.version_of(self.if_match)
        if seen is not None and seen != version:
            raise VersionMismatch(version=version)

    def shows(self, version: int) -> None:
        """Give the answer the ETag of this version."""
        self.etag_version = version


ActorOf = Callable[[AsyncSession, Credentials, Settings], Awaitable[tuple[Actor, datetime]]]


@dataclass(slots=True)
class Opened:
    """What the route has to bring to an end: the session, and the idempotency key that it holds."""

    work: Work | None = None
    caller: str = ""
    key: str | None = None


CallId = Annotated[
    str | None,
    Header(
        alias="Call-Id",
        min_length=1,
        max_length=40,
        pattern=r"^[A-Za-z0-9-]+$",
        description="话务员正在处理的来电编号（POST /v1/calls 给出的 id 或 number）",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        min_length=1,
        max_length=100,
        pattern=r"^[ -~]+$",
        description="您看到的版本（回答里的 ETag）；不一致时返回 412",
    ),
]
PutIfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        min_length=1,
        max_length=100,
        pattern=r"^[ -~]+$",
        description="您看到的版本（回答里的 ETag）；已有的内容必须带，`*` 表示不论版本",
        examples=["*"],
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        min_length=1,
        max_length=300,
        pattern=r"^[ -~]+$",
        description="手头已有的 ETag；没有变化时返回 304",
    ),
]


def credentials(request: Request, call_ref: str | None) -> Credentials:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    address = request.client.host if request.client else ""
    return Credentials(token.strip() if scheme.lower() == "bearer" and token.strip() else None, call_ref, address)


def roles_of(request: Request) -> frozenset[Role] | None:
    """The roles that the route names; None for a public one."""
    roles: frozenset[Role] | None = getattr(request.scope["route"].endpoint, "__roles__")  # noqa: B009
    return roles


async def open_work(request: Request, mode: Mode, call_ref: str | None) -> Work:
    """Begin: session, actor and instant in one statement; then whether the route is the caller's."""
    state = request.app.state
    sessions: Sessions = state.sessions
    given = credentials(request, call_ref)
    await state.slide(sessions, given, state.settings)
    session = getattr(sessions, mode)()
    opened: Opened = request.state.opened
    opened.work = Work(session, Actor(Role.VISITOR), datetime.min.replace(tzinfo=UTC), state.settings, given.address)
    actor, now = await state.actor_of(session, given, state.settings)
    opened.work.actor, opened.work.now = actor, now
    request.scope["actor"] = actor
    roles = roles_of(request)
    if roles is not None:
        if actor.role is Role.VISITOR:
            raise Unauthenticated
        if actor.role not in roles:
            raise Forbidden
    return opened.work


async def _posting(
    request: Request, idempotency_key: IdempotencyKey = None, call_id: CallId = None, if_match: IfMatch = None
) -> Work:
    work = await open_work(request, "write", call_id)
    work.if_match = if_match
    if idempotency_key is not None:
        opened: Opened = request.state.opened
        opened.caller = work.actor.key if work.actor.id else f"address:{work.address}"
        await idempotency.claim(work.session, request, opened.caller, idempotency_key, work.now)
        opened.key = idempotency_key
    return work


async def _signing_in(request: Request) -> Work:
    return await open_work(request, "write", None)


async def _putting(request: Request, call_id: CallId = None, if_match: PutIfMatch = None) -> Work:
    work = await open_work(request, "write", call_id)
    work.if_match = if_match
    return work


async def _reading(request: Request) -> Work:
    return await open_work(request, "read", None)


async def _viewing(request: Request) -> Work:
    return await open_work(request, "snapshot", None)


async def _viewing_under_a_call(request: Request, call_id: CallId = None) -> Work:
    return await open_work(request, "snapshot", call_id)


async def _looking(request: Request, if_none_match: IfNoneMatch = None) -> Work:
    return await open_work(request, "snapshot", None)


async def _disclosing(request: Request, if_none_match: IfNoneMatch = None) -> Work:
    return await open_work(request, "disclosing", None)


WorkDep = Annotated[Work, Depends(_posting)]
"""A POST: one transaction, `Idempotency-Key` accepted, `If-Match` and `Call-Id` honoured."""
SignInDep = Annotated[Work, Depends(_signing_in)]
"""A POST whose answer must never be kept: tokens and codes."""
PutDep = Annotated[Work, Depends(_putting)]
"""A PUT or DELETE: one transaction, `If-Match` honoured or required."""
ReadDep = Annotated[Work, Depends(_reading)]
"""A read of one statement, in AUTOCOMMIT."""
SnapshotDep = Annotated[Work, Depends(_viewing)]
"""A read composed of several statements, REPEATABLE READ READ ONLY."""
CallSnapshotDep = Annotated[Work, Depends(_viewing_under_a_call)]
"""A `SnapshotDep` that honours `Call-Id`."""
DisclosingDep = Annotated[Work, Depends(_disclosing)]
"""A `ResourceDep` that may have to write down that personal data was shown: REPEATABLE READ, not read-only."""
ResourceDep = Annotated[Work, Depends(_looking)]
"""A read of one resource with an ETag: `If-None-Match` is honoured."""
