"""Forms: the dialect of JSON Schema that a front end can draw, and the check of answers against one."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from app.core.errors import Invalid
from app.core.text import Text
from app.kinds.problems import FormInvalid

EMPTY: Final[dict[str, Any]] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
WIDGETS: Final = frozenset({"slot", "place", "photo", "quantity", "date", "text", "choice", "switch"})
_FIELD_WORDS: Final = frozenset(
    {
        "type", "title", "description", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems",
        "uniqueItems", "items", "oneOf", "format", "default", "x-order", "x-widget", "x-help", "enum", "const",
    }
)  # fmt: skip
_TYPES: Final = frozenset({"string", "integer", "boolean", "array"})
AHEAD: Final = timedelta(days=180)

_WORDS: Final = {
    "required": Text("有必填项没有填写", "a required field is missing"),
    "additionalProperties": Text("有表单里没有的字段", "a field is not in the form"),
    "type": Text("类型不对", "is of the wrong type"),
    "minLength": Text("太短了", "is too short"),
    "maxLength": Text("太长了", "is too long"),
    "minimum": Text("太小了", "is too small"),
    "maximum": Text("太大了", "is too large"),
    "oneOf": Text("不在可选项里", "is not one of the choices"),
    "enum": Text("不在可选项里", "is not one of the choices"),
    "format": Text("格式不对", "has the wrong format"),
}


def field(schema: dict[str, Any], order: int, title: str, widget: str, *, told: str | None = None) -> dict[str, Any]:
    """A field of a form that the program brings along: its place, its label, how it is drawn, what helps."""
    more = {"x-help": told} if told else {}
    return {**schema, "title": title, "x-order": order, "x-widget": widget, **more}


def choices(words: Mapping[Any, str]) -> list[dict[str, str]]:
    """The values of a code list with their words."""
    return [{"const": str(value), "title": title} for value, title in words.items()]


class FormRefused(Invalid):
    """A form that front ends could not draw."""

    code = "form-refused"
    title = Text("表单不符合约定的写法", "The form is not in the dialect")
    detail = Text("{what}", "{what}")


class DateOutOfRange(Invalid):
    code = "date-out-of-range"
    title = Text("日期不在可预约的范围内", "The date is out of range")
    detail = Text("日期应在 {first} 到 {last} 之间。", "The date must lie between {first} and {last}.")


def check_form(form: Mapping[str, Any]) -> None:
    """Raise `FormRefused` unless the form is flat, bounded and drawable: no `$ref`, no `pattern`, no conditions."""
    if form.get("type") != "object" or form.get("additionalProperties") is not False:
        raise FormRefused(pointer="/form", what="type 必须是 object，additionalProperties 必须是 false")
    if set(form) - {"type", "title", "properties", "required", "additionalProperties"}:
        raise FormRefused(pointer="/form", what="只能有 title、properties、required")
    properties = form.get("properties")
    if not isinstance(properties, Mapping) or len(properties) > 40:
        raise FormRefused(pointer="/form/properties", what="properties 必须是对象，最多 40 个字段")
    required = form.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) and name in properties for name in required):
        raise FormRefused(pointer="/form/required", what="required 里的字段必须都在 properties 里")
    for name, field in properties.items():
        _check_field(name, field, nested=False)


def _check_field(name: str, field: Any, *, nested: bool) -> None:
    def refuse(what: str) -> FormRefused:
        return FormRefused(pointer=f"/form/properties/{name}", what=what)

    if not isinstance(field, Mapping) or set(field) - _FIELD_WORDS:
        raise refuse("有不认识的关键字")
    if field.get("type") not in _TYPES or (nested and field["type"] == "array"):
        raise refuse("type 只能是 string、integer、boolean，或一层 array")
    if not nested and not (isinstance(field.get("title"), str) and 0 < len(field["title"]) <= 40):
        raise refuse("每个字段都要有 title（40 字以内）")
    if field.get("x-widget", "text") not in WIDGETS:
        raise refuse("x-widget 不在约定之内")
    bounds = {"string": "maxLength", "integer": "maximum", "array": "maxItems"}.get(field["type"])
    if bounds and "oneOf" not in field and not isinstance(field.get(bounds), int):
        raise refuse(f"缺少 {bounds}")
    if "oneOf" in field and not all(
        isinstance(choice, Mapping) and set(choice) == {"const", "title"} for choice in field["oneOf"]
    ):
        raise refuse("oneOf 的每一项必须是 const 加 title")
    if field["type"] == "array":
        _check_field(name, field.get("items"), nested=True)


def check_answers(form: Mapping[str, Any], answers: Mapping[str, Any], today: date, lead_days: int) -> None:
    """Raise `FormInvalid` naming every field that does not fit, or `DateOutOfRange`."""
    validator = Draft202012Validator(form, format_checker=FormatChecker(["date"]))
    errors = [told for error in validator.iter_errors(dict(answers)) for told in _tell(error, form, answers)]
    if errors:
        what = "；".join(error["detail"] for error in errors[:3])
        raise FormInvalid(extra={"errors": errors[:20]}, what=what.replace("{", "").replace("}", ""))
    first, last = today + timedelta(days=lead_days), today + AHEAD
    for name, field in form.get("properties", {}).items():
        if (
            field.get("x-widget") == "date"
            and name in answers
            and not (first <= date.fromisoformat(answers[name]) <= last)
        ):
            raise DateOutOfRange(pointer=f"/details/{name}", first=first, last=last)


def _tell(error: ValidationError, form: Mapping[str, Any], answers: Mapping[str, Any]) -> list[dict[str, str]]:
    words = str(_WORDS.get(str(error.validator), Text("填写有误", "is not acceptable")))
    properties = form.get("properties", {})
    if error.validator == "required":
        names = [name for name in form.get("required", []) if name not in answers]
    elif error.validator == "additionalProperties":
        names = [name for name in answers if name not in properties]
    else:
        path = "/".join(str(part) for part in error.absolute_path)
        title = properties.get(str(next(iter(error.absolute_path), "")), {}).get("title", path)
        return [{"pointer": f"/details/{path}", "detail": f"“{title}”{words}"}]
    return [
        {"pointer": f"/details/{name}", "detail": f"“{properties.get(name, {}).get('title', name)}”{words}"}
        for name in names
    ]
