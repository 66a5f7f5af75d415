"""What the log says, and what it never says."""

import asyncio
import json
import subprocess

import httpx2
import pytest

from tests.log_watch import found
from tests.orders.bodies import day
from tests.test_serving import DIANDAN, environment, eventually, free_port

PHONE, NAME, PASSWORD, NOTE = "13800000003", "王秀英", "demo-2026", "阳台窗户关不严"


@pytest.fixture
def story(database_url, run_home, tmp_path):
    """A real program's whole log, as production writes it, after a morning's work."""
    port, log = free_port(), tmp_path / "log"
    settings = {"DATABASE_URL": database_url, "DIANDAN_LOG_FORMAT": "json"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [DIANDAN, "serve", "--port", str(port)], env=environment(run_home, **settings), stdout=out, stderr=out
        )
        try:
            base = f"http://127.0.0.1:{port}"
            eventually(lambda: ready(base), 30)
            said = asyncio.run(morning(base))
            eventually(lambda: '"event": "sms"' in log.read_text(), 15)
        finally:
            process.terminate()
            process.wait(20)
    return said, log.read_text()


def ready(base):
    try:
        return httpx2.get(f"{base}/readyz", trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False


async def morning(base):
    """Sign-ins, a search, an order, refusals; returns how many requests were made and what must stay secret."""
    made = 0
    async with httpx2.AsyncClient(base_url=base, trust_env=False) as client:

        async def post(path, status, **sent):
            nonlocal made
            made += 1
            answer = await client.post(path, **sent)
            assert answer.status_code == status, answer.text
            return answer.json()

        await post("/v1/auth/otp", 202, json={"phone": PHONE})
        mine = await post("/v1/auth/otp/verify", 200, json={"phone": PHONE, "code": "000000"})
        await post("/v1/auth/otp/verify", 401, json={"phone": PHONE, "code": "111111"})
        form = {"grant_type": "password", "username": "agent", "password": PASSWORD}
        agent = (await post("/v1/auth/token", 200, data=form))["access_token"]
        staff = {"Authorization": f"Bearer {agent}"}
        call = {"channel": "PHONE", "direction": "INBOUND", "caller_phone": PHONE, "identity_check": ["NAME"]}
        number = (await post("/v1/calls", 201, json=call, headers=staff))["number"]
        staff["Call-Id"] = number
        await post("/v1/residents/search", 200, json={"phone": PHONE, "name": NAME}, headers=staff)
        body = {
            "compound": "QHC",
            "item": "door-window-repair",
            "price_version": 1,
            "details": {"kind": "GENERAL", "problem": NOTE},
            "contact": {"name": NAME, "phone": PHONE},
        }
        me = {"Authorization": f"Bearer {mine['access_token']}"}
        await post("/v1/orders", 201, json=body, headers=me)
        await post("/v1/orders", 422, json={**body, "contact": {"name": NAME, "phone": "12"}}, headers=me)
        await post(
            "/v1/orders", 422, json={**body, "details": {"kind": "GENERAL", "remark": NOTE, "d": day(1)}}, headers=me
        )
        made += 1
        assert (await client.get(f"/v1/residents/{PHONE}/{NAME}?phone={PHONE}")).status_code == 404
    return made, [mine["access_token"], mine["refresh_token"], agent]


def test_no_phone_name_code_password_or_token_is_in_the_log(story):
    (_, tokens), log = story
    for secret in (PHONE, "+86" + PHONE, NAME, PASSWORD, NOTE, "111111", "13800000", *tokens):
        assert secret not in log, secret
    assert "138****0003" in log


def test_every_request_is_one_line_with_its_ids_and_route(story):
    (made, _), log = story
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    told = [line for line in lines if line["event"] == "request"]

    assert len(told) == made
    assert len({line["request_id"] for line in told}) == made
    for line in told:
        assert {"trace_id", "route", "status", "method", "ms", "level", "timestamp"} <= line.keys()
    assert {line["route"] for line in told} >= {"/v1/orders", "/v1/auth/token", "unmatched"}
    assert [line["code"] for line in told if line["status"] == 422] == ["invalid", "form-invalid"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2026-11-24 10:00:00 [info     ] sms to=138****0003 fields=['code']", []),
        ("2026-11-24 10:00:00 [info     ] sms to=13800000003", ["phone"]),
        ("2026-11-24 10:00:00 [info     ] request actor=王秀英 token=dds_abcdefghijk", ["name", "token"]),
        ("2026-11-24 10:00:00 [warning  ] sent code=004711", ["code"]),
        ("printed by a test: 13800000003", []),
    ],
)
def test_row_28_the_watch_over_the_suites_log_sees_what_must_not_be_there(line, told):
    assert found(line) == told
