"""/docs over HTTP: all that it needs comes from here, and nothing else is let in."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from app.web import docs
from tests.contract import document

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class References(HTMLParser):
    """What a browser would fetch or run because the page says so."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self._script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag == "style" else []
        self._script = tag == "script"
        if tag == "a":
            self.links.append(given["href"] or "")
        else:
            self.fetched += [value for name, value in attrs if name in {"src", "href", "action"} and value]

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.inline.append(data)


@pytest.fixture(scope="module")
def browser() -> Iterator[TestClient]:
    app = FastAPI(docs_url=None, redoc_url=None)
    docs.mount(app)
    with TestClient(app) as client:
        yield client


def _everything(browser: TestClient) -> dict[str, str]:
    """The page, what it names, and what that names in turn, by path."""
    found: dict[str, str] = {}
    waiting = ["/docs"]
    while waiting:
        path = waiting.pop()
        answer = browser.get(path)
        assert answer.status_code == 200, path
        found[path] = answer.text
        if path == "/docs":
            named = [f"/{name}" for name in References(answer.text).fetched]
        elif "swagger-ui" in path:
            named = []
        else:
            named = [f"/docs/assets/{name}" for name in re.findall(r'from "\./([^"]+)"', answer.text)]
        waiting += [name for name in named if name not in found]
    return found


def test_every_answer_carries_the_headers_of_safety(browser: TestClient) -> None:
    for path in _everything(browser):
        headers = browser.get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_the_policy_allows_no_inline_code_and_the_page_has_none(browser: TestClient) -> None:
    assert "unsafe" not in POLICY

    assert References(browser.get("/docs").text).inline == []


def test_all_that_is_served_is_used_and_all_that_is_used_is_served(browser: TestClient) -> None:
    fetched = set(_everything(browser))

    assert fetched == {"/docs"} | {f"/docs/assets/{name}" for name in docs.assets() if name != "page.html"}


def test_nothing_is_fetched_from_another_host(browser: TestClient) -> None:
    for path, text in _everything(browser).items():
        if path.endswith(".css"):
            named = re.findall(r"url\(\s*[\"']?([^\"')]+)", text)
            assert [one for one in named if not one.startswith("data:")] == []
            assert "@import" not in text
        elif path.endswith(".svg"):
            assert re.findall(r"(?:href|src)=", text) == []
        elif "swagger-ui" not in path:
            assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text) == []


def test_swagger_ui_is_told_not_to_ask_its_validator(browser: TestClient) -> None:
    assert "validatorUrl: null" in browser.get("/docs/assets/desk.js").text


def test_no_source_map_is_looked_for(browser: TestClient) -> None:
    for text in _everything(browser).values():
        assert "# sourceMappingURL=" not in text


def test_each_file_has_its_media_type(browser: TestClient) -> None:
    kinds = {path: browser.get(path).headers["content-type"].partition(";")[0] for path in _everything(browser)}

    assert kinds["/docs"] == "text/html"
    assert {kind for path, kind in kinds.items() if path.endswith(".js")} == {"text/javascript"}
    assert {kind for path, kind in kinds.items() if path.endswith(".css")} == {"text/css"}
    assert kinds["/docs/assets/icon.svg"] == "image/svg+xml"


def test_who_has_a_file_already_does_not_get_it_again(browser: TestClient) -> None:
    first = browser.get("/docs/assets/swagger-ui-bundle.js")
    again = browser.get("/docs/assets/swagger-ui-bundle.js", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_a_file_is_packed_for_who_can_unpack_it(browser: TestClient) -> None:
    plain = browser.get("/docs/assets/swagger-ui-bundle.js", headers={"Accept-Encoding": "identity"})
    packed = browser.get("/docs/assets/swagger-ui-bundle.js", headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) * 3 < len(plain.content)


@pytest.mark.parametrize("name", ["page.html", "nothing.js", "..%2f__init__.py", "desk.js.map"])
def test_what_is_not_an_asset_is_404(browser: TestClient, name: str) -> None:
    assert browser.get(f"/docs/assets/{name}").status_code == 404


def test_the_desk_stands_outside_the_contract(browser: TestClient) -> None:
    assert browser.get("/openapi.json").json()["paths"] == {}


def test_one_link_per_audience(browser: TestClient) -> None:
    views = [link for link in References(browser.get("/docs").text).links if link.startswith("docs")]

    assert views == [
        "docs?view=resident",
        "docs?view=agent",
        "docs?view=property",
        "docs?view=integrator",
        "docs",
    ]


def test_behind_a_login_the_page_asks_for_an_account_and_its_files_do_not() -> None:
    async def check(request: Request, user: str, password: str) -> bool:
        return (user, password) == ("agent", "秘密:8")

    app = FastAPI(docs_url=None)
    docs.mount(app, login_required=check)
    visitor = TestClient(app)

    refusal = visitor.get("/docs")
    assert refusal.status_code == 401
    assert refusal.headers["www-authenticate"] == 'Basic realm="Diandan", charset="UTF-8"'
    for broken in ("Basic %%%", "Basic bm9jb2xvbg==", "Bearer x"):
        assert visitor.get("/docs", headers={"Authorization": broken}).status_code == 401
    assert visitor.get("/docs", auth=("agent", "wrong")).status_code == 401
    assert visitor.get("/docs", auth=("agent", "秘密:8")).status_code == 200
    assert visitor.get("/docs/assets/desk.js").status_code == 200


def test_every_operation_is_called_in_chinese_by_what_it_does():
    summaries = [operation["summary"] for item in document()["paths"].values() for operation in item.values()]

    assert [text for text in summaries if text.isascii() or not 2 <= len(text) <= 60] == []
