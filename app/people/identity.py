"""Who is asking: from the bearer token to the actor of the request, in one statement."""

import time
from collections import OrderedDict
from datetime import datetime, timedelta

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.core.actors import VISITOR, Actor, Channel, Role
from app.core.errors import Unauthenticated
from app.db.engine import Sessions
from app.people import queries, tokens
from app.people.models import AccessSession
from app.web.work import Credentials

_SLIDE_SECONDS = 60.0
_slid: OrderedDict[bytes, float] = OrderedDict()
"""When this process last told the database that a session is in use; only an economy, never a truth."""


async def actor_of(session: AsyncSession, given: Credentials, settings: Settings) -> tuple[Actor, datetime]:
    """The caller and the database's instant; a token that does not stand is 401, none at all is a visitor."""
    if given.token is None:
        return VISITOR, await queries.instant(session)
    if given.token.startswith((tokens.STAFF_PREFIX, tokens.CLIENT_PREFIX)):
        return await _by_session(session, given.token, settings)
    access = tokens.read(settings, given.token)
    row = await queries.resident_access(session, access.family_id, access.resident_id)
    if row is None or not row.stands:
        raise Unauthenticated
    return Actor(Role.RESIDENT, access.resident_id, session_id=access.family_id), row.now


async def _by_session(session: AsyncSession, token: str, settings: Settings) -> tuple[Actor, datetime]:
    row = await queries.session_access(session, tokens.digest(token))
    if row is None or row.revoked_at is not None or not row.active or row.expires_at <= row.now:
        raise Unauthenticated
    if row.staff_id is None:
        granted = frozenset(row.granted or ())
        return Actor(Role.INTEGRATOR, row.client_id, row.client_name, granted, row.id), row.now
    if row.now - row.last_seen_at > timedelta(seconds=settings.staff_idle_seconds):
        raise Unauthenticated
    areas = None if row.all_areas else frozenset(row.areas or ())
    return Actor(Role(row.role), row.staff_id, row.name, areas, row.id, channel=Channel.COUNTER), row.now


async def slide(sessions: Sessions, given: Credentials, settings: Settings) -> None:
    """Keep a staff session awake: at most once a minute a token and process, in a statement of its own.

    Before the request's transaction begins, so that no lock is held for its length and read-only ones stay so.
    """
    if given.token is None or not given.token.startswith(tokens.STAFF_PREFIX):
        return
    digest = tokens.digest(given.token)
    now = time.monotonic()
    if now - _slid.get(digest, -_SLIDE_SECONDS) < min(_SLIDE_SECONDS, settings.staff_idle_seconds / 3):
        return
    _slid[digest] = now
    while len(_slid) > 10_000:
        _slid.popitem(last=False)
    still_awake = AccessSession.last_seen_at > func.now() - timedelta(seconds=settings.staff_idle_seconds)
    touched = update(AccessSession).where(
        AccessSession.digest == digest, AccessSession.revoked_at.is_(None), still_awake
    )
    async with sessions.read() as session:
        await session.execute(touched.values(last_seen_at=func.now()).execution_options(synchronize_session=False))
