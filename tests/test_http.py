"""The one way out: bounded in time and size, no redirects, no proxies of the environment, and nothing told."""

import asyncio
import logging
import time

import pytest
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from app.http import MAX_ANSWER, BadAnswer, Http, NeverAsked, Unreachable
from tests.loopback import listening, slowly
from tests.test_serving import free_port


@pytest.fixture
async def http():
    made = Http(0.5)
    yield made
    await made.close()


@pytest.fixture
async def there():
    async with listening(lambda asked: {"you": asked.params.get("name", "")}) as server:
        yield server


async def test_the_status_and_the_object_come_back_whatever_the_status(http, there):
    answer = await http.ask("GET", there.base, params={"name": "王"})
    assert (answer.status, answer.body) == (200, {"you": "王"})

    there.instead = Response(b'{"errcode": 1}', 503)
    answer = await http.ask("POST", f"{there.base}/a", json={"x": 1})
    assert (answer.status, answer.body) == (503, {"errcode": 1})
    assert there.asked[-1].json == {"x": 1}
    assert there.asked[-1].headers["content-type"] == "application/json"


async def test_a_slow_answer_is_given_up_in_time(http, there):
    there.instead = slowly
    started = time.monotonic()

    with pytest.raises(Unreachable):
        await http.ask("GET", there.base)

    assert time.monotonic() - started < 2


async def test_an_answer_that_trickles_is_given_up_like_one_that_never_comes(http, there):
    async def drops():
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.1)

    there.instead = StreamingResponse(drops())
    started = time.monotonic()

    with pytest.raises(Unreachable):
        await http.ask("GET", there.base)

    assert time.monotonic() - started < 2


async def test_nobody_there_is_told_from_a_silence(http):
    with pytest.raises(NeverAsked):
        await http.ask("GET", f"http://127.0.0.1:{free_port()}/")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"x"', b'{"a": NaN}', b"{" + b" " * MAX_ANSWER + b"}"])
async def test_what_is_no_small_json_object_is_no_answer(http, there, body):
    there.instead = PlainTextResponse(body)

    with pytest.raises(BadAnswer):
        await http.ask("GET", there.base)


async def test_a_redirect_is_not_followed(http, there):
    there.instead = lambda asked: RedirectResponse("/elsewhere") if asked.path == "/" else None

    with pytest.raises(BadAnswer):
        await http.ask("GET", there.base)

    assert [asked.path for asked in there.asked] == ["/"]


async def test_the_proxy_of_the_environment_is_not_asked(there, monkeypatch):
    nobody = f"http://127.0.0.1:{free_port()}"
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, nobody)
    http = Http(0.5)

    assert (await http.ask("GET", there.base)).status == 200
    await http.close()


async def test_neither_a_failure_nor_the_log_tells_what_was_asked(http, there, caplog):
    caplog.set_level(logging.DEBUG)
    secret = {"phone": "13800000001"}
    await http.ask("GET", there.base, params=secret)
    with pytest.raises(NeverAsked) as failed:
        await http.ask("GET", f"http://127.0.0.1:{free_port()}/", params=secret)
    there.instead = PlainTextResponse("13800000001")
    with pytest.raises(BadAnswer) as bad:
        await http.ask("GET", there.base, params=secret)

    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    assert "13800000001" not in str(ours)
    assert (str(failed.value), str(bad.value)) == ("ConnectError", "no JSON object")
