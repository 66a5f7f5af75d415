"""Idempotency-Key: the same request twice does its work once, and both callers get the same answer."""

import base64
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import CheckConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from starlette.requests import Request
from starlette.responses import Response

from app.core.errors import Problem
from app.core.text import Text
from app.db.base import Base
from app.db.types import SealedJSON

KEPT = timedelta(hours=72)
REPLAYED_HEADERS = ("content-type", "etag", "location", "content-language")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=130,
        pattern=r"^[!-~]+$",
        description="同一请求重发时使用同一个值：只会办一次，并得到同样的回答。保留 72 小时。",
    ),
]


class KeyReused(Problem):
    status, code = 422, "idempotency-key-reused"
    title = Text("这个 Idempotency-Key 已用于另一个请求", "This Idempotency-Key belongs to another request")


class StillRunning(Problem):
    status, code = 409, "request-in-progress"
    title = Text("同一请求正在处理", "The same request is still running")
    detail = Text(
        "第一次提交还在处理，请稍后用同一个键再试。", "The first one is still running. Try again with the same key."
    )


class IdempotencyRecord(Base):
    """One key of one caller, and the committed answer to it."""

    __tablename__ = "idempotency_record"
    __table_args__ = (CheckConstraint("octet_length(body_hash) = 32", name="body_hash"),)

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str]
    path: Mapped[str]
    body_hash: Mapped[bytes]
    status: Mapped[int | None]
    answer: Mapped[Any | None] = mapped_column(SealedJSON("idempotency_record.answer"))
    keep_until: Mapped[datetime | None]


class Replay(Exception):
    """Not a failure: the answer to this very request is there already."""

    def __init__(self, response: Response) -> None:
        super().__init__("replay")
        self.response = response


def bare(key: str) -> str:
    """The key without the quotes of a structured header."""
    return key[1:-1] if len(key) > 2 and key[0] == key[-1] == '"' else key


async def _fingerprint(request: Request) -> bytes:
    """What must be the same under the same key: the body; of an upload its files, whatever stands between them."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return sha256(await request.body()).digest()
    digest = sha256(request.url.query.encode() + b"\0")
    for name, part in (await request.form()).multi_items():
        content = part.encode() if isinstance(part, str) else await part.read()
        if not isinstance(part, str):
            await part.seek(0)
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.digest()


async def claim(session: AsyncSession, request: Request, caller: str, key: str, now: datetime) -> None:
    """Take the key for this request; raises `Replay` with the kept answer, or says why the key cannot be had.

    A racing twin waits for the first one's transaction, at most the lock timeout of the request.
    """
    digest = await _fingerprint(request)
    row = {"caller": caller, "key": bare(key), "method": request.method, "path": request.url.path}
    take = insert(IdempotencyRecord).values(**row, body_hash=digest, keep_until=now + KEPT)
    try:
        taken = await session.execute(take.on_conflict_do_nothing().returning(IdempotencyRecord.key))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "55P03":
            raise StillRunning(retry_after=1) from error
        raise
    if taken.scalar_one_or_none() is not None:
        return
    kept = (
        await session.execute(
            select(IdempotencyRecord).where(IdempotencyRecord.caller == caller, IdempotencyRecord.key == bare(key))
        )
    ).scalar_one_or_none()
    if kept is None or kept.answer is None:
        raise StillRunning(retry_after=1)
    if (kept.method, kept.path, bytes(kept.body_hash)) != (request.method, request.url.path, digest):
        raise KeyReused(pointer="header:idempotency-key")
    raise Replay(_replayed(kept))


def _replayed(kept: IdempotencyRecord) -> Response:
    assert kept.answer is not None
    assert kept.status is not None
    headers = {**kept.answer["headers"], "Idempotent-Replayed": "true"}
    return Response(base64.b64decode(kept.answer["body"]), kept.status, headers)


async def keep(session: AsyncSession, caller: str, key: str, response: Response) -> None:
    """Put the answer beside the key, in the transaction that did the work."""
    headers = {name: response.headers[name] for name in REPLAYED_HEADERS if name in response.headers}
    answer = {"headers": headers, "body": base64.b64encode(bytes(response.body)).decode()}
    await session.execute(
        update(IdempotencyRecord)
        .where(IdempotencyRecord.caller == caller, IdempotencyRecord.key == bare(key))
        .values(status=response.status_code, answer=answer)
        .execution_options(synchronize_session=False)
    )


async def purge(session: AsyncSession, now: datetime) -> int:
    """Forget answers that are older than 72 hours; those kept for ever have no end."""
    gone = await session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.keep_until < now))
    return int(gone.rowcount)  # type: ignore[attr-defined]
