"""Every answer in the suite is held against the committed contract."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import orjson
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FILE = Path(__file__).resolve().parents[1] / "openapi" / "openapi.json"


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(FILE.read_bytes())
    return found


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    paths = sorted(document()["paths"], key=lambda p: p.count("{"))
    return [(re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path) for path in paths]


@cache
def _registry() -> Any:
    return Registry().with_resource("contract", Resource(document(), DRAFT202012))


def _pointer(*parts: str) -> str:
    return "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)


def operation_of(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    for pattern, template in _paths():
        if pattern.match(path) and method.lower() in document()["paths"][template]:
            return template, document()["paths"][template][method.lower()]
    return None


async def checked(response: httpx2.Response) -> None:
    """Fail unless the contract names this status and media type, and the body fits its schema."""
    request = response.request
    found = operation_of(request.method, request.url.path)
    if found is None or request.extensions.get("outside_contract"):
        return
    await response.aread()
    template, operation = found
    status = str(response.status_code)
    assert status in operation["responses"], (
        f"{request.method} {template}: {status} is not in the contract: {response.text}"
    )
    entry = operation["responses"][status]
    where = ["paths", template, request.method.lower(), "responses", status]
    if "$ref" in entry:
        where = entry["$ref"].removeprefix("#/").split("/")
        entry = document()["components"]["responses"][where[-1]]
    if not response.content:
        return
    media = response.headers["content-type"].partition(";")[0]
    assert media in entry["content"], f"{request.method} {template} {status}: {media} is not in the contract"
    schema = {"$ref": f"contract#/{_pointer(*where, 'content', media, 'schema')}"}
    errors = list(Draft202012Validator(schema, registry=_registry()).iter_errors(orjson.loads(response.content)))
    assert not errors, f"{request.method} {template} {status}: {errors[0].message} at {errors[0].json_path}"
