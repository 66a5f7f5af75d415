"""/docs: the desk of call-centre staff and integrators, served by the program itself; no request leaves the host."""

import base64
import binascii
import gzip
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

LoginCheck = Callable[[Request, str, str], Awaitable[bool]]
"""Whether these are the user and the password of somebody who may open the page."""

OWN = (
    "page.html",
    "icon.svg",
    "desk.css",
    "desk.js",
    "wire.js",
    "words.js",
    "views.js",
    "session.js",
    "calls.js",
    "once.js",
)
SWAGGER = ("swagger-ui-bundle.js", "swagger-ui.css")
MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}
_SOURCE_MAP = re.compile(rb"\s*(?:/\*|//)# sourceMappingURL=[^\n]*\s*\Z")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the desk as it is sent: plain and packed, with the tag of its bytes."""

    body: bytes
    packed: bytes
    media_type: str
    tag: str

    @classmethod
    def of(cls, name: str, body: bytes) -> "Asset":
        """The reference to a source map goes: the map is not in the wheel, and asking for it would be a 404."""
        body = _SOURCE_MAP.sub(b"\n", body)
        tag = f'W/"{sha256(body).hexdigest()[:20]}"'
        return cls(body, gzip.compress(body, 6, mtime=0), MEDIA_TYPES[name.rpartition(".")[2]], tag)

    def answer(self, request: Request) -> Response:
        """304 to who has it already; else the bytes, packed for who can unpack them."""
        headers = {**HEADERS, "ETag": self.tag}
        if self.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=self.media_type)
        return Response(self.body, headers=headers, media_type=self.media_type)


@cache
def assets() -> Mapping[str, Asset]:
    """All that the desk is made of: our own files, and Swagger UI out of the locked wheel."""
    own, swagger = files(__name__) / "static", files("fastapi_standalone_docs") / "static" / "swagger"
    found = {name: Asset.of(name, (own / name).read_bytes()) for name in OWN}
    return found | {name: Asset.of(name, (swagger / name).read_bytes()) for name in SWAGGER}


def _basic(header: str) -> tuple[str, str] | None:
    """User and password of an `Authorization: Basic` header."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if colon else None


def mount(app: FastAPI, *, login_required: LoginCheck | None = None) -> None:
    """Add `/docs` and its files; they stand outside the contract.

    With `login_required` the browser asks for a staff account (HTTP Basic) before it shows the page; the files are
    the same for everybody and stay open. The desk never passes that account on to the API.
    """
    desk = dict(assets())
    page = desk.pop("page.html")
    router = APIRouter(include_in_schema=False)

    async def show(request: Request) -> Response:
        if login_required is not None:
            given = _basic(request.headers.get("authorization", ""))
            if given is None or not await login_required(request, *given):
                raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="Diandan", charset="UTF-8"'})
        return page.answer(request)

    async def asset(request: Request, name: str) -> Response:
        if name not in desk:
            raise HTTPException(404)
        return desk[name].answer(request)

    router.add_api_route("/docs", show)
    router.add_api_route("/docs/assets/{name}", asset)
    app.include_router(router)
