"""/docs in a real browser: sign in, open a call, execute. Needs Chromium, so it runs by `make browser` alone."""

import asyncio
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import uvicorn
from fastapi import Body, FastAPI, Form, Header, Request

from app.web import docs

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-pipe",
    "--window-size=1280,900",
]
LAUNCH = (
    "import os, sys; r, w = map(int, sys.argv[1:3]); os.dup2(r, 3); os.dup2(w, 4); os.execv(sys.argv[3], sys.argv[3:])"
)
"""The browser reads its orders from descriptor 3 and answers on 4."""
PATIENCE_SECONDS = 15
TOKEN = {"access_token": "t0ken", "token_type": "Bearer", "expires_in": 1800}
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "staff": {"type": "oauth2", "flows": {"password": {"tokenUrl": "/v1/auth/token", "scopes": {}}}},
}
EXAMPLES: Any = {
    "own": {"summary": "本人下单", "value": {"item": "own"}},
    "behalf": {"summary": "代市民下单", "value": {"item": "behalf"}, "x-audience": ["agent"]},
}

pytestmark = pytest.mark.browser


def _above_four(fd: int) -> int:
    """The same pipe under a number that is out of the way of 3 and 4."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD, 5)
    os.close(fd)
    return moved


class Chromium:
    """A browser spoken to over its debugging pipe: JSON messages that end in NUL."""

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM, "install Chromium first (Debian: apt install chromium)"
        self._from, their_write = os.pipe()
        their_read, self._to = os.pipe()
        theirs = [_above_four(fd) for fd in (their_read, their_write)]
        command = [sys.executable, "-c", LAUNCH, *map(str, theirs), CHROMIUM, *FLAGS]
        self._process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=theirs,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for fd in theirs:
            os.close(fd)
        self._unread = b""
        self._last = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []

    def open(self, url: str) -> None:
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.tell(f"{domain}.enable")
        self.tell("Page.navigate", url=url)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._from], [], [], PATIENCE_SECONDS)
            more = os.read(self._from, 1 << 16) if ready else b""
            assert more, "the browser does not answer"
            self._unread += more
        message, _, self._unread = self._unread.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def tell(self, method: str, **params: Any) -> dict[str, Any]:
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._last:
            self.events.append(answer)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def run(self, script: str) -> Any:
        answer = self.tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < end, f"never: {condition}"
            time.sleep(0.05)

    def close(self) -> None:
        """Also when the browser has stopped answering."""
        os.close(self._to)
        self._process.terminate()
        self._process.wait(PATIENCE_SECONDS)
        os.close(self._from)


def _api(orders: list[dict[str, Any]]) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)
    mine: Any = {"openapi_extra": {"x-audience": ["agent"], "security": [{"bearer": []}, {"staff": []}]}}

    @app.post("/v1/auth/token", tags=["登录"], openapi_extra={"x-audience": ["agent"], "security": []})
    async def token(username: Annotated[str, Form()], password: Annotated[str, Form()]) -> dict[str, Any]:
        return TOKEN

    @app.get("/v1/me", tags=["登录"], **mine)
    async def me() -> dict[str, str]:
        return {"role": "AGENT", "name": "李话务"}

    @app.post("/v1/calls", tags=["话务"], **mine)
    async def call() -> dict[str, str]:
        return {"id": "c1", "number": "TH20261122-0001"}

    @app.post("/v1/orders", tags=["下单"], **mine)
    async def order(
        request: Request,
        body: Annotated[dict[str, str], Body(openapi_examples=EXAMPLES)],
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> dict[str, str]:
        orders.append({**request.headers, "body": body})
        await asyncio.sleep(0.3)
        return {"number": "DD20261122-0007"}

    @app.get("/v1/oversight/sla", tags=["监管"], openapi_extra={"x-audience": ["property"]})
    async def sla() -> dict[str, str]:
        return {}

    docs.mount(app)
    app.openapi()["components"]["securitySchemes"] = SCHEMES
    return app


@pytest.fixture
def orders() -> list[dict[str, Any]]:
    """What has arrived at the till."""
    return []


@pytest.fixture
def address(orders: list[dict[str, Any]]) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(_api(orders), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def desk(address: str, tmp_path: Path) -> Iterator[Chromium]:
    """The agent's view, opened in a fresh browser."""
    browser = Chromium(tmp_path / "profile")
    try:
        browser.open(f"{address}/docs?view=agent")
        browser.wait("document.querySelector('.opblock')")
        yield browser
    finally:
        browser.close()


def _sign_in(desk: Chromium) -> None:
    desk.run(
        "const form = document.getElementById('sign-in-staff');"
        "form.username.value = 'li'; form.password.value = 'x'; form.requestSubmit()"
    )
    desk.wait("document.getElementById('who-name').textContent === '李话务'")


def _open_order(desk: Chromium) -> None:
    desk.run("document.querySelector('[data-path=\"/v1/orders\"]').click()")
    desk.wait("document.querySelector('.body-param__text')?.value.includes('behalf')")


def _execute(desk: Chromium, times: int = 1) -> None:
    desk.wait("!document.querySelector('.btn.execute').disabled")
    desk.run(f"for (let i = 0; i < {times}; i += 1) document.querySelector('.btn.execute').click()")
    desk.wait("document.querySelector('.btn.execute').disabled")
    desk.wait("!document.querySelector('.btn.execute').disabled")


def test_an_agent_signs_in_opens_a_call_and_orders_once(
    desk: Chromium, orders: list[dict[str, Any]], address: str
) -> None:
    _sign_in(desk)
    desk.run("document.getElementById('open-call').requestSubmit()")
    desk.wait("document.getElementById('call-number').textContent === 'TH20261122-0001'")
    _open_order(desk)

    _execute(desk, times=2)

    assert len(orders) == 1
    assert orders[0]["body"] == {"item": "behalf"}
    assert orders[0]["authorization"] == "Bearer t0ken"
    assert orders[0]["call-id"] == "TH20261122-0001"
    assert len(orders[0]["idempotency-key"]) == 32


def test_the_same_body_again_keeps_its_key_and_says_so(desk: Chromium, orders: list[dict[str, Any]]) -> None:
    _sign_in(desk)
    _open_order(desk)

    _execute(desk)
    _execute(desk)

    first, again = (order["idempotency-key"] for order in orders)
    assert first == again
    assert "不会重复办理" in desk.run("document.querySelector('.desk-note').textContent")

    desk.run("document.querySelector('.desk-again').click()")
    _execute(desk)

    assert orders[2]["idempotency-key"] != first


def test_a_view_shows_its_own_operations_in_chinese(desk: Chromium) -> None:
    paths = "[...document.querySelectorAll('.opblock-summary-path')].map((one) => one.dataset.path)"
    assert desk.run(paths) == ["/v1/auth/token", "/v1/me", "/v1/calls", "/v1/orders"]

    _open_order(desk)

    assert desk.run("document.querySelector('.btn.execute').textContent") == "执行"
    assert desk.run("document.querySelector('.btn.authorize').textContent") == "登录授权"
    assert desk.run("document.querySelector('.operation-filter-input').placeholder") == "按任务、名称或路径筛选"


def test_nothing_leaves_the_host_and_the_policy_is_never_broken(desk: Chromium, address: str) -> None:
    _sign_in(desk)
    _open_order(desk)
    _execute(desk)
    desk.run("document.querySelector('.btn.authorize').click()")
    desk.wait("document.querySelector('.modal-ux')")

    asked = [e["params"]["request"]["url"] for e in desk.events if e["method"] == "Network.requestWillBeSent"]
    assert asked
    assert [url for url in asked if not url.startswith((address, "data:", "about:"))] == []
    complaints = [e["params"]["entry"]["text"] for e in desk.events if e["method"] == "Log.entryAdded"]
    assert [text for text in complaints if "Password field" not in text] == []
    assert [e for e in desk.events if e["method"] == "Runtime.exceptionThrown"] == []
