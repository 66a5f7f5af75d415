"""The contract: OpenAPI 3.1 as the program itself describes it, with every refusal and every security rule in it."""

import asyncio
import re
from datetime import date
from functools import cache
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from app.core import clock
from app.core.actors import STAFF, Role
from app.web import examples
from app.web.problems import MEDIA_TYPE, TYPE_BASE
from app.web.route import Route

FROZEN = date(2026, 11, 23)
"""The day on which the committed document's examples stand."""

AUDIENCES: dict[str, frozenset[Role]] = {
    "resident": frozenset({Role.RESIDENT}),
    "agent": frozenset({Role.AGENT, Role.CLERK}),
    "property": STAFF - {Role.AGENT},
    "integrator": frozenset({Role.INTEGRATOR}),
}

TAGS = [
    {"name": "登录", "description": "手机验证码、员工账号和对接系统的登录、续期与退出。"},
    {"name": "市民", "description": "查找和登记来电的市民；本人资料。"},
    {"name": "话务", "description": "来电、柜台和群聊的登记；话务员的每项操作都在一条来电记录下进行。"},
    {"name": "小区", "description": "片区、小区、楼栋和房号，公开。"},
    {"name": "值班", "description": "现在该打给谁：各级值班表、紧急情况的用语和电话，公开；员工维护。"},
    {"name": "菜单", "description": "小区能点的服务、价格和表单，公开；价格由物业准备、物管会批准。"},
    {"name": "预约", "description": "可预约的时段，公开；员工维护场地、团队、施工队的时段、停用和节假日。"},
    {"name": "上门医护", "description": "卫生服务中心要回电的人；订单里提供时间、出发、到达、看完。"},
    {"name": "下单", "description": "下单、试算、报价、排期、完工、结算、评价。"},
]

DESCRIPTION = """永济市老旧小区“4+1”物业服务的点单接口：菜单、预约、订单。

- 金额一律为整数分（`amount_fen`），单价为十进制字符串加单位；时间为 RFC 3339，时区 `+08:00`。
- 错误一律为 `application/problem+json`（RFC 9457），`code` 不随语言变化；`Accept-Language: en` 返回英文。
- 重发写操作时使用同一个 `Idempotency-Key`，只会办一次。
- 列表按键翻页：`limit`、`cursor`，回答里有 `next_cursor`。
"""

_GENERIC = {
    400: "请求体不是合法的 JSON，或请求有误",
    401: "没有登录，或登录已失效",
    403: "身份不允许",
    404: "没有找到，或不是您的",
    409: "现在不能这样做",
    412: "您看到的是旧版本",
    413: "内容过大",
    415: "内容类型不支持",
    422: "填写的内容有误，`errors` 指出每个字段",
    428: "缺少 If-Match",
    429: "操作太频繁，见 Retry-After",
    500: "系统出错",
    503: "系统繁忙，见 Retry-After",
}

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details；`code` 稳定不变。",
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "maxLength": 200, "examples": [TYPE_BASE + "invalid"]},
        "title": {"type": "string", "maxLength": 200},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "maxLength": 2000},
        "instance": {"type": "string", "maxLength": 2000},
        "code": {"type": "string", "maxLength": 60, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        "trace_id": {"type": "string", "maxLength": 64},
        "errors": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "maxLength": 300},
                    "detail": {"type": "string", "maxLength": 500},
                },
            },
        },
    },
}

SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "登录得到的 access_token"},
    "staff": {
        "type": "oauth2",
        "description": "员工账号（仅限本系统自己的话务台和文档页使用密码方式）",
        "flows": {"password": {"tokenUrl": "/v1/auth/token", "scopes": {}}},
    },
    "integrator": {
        "type": "oauth2",
        "description": "对接系统",
        "flows": {"clientCredentials": {"tokenUrl": "/v1/auth/token", "scopes": {}}},
    },
}


_FIRST_CLAUSE = re.compile(r"[。：；，（\n]")
"""What a route's manual begins with is what the desk shows in its list."""


def routes(app: FastAPI) -> list[tuple[str, str, frozenset[Role] | None]]:
    """Every operation of the contract: method, path, and the roles whose it is (None: everybody's)."""
    found = []
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Route):
            roles: frozenset[Role] | None = getattr(context.endpoint, "__roles__")  # noqa: B009
            found += [(method, context.path_format or "", roles) for method in sorted(context.methods or ())]
    return found


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole document."""
    document = get_openapi(
        title="点单 Diandan",
        version=app.version,
        openapi_version="3.1.1",
        summary="小区点单式服务的居民端接口",
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        servers=[{"url": "/", "description": "本机"}],
        contact={"name": "永济市住建局建设工程和房地产服务中心", "url": "https://www.yongji.gov.cn/"},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM_SCHEMA
    document["components"]["securitySchemes"] = SECURITY_SCHEMES
    roles = {(method.lower(), path): who for method, path, who in routes(app)}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method, path, roles[(method, path)])
    used = set(re.findall(r"#/components/responses/Problem(\d+)", str(document["paths"])))
    document["components"]["responses"] = {f"Problem{s}": _response(_GENERIC[int(s)]) for s in sorted(used)}
    _tidy(document)
    return document


def committed(app: FastAPI) -> str:
    """The document as it lies in `openapi/`: the same bytes for the same program, its examples on a frozen day."""
    document = examples.fill(describe(app), FROZEN, {})
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


async def _openapi(request: Request) -> Response:
    plain = await asyncio.to_thread(request.app.openapi)
    today = clock.local_date(clock.utc_now())
    known: dict[str, Any] = {}
    if request.app.state.settings.development:
        wanted = examples.wanted(plain)
        async with request.app.state.sessions.snapshot() as session:
            for name, look_up in request.app.state.example_values.items():
                known |= await look_up(session, wanted.get(name, set()), today)
    body = orjson.dumps(examples.fill(plain, today, known))
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-cache"})


def mount(app: FastAPI) -> None:
    """Serve `/openapi.json`; in development its examples are filled from what the demonstration offers now.

    The document is made when it is first asked for, beside the event loop: half a second that most starts never need.
    The endpoint holds no app: FastAPI remembers every endpoint for as long as the process lives.
    """

    @cache
    def document() -> dict[str, Any]:
        return describe(app)

    app.openapi = document  # type: ignore[method-assign]
    app.add_api_route("/openapi.json", _openapi, include_in_schema=False)


def _response(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _complete(operation: dict[str, Any], method: str, path: str, roles: frozenset[Role] | None) -> None:
    operation["summary"] = _FIRST_CLAUSE.split(operation["description"].strip(), maxsplit=1)[0]
    operation["security"] = _security(roles)
    operation["x-audience"] = [name for name, who in AUDIENCES.items() if roles is None or roles & who]
    if roles is not None:
        operation["x-roles"] = sorted(roles)
    responses = operation["responses"]
    own = {int(status): entry for status, entry in responses.items() if int(status) >= 400}
    headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
    statuses = {400, 401, 422, 500, 503} | set(own)
    if roles is not None:
        statuses.add(403)
    if "{" in path:
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= {413, 415}
    if "Idempotency-Key" in headers:
        statuses.add(409)
    if "If-Match" in headers:
        statuses |= {412, 428} if method in {"put", "delete"} else {412}
    for status in sorted(statuses):
        entry = own.get(status, {})
        if entry.get("content") and status != 422:
            continue
        if entry.get("x-codes"):
            responses[str(status)] = {**_response(entry["description"]), "x-codes": entry["x-codes"]}
        else:
            responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if "If-None-Match" in headers:
        responses["304"] = {"description": "没有变化"}
    operation["responses"] = dict(sorted(responses.items()))


def _security(roles: frozenset[Role] | None) -> list[dict[str, list[str]]]:
    if roles is None:
        return []
    found: list[dict[str, list[str]]] = [{"bearer": []}]
    if roles & STAFF:
        found.append({"staff": []})
    if Role.INTEGRATOR in roles:
        found.append({"integrator": []})
    return found


def _tidy(node: Any) -> None:
    """Drop the titles that Pydantic makes of field names: they say nothing and crowd the page."""
    if isinstance(node, dict):
        properties = node.get("properties")
        if isinstance(properties, dict):
            for name, field in properties.items():
                made = name.replace("_", " ").title()
                if isinstance(field, dict) and str(field.get("title", "")).replace(" ", "") == made.replace(" ", ""):
                    del field["title"]
        for value in node.values():
            _tidy(value)
    elif isinstance(node, list):
        for value in node:
            _tidy(value)
