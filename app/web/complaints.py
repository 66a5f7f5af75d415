"""What is wrong with a body, in words: Pydantic's findings as JSON pointers with a sentence each."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.core.text import Text

_WORDS: dict[str, Text] = {
    "missing": Text("必须填写", "is required"),
    "extra_forbidden": Text("没有这个字段", "is not a known field"),
    "string_too_short": Text("太短了，至少 {min_length} 个字符", "is too short, at least {min_length} characters"),
    "string_too_long": Text("太长了，最多 {max_length} 个字符", "is too long, at most {max_length} characters"),
    "string_type": Text("必须是文字", "must be a string"),
    "string_pattern_mismatch": Text("格式不对", "has the wrong format"),
    "string_unicode": Text("含有不能保存的字符", "holds characters that cannot be stored"),
    "int_type": Text("必须是整数", "must be an integer"),
    "int_parsing": Text("必须是整数", "must be an integer"),
    "int_from_float": Text("必须是整数", "must be an integer"),
    "int_parsing_size": Text("数字太大了", "is too large a number"),
    "bool_type": Text("必须是 true 或 false", "must be true or false"),
    "greater_than_equal": Text("不能小于 {ge}", "must be at least {ge}"),
    "greater_than": Text("必须大于 {gt}", "must be greater than {gt}"),
    "less_than_equal": Text("不能大于 {le}", "must be at most {le}"),
    "less_than": Text("必须小于 {lt}", "must be less than {lt}"),
    "too_short": Text("至少要有 {min_length} 项", "needs at least {min_length} items"),
    "too_long": Text("最多 {max_length} 项", "takes at most {max_length} items"),
    "enum": Text("只能是 {expected}", "must be one of {expected}"),
    "literal_error": Text("只能是 {expected}", "must be one of {expected}"),
    "union_tag_invalid": Text("不认识的类型“{tag}”，只能是 {expected_tags}", "is an unknown type; {expected_tags}"),
    "union_tag_not_found": Text("缺少类型字段 {discriminator}", "lacks its type field {discriminator}"),
    "model_attributes_type": Text("必须是一个对象", "must be an object"),
    "model_type": Text("必须是一个对象", "must be an object"),
    "dict_type": Text("必须是一个对象", "must be an object"),
    "list_type": Text("必须是一个列表", "must be a list"),
    "uuid_parsing": Text("不是有效的编号", "is not a valid id"),
    "uuid_type": Text("不是有效的编号", "is not a valid id"),
    "date_from_datetime_parsing": Text("不是有效的日期（YYYY-MM-DD）", "is not a date (YYYY-MM-DD)"),
    "date_parsing": Text("不是有效的日期（YYYY-MM-DD）", "is not a date (YYYY-MM-DD)"),
    "datetime_from_date_parsing": Text("不是有效的时间", "is not a time"),
    "datetime_parsing": Text("不是有效的时间", "is not a time"),
    "timezone_aware": Text("时间必须带时区，例如 +08:00", "needs an offset such as +08:00"),
    "value_error": Text("内容有误", "is not acceptable"),
}
_VALUE_WORDS: dict[str, Text] = {
    "NUL or a lone surrogate": Text("含有不能保存的字符（NUL 或孤立代理项）", "holds NUL or a lone surrogate"),
    "blank": Text("不能只有空白", "must not be blank"),
    "day": Text("不是有效的日期（YYYY-MM-DD）", "is not a date (YYYY-MM-DD)"),
    "instant": Text(
        "不是有效的时间（例如 2026-11-22T08:30:00+08:00）", "is not a time such as 2026-11-22T08:30:00+08:00"
    ),
    "year": Text("年份不在可用的范围内", "lies outside the years that are known"),
    "period": Text("起止时间不对", "is not a period"),
    "empty": Text("至少要填一项", "needs at least one criterion"),
    "phone": Text("不是有效的电话号码", "is not a valid phone number"),
}
_PLACES = {"body": "", "query": "?", "path": "/path", "header": "header:", "cookie": "cookie:"}


def _without_tags(parts: list[str | int], body: Any, *, missing: bool) -> list[str | int]:
    """The way through the body as it was sent: Pydantic also names the member of a union that it tried."""
    kept: list[str | int] = []
    for place, part in enumerate(parts):
        needed = missing and place == len(parts) - 1
        if isinstance(body, dict) and part not in body and not needed:
            continue
        kept.append(part)
        try:
            body = body[part]
        except (KeyError, IndexError, TypeError):
            body = None
    return kept


def pointer(location: Iterable[str | int], body: Any = None, *, missing: bool = True) -> str:
    """An RFC 6901 pointer into the body; other places are named before it (`?limit`, `header:if-match`)."""
    place, *rest = list(location) or ["body"]
    if place == "body":
        rest = _without_tags(rest, body, missing=missing)
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in rest]
    prefix = _PLACES.get(str(place), str(place))
    if prefix.endswith(("?", ":")):
        return prefix + ".".join(parts)
    return prefix + "".join(f"/{part}" for part in parts)


def sentence(kind: str, context: Mapping[str, Any], message: str) -> str:
    """One finding in the language of the request."""
    if kind == "value_error":
        words = _VALUE_WORDS.get(str(context.get("error", "")), _WORDS["value_error"])
    else:
        words = _WORDS.get(kind) or _VALUE_WORDS.get(message) or _WORDS["value_error"]
    try:
        return str(words).format(**context)
    except (KeyError, IndexError):
        return str(words)


def complaints(found: Iterable[Mapping[str, Any]], body: Any = None) -> list[dict[str, str]]:
    """At most twenty findings; the values themselves are never echoed, they may be personal."""
    told = []
    for item in list(found)[:20]:
        where = pointer(item["loc"], body, missing=item["type"] == "missing")
        if item["type"].startswith("union_tag_"):
            where += "/" + str(item["ctx"]["discriminator"]).strip("'")
        name = where.rsplit("/", 1)[-1] or where
        text = sentence(item["type"], item.get("ctx") or {}, item["msg"])
        told.append({"pointer": where, "detail": f"“{name}”{text}" if name else text})
    return told
