"""Paging by key: page 10,000 costs what page 1 costs, and a cursor works only where it was given out."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request
from pydantic import BaseModel, BeforeValidator, Field

from app.core.errors import Invalid
from app.core.text import Text

Item = TypeVar("Item", bound=BaseModel)
Row = TypeVar("Row")

DEFAULT = 20
MOST = 100


class CursorInvalid(Invalid):
    code = "cursor-invalid"
    title = Text("翻页标记无效", "The cursor is not valid here")
    detail = Text(
        "cursor 只能原样使用上一页给出的值，并且筛选条件不能改变。",
        "Use `cursor` exactly as the page before gave it, with the same filters.",
    )


def _digits(value: Any) -> Any:
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise ValueError("digits")
    return value


Limit = Annotated[int, Field(ge=1, le=MOST), BeforeValidator(_digits), Query(description="每页条数，默认 20，最多 100")]
CursorText = Annotated[
    str | None,
    Query(max_length=600, pattern=r"^[A-Za-z0-9_-]+$", description="上一页给出的 next_cursor；第一页不填"),
]


class Page(BaseModel, Generic[Item]):
    """One page; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True)
class Cursor:
    """Where a page begins and how long it may be. Bound to the caller's filters by a keyed digest."""

    limit: int
    after: tuple[Any, ...] | None
    _scope: bytes
    _key: bytes

    @property
    def after_id(self) -> UUID | None:
        return UUID(self.after[0]) if self.after else None

    def page(self, rows: Sequence[Row], key: Any) -> tuple[list[Row], str | None]:
        """Cut one row too many off `rows` (ask for `limit + 1`) and make the cursor of the rest."""
        kept = list(rows[: self.limit])
        if len(rows) <= self.limit:
            return kept, None
        return kept, self._seal([str(part) if isinstance(part, UUID) else part for part in key(kept[-1])])

    def _seal(self, position: list[Any]) -> str:
        body = orjson.dumps(position)
        return base64.urlsafe_b64encode(_mac(self._key, self._scope, body) + body).rstrip(b"=").decode()


def _mac(key: bytes, scope: bytes, body: bytes) -> bytes:
    return hmac.digest(key, b"cursor\0" + scope + b"\0" + body, sha256)[:12]


def _scope_of(request: Request) -> bytes:
    filters = sorted((k, v) for k, v in request.query_params.multi_items() if k not in {"cursor", "limit"})
    actor = request.scope.get("actor")
    return orjson.dumps([request.url.path, filters, actor.key if actor else None])


def read_cursor(request: Request, cursor: str | None, limit: int) -> Cursor:
    """The position that the caller names; a forged or foreign cursor is 422.

    Bound to path, filters and caller: call it once the actor is known.
    """
    key = request.app.state.settings.secret_key.get_secret_value().encode()
    scope = _scope_of(request)
    if cursor is None:
        return Cursor(limit, None, scope, key)
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as error:
        raise CursorInvalid(pointer="?cursor") from error
    mac, body = raw[:12], raw[12:]
    if not hmac.compare_digest(mac, _mac(key, scope, body)):
        raise CursorInvalid(pointer="?cursor")
    return Cursor(limit, tuple(orjson.loads(body)), scope, key)


@dataclass(frozen=True)
class Paging:
    """The paging wish of a request, read once the caller is known."""

    request: Request
    cursor: str | None
    limit: int

    def open(self) -> Cursor:
        return read_cursor(self.request, self.cursor, self.limit)


def _paging(request: Request, cursor: CursorText = None, limit: Limit = DEFAULT) -> Paging:
    return Paging(request, cursor, limit)


PagingDep = Annotated[Paging, Depends(_paging)]
