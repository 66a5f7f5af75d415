"""The one way out by HTTP: bounded in time and size, without redirects or proxies, and silent about what it carries."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson

MAX_ANSWER = 256 * 1024
"""Bytes of an answer; what we ask for is a few hundred."""

logging.getLogger("httpx2").setLevel(logging.WARNING)
"""At INFO the library writes whole URLs, and these hold phones and secrets."""


class OutboundFailed(Exception):
    """No usable answer. The text names the kind of failure and never an address, a parameter or a body."""


class Unreachable(OutboundFailed):
    """No whole answer in time: name, connection, TLS or patience. The other side may have done what it was asked."""


class NeverAsked(Unreachable):
    """The connection was not made, so that the other side has done nothing."""


class BadAnswer(OutboundFailed):
    """An answer that is too large or no JSON object."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Mapping[str, Any]


class Http:
    """Asks for JSON over one pool of connections, which is opened at the first request."""

    def __init__(self, seconds: float = 5.0) -> None:
        self.seconds = seconds
        self._opened: httpx2.AsyncClient | None = None

    @property
    def _client(self) -> httpx2.AsyncClient:
        if self._opened is None:
            self._opened = httpx2.AsyncClient(
                timeout=self.seconds,
                trust_env=False,
                follow_redirects=False,
                headers={"User-Agent": "diandan", "Accept": "application/json"},
            )
        return self._opened

    async def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> Answer:
        """The status and the JSON object of the answer, whatever the status. Raises `OutboundFailed`.

        The seconds are those of the whole exchange: an answer that trickles is given up like one that never comes.
        """
        content = None if json is None else orjson.dumps(json)
        sent = {"Content-Type": "application/json", **(headers or {})} if content is not None else headers
        try:
            async with (
                asyncio.timeout(self.seconds),
                self._client.stream(method, url, params=params, headers=sent, content=content) as answer,
            ):
                return Answer(answer.status_code, _object(await _body(answer)))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise NeverAsked(type(error).__name__) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            raise Unreachable(type(error).__name__) from None

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.aclose()
            self._opened = None


async def _body(answer: httpx2.Response) -> bytes:
    found = bytearray()
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > MAX_ANSWER:
            raise BadAnswer("too large")
    return bytes(found)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadAnswer("no JSON") from None
    if not isinstance(found, dict):
        raise BadAnswer("no JSON object")
    return found
