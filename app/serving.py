"""Running the API's processes and the job worker beside them, and stopping all of them quietly."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass

import uvicorn
from rich.console import Console

from app import worker
from app.config import Settings
from app.main import app_from_env, create_app, install_keyring
from app.web import health, logs

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
    """uvicorn that first says that it is going, and that leaves the signal at that.

    Its own handler raises the signal once more at the end, which would end the program before the job worker and the
    embedded database have been stopped.
    """

    drain_seconds = 0.0
    draining = False

    def handle_exit(self, sig: int, frame: object) -> None:
        again, self.draining = self.draining, True
        health.begin_drain()
        if again and self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        elif self.drain_seconds and not again:
            drained = threading.Timer(self.drain_seconds, self._exit)
            drained.daemon = True
            drained.start()
        else:
            self._exit()

    def _exit(self) -> None:
        self.should_exit = True


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
    """API processes that share one socket, and the job worker; a process that dies is started again."""
    sock = _config("app.main:app_from_env", serving).bind_socket()
    _announce(settings, serving)
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    with sock, tempfile.TemporaryDirectory(prefix="diandan-metrics-") as figures:
        environment = {**os.environ, "DATABASE_URL": url, "PROMETHEUS_MULTIPROC_DIR": figures}

        def start(what: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "app.serving", what, str(os.getpid())]
            return subprocess.Popen(command, env=environment, pass_fds=[sock.fileno()])  # noqa: S603 our own module

        wanted = [str(sock.fileno())] * serving.workers + ["jobs"] * serving.job_worker
        processes = [start(what) for what in wanted]
        while not stopping.wait(0.5):
            for place, process in enumerate(processes):
                if process.poll() is not None:
                    processes[place] = start(wanted[place])
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(GRACE_SECONDS + 5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _until_orphaned(parent: int) -> None:
    """Ends when the process that watches over this one is gone, even by kill -9."""
    while os.getppid() == parent:  # noqa: ASYNC110 nobody could set an event
        await asyncio.sleep(1)


async def _child(descriptor: int, parent: int) -> None:
    """One of several API processes, on the socket that the parent has bound."""
    app = app_from_env()
    settings: Settings = app.state.settings
    config = _config(app, Serving(settings.host, settings.port, 1, job_worker=False))
    server = Server(config)
    server.drain_seconds = 0.0 if settings.development else DRAIN_SECONDS
    orphaned = asyncio.create_task(_until_orphaned(parent))
    orphaned.add_done_callback(lambda _: server.handle_exit(signal.SIGTERM, None))
    with socket.socket(fileno=descriptor) as sock:
        await server.serve(sockets=[sock])


async def _jobs(parent: int) -> None:
    """The job worker beside several API processes."""
    settings = Settings()
    logs.configure(settings.log_format or ("console" if settings.development else "json"))
    install_keyring(settings)
    assert settings.database_url is not None
    stop = asyncio.Event()
    stop_on_signals(stop)
    orphaned = asyncio.create_task(_until_orphaned(parent))
    orphaned.add_done_callback(lambda _: stop.set())
    await worker.run(settings, settings.database_url, stop)


if __name__ == "__main__":
    what, parent = sys.argv[1], int(sys.argv[2])
    asyncio.run(_jobs(parent) if what == "jobs" else _child(int(what), parent))
