"""`python -m tests.judge [spectral] [redocly] [typescript] [schemathesis]`: all of them, or those that are named."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONTRACT = ROOT / "openapi" / "openapi.json"
BIN = Path(sys.executable).parent
SIGNED_IN = {
    "resident": ("otp", {"phone": "13800000003", "code": "000000"}),
    "agent": ("token", {"grant_type": "password", "username": "agent", "password": "demo-2026"}),
    "clinic": ("token", {"grant_type": "password", "username": "clinic", "password": "demo-2026"}),
    "clerk": ("token", {"grant_type": "password", "username": "clerk", "password": "demo-2026"}),
    "manager": ("token", {"grant_type": "password", "username": "manager", "password": "demo-2026"}),
    "admin": ("token", {"grant_type": "password", "username": "admin", "password": "demo-2026"}),
    "integrator": (
        "token",
        {
            "grant_type": "client_credentials",
            "client_id": "demo-integrator",
            "client_secret": "demo-integrator-secret",
        },
    ),
}


def run(*command: str, **environment: str) -> bool:
    """Run a program in this folder with the locked Node first on the path."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, cwd=HERE, env={**os.environ, "PATH": path, **environment}, check=False)
    return done.returncode == 0


def quietly(*command: str) -> bool:
    """Run a program that talks much: its count of cases when all is well, all that it said when not."""
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    cases = [line.strip() for line in done.stdout.splitlines() if " generated, " in line]
    print(cases[-1] if done.returncode == 0 and cases else done.stdout, flush=True)
    return done.returncode == 0 and bool(cases)


def installed() -> None:
    """The judges that need Node, exactly as they are locked."""
    mark, lock = HERE / "node_modules" / ".locked", (HERE / "package-lock.json").read_text()
    if mark.exists() and mark.read_text() == lock:
        return
    if not run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"):
        raise SystemExit("npm ci failed")
    mark.write_text(lock)


def tool(name: str) -> str:
    return str(HERE / "node_modules" / ".bin" / name)


def spectral() -> bool:
    installed()
    return run(tool("spectral"), "lint", str(CONTRACT), "-r", "spectral.yaml", "--fail-severity=hint")


def redocly() -> bool:
    installed()
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    return run(tool("redocly"), "lint", str(CONTRACT), "--config", "redocly.yaml", **quiet)


def typescript() -> bool:
    installed()
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/contract.ts"
        made = run(tool("openapi-typescript"), str(CONTRACT), "-o", out)
        return made and run(tool("tsc"), "--strict", "--noEmit", out)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def program() -> Iterator[str]:
    """The real program with the demonstration in a folder of its own, on a free loopback port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="diandan-judge-") as folder:
        Path(folder).chmod(0o755)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DIANDAN_") and k != "DATABASE_URL"}
        environment |= {"DIANDAN_DATA_DIR": folder, "DIANDAN_PORT": str(port)}
        with (Path(folder) / "program.log").open("w") as log:
            process = subprocess.Popen([str(BIN / "diandan"), "serve", "--demo"], env=environment, stderr=log)
            try:
                yield wait_for(f"http://127.0.0.1:{port}", process)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)
        told = (Path(folder) / "program.log").read_text()
        if "unexpected" in told:
            print("\n".join(line for line in told.splitlines() if "unexpected" in line)[:4000])


def wait_for(base: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(300):
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"{base}/readyz").status_code == 200:
                return base
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit("the program did not start")


def token(base: str, who: str) -> str:
    kind, values = SIGNED_IN[who]
    if kind == "otp":
        answer = httpx2.post(f"{base}/v1/auth/otp/verify", json=values)
    else:
        answer = httpx2.post(f"{base}/v1/auth/token", data=values)
    return str(answer.json()["access_token"])


def schemathesis() -> bool:
    """As seven different callers; an agent also works under a call."""
    good = True
    with program() as base:
        for who in SIGNED_IN:
            print(f"schemathesis as {who}: ", end="", flush=True)
            key = token(base, who)
            headers = ["--header", f"Authorization: Bearer {key}"]
            if who == "agent":
                call = {"channel": "PHONE", "direction": "INBOUND", "identity_check": ["ROOM", "NAME"]}
                made = httpx2.post(f"{base}/v1/calls", json=call, headers={"Authorization": f"Bearer {key}"})
                headers += ["--header", f"Call-Id: {made.json()['number']}"]
            command = [str(BIN / "schemathesis"), "--config-file", str(HERE / "schemathesis.toml"), "run"]
            # Whoever tries the way out, or says that the caller has died, would sign the run itself out.
            without = ["--exclude-path", "/v1/auth/revoke", "--exclude-path", "/v1/me/password"]
            without += ["--exclude-operation-id", "closeMyAccount"]
            good &= quietly(*command, f"{base}/openapi.json", "--no-color", *without, *headers)
    return good


JUDGES: dict[str, Callable[[], bool]] = {
    "spectral": spectral,
    "redocly": redocly,
    "typescript": typescript,
    "schemathesis": schemathesis,
}


def main(names: list[str]) -> int:
    found = {name: JUDGES[name]() for name in names or JUDGES}
    print()
    for name, good in found.items():
        print(f"{name}: {'nothing found' if good else 'found something'}")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
