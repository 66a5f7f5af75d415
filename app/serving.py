"""Running the API's processes and the job worker beside them, and stopping all of them quietly."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass

import uvicorn
from rich.console import Console

from app import worker
from app.config import Settings
from app.main import app_from_env, create_app
from app.web import health

console = Console(stderr=True)

GRACE_SECONDS = 10
DRAIN_SECONDS = 1.0
"""How long `/readyz` says 503 in production before the socket closes, so that a proxy has noticed."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How the API is to be served."""

    host: str
    port: int
    workers: int
    job_worker: bool


class Server(uvicorn.Server):
    """uvicorn that first says that it is going."""

    drain_seconds = 0.0

    def handle_exit(self, sig: int, frame: object) -> None:
        health.begin_drain()
        if self.drain_seconds and not self.should_exit:
            threading.Timer(self.drain_seconds, super().handle_exit, (sig, frame)).start()
        else:
            super().handle_exit(sig, frame)  # type: ignore[arg-type]


def stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)


def _config(app: object, serving: Serving) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=serving.host,
        port=serving.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def serve_until_stopped(settings: Settings, url: str, serving: Serving) -> None:
    """Serve in this process, or in several that this one watches; returns when a signal has stopped all of them."""
    if serving.workers > 1:
        _several(settings, url, serving)
    else:
        asyncio.run(_one(settings, url, serving))


async def _one(settings: Settings, url: str, serving: Serving) -> None:
    server = Server(_config(create_app(settings, url), serving))
    server.drain_seconds = 0.0 if settings.development else DRAIN_SECONDS
    stop = asyncio.Event()
    jobs = asyncio.create_task(worker.run(settings, url, stop)) if serving.job_worker else None
    _announce(settings, serving)
    try:
        await server.serve()
    finally:
        stop.set()
        if jobs is not None:
            await jobs


def _announce(settings: Settings, serving: Serving) -> None:
    if not settings.development:
        return
    base = f"http://{serving.host}:{serving.port}"
    console.print(
        f"\n  点单 Diandan\n  接口文档（可直接操作）  {base}/docs\n  菜单示例  {base}/v1/compounds/QHC/menu\n  Ctrl-C 停止\n"
    )


def _several(settings: Settings, url: str, serving: Serving) -> None:
    """API processes that share one socket; a process that dies is started again. The job worker is one more."""
    sock = _config("app.main:app_from_env", serving).bind_socket()
    sock.set_inheritable(True)
    environment = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "-m", "app.serving", str(sock.fileno())]
    _announce(settings, serving)

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=environment, pass_fds=[sock.fileno()])  # noqa: S603 our own module

    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    processes = [start() for _ in range(serving.workers)]
    if serving.job_worker:
        work = [sys.executable, "-m", "app.cli", "worker"]
        processes.append(subprocess.Popen(work, env=environment))  # noqa: S603 our own module
    while not stopping.wait(0.5):
        for place, process in enumerate(processes[: serving.workers]):
            if process.poll() is not None:
                processes[place] = start()
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(GRACE_SECONDS + 5)


def _child(descriptor: int) -> None:
    """One of several API processes, on the socket that the parent has bound."""
    settings = Settings()
    serving = Serving(settings.host, settings.port, 1, job_worker=False)
    config = _config(app_from_env(), serving)
    config.fd = descriptor
    server = Server(config)
    server.drain_seconds = 0.0 if settings.development else DRAIN_SECONDS
    asyncio.run(server.serve())


if __name__ == "__main__":
    _child(int(sys.argv[1]))
