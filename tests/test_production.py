"""In production the program starts only with secrets of its own and without anything of the demonstration."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from app.config import DEV_ENCRYPTION_KEY, DEV_SECRET
from app.db import migrate
from tests.test_serving import DIANDAN, environment, serving

SAFE = {
    "DIANDAN_ENV": "production",
    "DIANDAN_SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "DIANDAN_ENCRYPTION_KEYS": "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def diandan(run_home: Path) -> Run:
    """Run the program to its end, in production."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [DIANDAN, *arguments],
            env=environment(run_home, **SAFE | settings),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    return run


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_unsafe_settings_are_refused_and_each_is_named(diandan, database_url):
    unsafe = {
        "DIANDAN_SECRET_KEY": DEV_SECRET,
        "DIANDAN_ENCRYPTION_KEYS": f"{SAFE['DIANDAN_ENCRYPTION_KEYS']},{DEV_ENCRYPTION_KEY}",
        "DIANDAN_DEMO_OTP": "000000",
    }
    done = diandan("serve", **unsafe)
    refused(done, *unsafe, "DATABASE_URL is not set")
    assert DEV_SECRET not in done.stderr

    done = diandan("migrate", DATABASE_URL=database_url, DIANDAN_DEMO_OTP="000000")
    refused(done, "DIANDAN_DEMO_OTP is set")
    assert "SECRET_KEY" not in done.stderr
    assert "ENCRYPTION_KEYS" not in done.stderr


def test_half_a_gateway_is_refused_and_none_is_told(diandan, empty_database_url):
    url = {"DATABASE_URL": empty_database_url}
    half = {"DIANDAN_SMS_KEY_ID": "LTAI5t", "DIANDAN_SMS_BASE_URL": "http://sms.example"}
    refused(diandan("migrate", **url, **half), "DIANDAN_SMS_SIGN_NAME", "does not name sign-in-code", "is not https")
    refused(diandan("migrate", **url, DIANDAN_WECHAT_APP_ID="wx01"), "DIANDAN_WECHAT_APP_SECRET one is missing")

    done = diandan("migrate", **url, DIANDAN_SMS_KEY_ID="")
    assert done.returncode == 0
    assert "no text-message gateway is set" in done.stderr
    assert "no mini-program is set" in done.stderr

    whole = {
        "DIANDAN_SMS_KEY_ID": "LTAI5t",
        "DIANDAN_SMS_KEY_SECRET": "the-secret-itself",
        "DIANDAN_SMS_SIGN_NAME": "永济点单",
        "DIANDAN_SMS_TEMPLATES": "sign-in-code:SMS_1, order-placed:SMS_2",
        "DIANDAN_WECHAT_APP_ID": "wx0123456789abcdef",
        "DIANDAN_WECHAT_APP_SECRET": "the-secret-itself",
    }
    done = diandan("migrate", **url, **whole)
    assert (done.returncode, "it starts, but" in done.stderr) == (0, False)


def test_demo_accounts_are_refused_and_named(diandan, database_url):
    for command in ("serve", "worker"):
        refused(diandan(command, DATABASE_URL=database_url), "demo accounts", "admin", "manager", "demo-integrator")
    refused(diandan("serve", "--demo", DATABASE_URL=database_url), "does not belong into production")


def test_settings_that_cannot_be_read_are_named_in_a_line(diandan, empty_database_url):
    done = diandan("serve", DATABASE_URL=empty_database_url, DIANDAN_PORT="eight", DIANDAN_TRUSTED_PROXIES="here")
    refused(done, "DIANDAN_PORT: ", "DIANDAN_TRUSTED_PROXIES: ")
    refused(
        diandan("serve", DATABASE_URL=empty_database_url, DIANDAN_ENCRYPTION_KEYS="k1:short"),
        "DIANDAN_ENCRYPTION_KEYS cannot be used",
    )
    refused(diandan("serve", DATABASE_URL=empty_database_url), "Run `diandan migrate` first")
    refused(diandan("serve", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"), "The database does not answer")


def test_the_first_administrator_is_added_and_signs_in(diandan, empty_database_url, run_home, tmp_path):
    migrate.upgrade(empty_database_url)
    url = {"DATABASE_URL": empty_database_url}
    (tmp_path / "password").write_text("a-long-first-password\n")
    (tmp_path / "short").write_text("short\n")

    def add(*options: str, password: str = "password") -> subprocess.CompletedProcess[str]:
        file = str(tmp_path / password)
        return diandan("staff", "add", "wang", "--name", "王主任", *options, "--password-file", file, **url)

    refused(add("--role", "ADMIN", password="short"), "at least 10 characters")
    assert add("--role", "ADMIN").returncode == 0
    refused(add("--role", "ADMIN"), "wang")

    with serving(run_home, **SAFE, **url) as program:
        form = {"grant_type": "password", "username": "wang", "password": "a-long-first-password"}
        answer = httpx2.post(program.base + "/v1/auth/token", data=form, trust_env=False)
        assert answer.status_code == 200
        me = program.get("/v1/me", Authorization=f"Bearer {answer.json()['access_token']}").json()
        assert (me["role"], me["name"], me["all_areas"]) == ("ADMIN", "王主任", True)
        assert not program.children()

        form |= {"username": "admin", "password": "demo-2026"}
        answer = httpx2.post(program.base + "/v1/auth/token", data=form, trust_env=False)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
        code = {"phone": "13800000001", "code": "000000"}
        assert httpx2.post(program.base + "/v1/auth/otp/verify", json=code, trust_env=False).status_code == 401
        program.process.terminate()
        assert program.process.wait(15) == 0
