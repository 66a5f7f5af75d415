"""ETags, and public pages rendered once per version and kept in memory."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from starlette.requests import Request
from starlette.responses import Response

from app.core.errors import VersionMismatch
from app.core.text import language
from app.db.base import Base
from app.db.engine import Sessions

log = structlog.get_logger(__name__)


def etag(version: int, body: bytes) -> str:
    """A strong validator: the version for `If-Match`, the hash of the bytes for `If-None-Match`."""
    return f'"{version}.{sha256(body).hexdigest()[:16]}"'


def _bare(tag: str) -> str:
    """The tag without `W/`, quotes and a suffix such as `-gzip` that a proxy added."""
    value = tag.strip().removeprefix("W/").strip('"')
    return value.partition("-")[0]


def matches(if_none_match: str | None, tag: str) -> bool:
    """Whether the client has this very representation already."""
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or any(_bare(t) == _bare(tag) for t in if_none_match.split(","))


def version_of(if_match: str) -> int | None:
    """The version that a client saw, from its `If-Match`; None for `*`. A foreign tag matches nothing (412)."""
    if if_match.strip() == "*":
        return None
    number = _bare(if_match.split(",", maxsplit=1)[0]).partition(".")[0].removeprefix("v")
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        raise VersionMismatch(version="?")
    return int(number)


class PageVersion(Base):
    """How often the public pages about one thing have changed; the writer raises it in its own transaction."""

    __tablename__ = "page_version"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]


async def page_changed(session: AsyncSession, topic: str, *subject_ids: UUID) -> None:
    """Say that the pages of a topic about these subjects must be rendered anew once this transaction commits."""
    rows = [{"subject_id": subject_id, "topic": topic, "version": 1} for subject_id in sorted(subject_ids)]
    if not rows:
        return
    table = PageVersion.__table__
    raise_it = insert(PageVersion).values(rows)
    await session.execute(
        raise_it.on_conflict_do_update(index_elements=["subject_id", "topic"], set_={"version": table.c.version + 1})
    )


Render = Callable[[AsyncSession], Awaitable[tuple[UUID, bytes]]]


class Pages:
    """Rendered pages, keyed by what they show; an entry is good while its subject's version stands still.

    One statement a second reads all versions, so a page may be one second old. A page and its version are read in one
    REPEATABLE READ transaction. When the database is away, what is in memory is served for at most a minute.
    """

    POLL_SECONDS = 1.0
    READ_SECONDS = 5.0
    STALE_SECONDS = 60.0

    def __init__(self, sessions: Sessions, size: int = 4096) -> None:
        self._sessions = sessions
        self._size = size
        self._pages: OrderedDict[tuple[str, str, date, str], tuple[UUID, int, bytes, str]] = OrderedDict()
        self._versions: dict[tuple[UUID, str], int] = {}
        self._seen = -1e9
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._poll(), name="page-versions")

    async def stop(self) -> None:
        """Let a read that is under way end, which has its own limit: a cancelled one may lose its connection."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=2 * self.READ_SECONDS)

    async def refresh(self) -> None:
        """Read every version once."""
        async with self._sessions.read() as session:
            rows = await session.execute(select(PageVersion.subject_id, PageVersion.topic, PageVersion.version))
            self._versions = {(row.subject_id, row.topic): row.version for row in rows}
            self._seen = time.monotonic()

    async def _poll(self) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(self.READ_SECONDS):
                    await self.refresh()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("page_versions_unread", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.POLL_SECONDS):
                    await self._stopping.wait()

    async def serve(self, request: Request, topic: str, name: str, today: date, render: Render) -> Response:
        """The page from memory, or rendered now; 304 when the client has it."""
        key = (topic, name, today, language.get())
        page = self._pages.get(key)
        fresh = time.monotonic() - self._seen < self.STALE_SECONDS
        if page is None or not fresh or self._versions.get((page[0], topic), 0) != page[1]:
            page = await self._render(topic, render)
            self._pages[key] = page
            while len(self._pages) > self._size:
                self._pages.popitem(last=False)
        _, _, body, tag = page
        headers = {"ETag": tag, "Cache-Control": "public, max-age=0, must-revalidate"}
        if matches(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    async def _render(self, topic: str, render: Render) -> tuple[UUID, int, bytes, str]:
        async with self._sessions.snapshot() as session:
            subject, body = await render(session)
            found = await session.execute(
                select(PageVersion.version).where(PageVersion.subject_id == subject, PageVersion.topic == topic)
            )
            version = found.scalar_one_or_none() or 0
        return subject, version, body, etag(version, body)
