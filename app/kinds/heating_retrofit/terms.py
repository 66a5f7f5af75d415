"""What is asked and said about a heating retrofit: details, rules as data, step bodies, the form, refusals."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from app.core.errors import Invalid, Problem
from app.core.fields import Flag
from app.core.text import Note, Text
from app.kinds.base import Details, StepBody
from app.kinds.ending import EndingRules
from app.kinds.forms import choices, field
from app.kinds.steps import QuoteLine

MonthDay = Annotated[str, Field(min_length=5, max_length=5, pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
Count = Annotated[int, Field(strict=True, ge=0, le=100)]
ConsentNo = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9-]+$")]
RISER = frozenset({"PIPE", "SINGLE_LOOP"})


class HeatingType(StrEnum):
    CENTRAL_RADIATOR = "CENTRAL_RADIATOR"
    FLOOR = "FLOOR"
    GAS_BOILER = "GAS_BOILER"
    ELECTRIC = "ELECTRIC"


class HeatingScope(StrEnum):
    RADIATOR = "RADIATOR"
    PIPE = "PIPE"
    SINGLE_LOOP = "SINGLE_LOOP"
    VALVE_METER = "VALVE_METER"
    FLUSH = "FLUSH"


WORDS = {
    "CENTRAL_RADIATOR": "集中供热（暖气片）",
    "FLOOR": "地暖",
    "GAS_BOILER": "燃气壁挂炉",
    "ELECTRIC": "电采暖",
    "RADIATOR": "换暖气片",
    "PIPE": "换管道",
    "SINGLE_LOOP": "一户一环",
    "VALVE_METER": "换阀门、热表",
    "FLUSH": "清洗管道",
}


class HeatingRules(EndingRules):
    """What the operator may set; days are `MM-DD` and half-open, both seasons may run over New Year."""

    heating_from: MonthDay = "11-15"
    heating_until: MonthDay = "03-16"
    blocked_from: MonthDay = "11-01"
    blocked_until: MonthDay = "04-01"
    deposit_percent: Annotated[int, Field(strict=True, ge=0, le=100)] = 30
    warranty_seasons: Annotated[int, Field(strict=True, ge=1, le=10)] = 2


class HeatingDetails(Details):
    """What the resident knows before the survey."""

    kind: Literal["HEATING_RETROFIT"]
    heating_type: HeatingType
    scope: Annotated[list[HeatingScope], Field(min_length=1, max_length=5)]
    groups: Annotated[int, Field(strict=True, ge=1, le=60)]
    shares_riser: Flag
    heat_company_consent_no: ConsentNo | None = None
    remark: Note | None = None


class SurveyReport(StepBody):
    """What the crew found: measured, not what the form said."""

    action: Literal["survey"]
    groups: Annotated[int, Field(strict=True, ge=1, le=60)]
    pipe_metres: Annotated[int, Field(strict=True, ge=0, le=1000)]
    shares_riser: Flag
    heat_company_consent_no: ConsentNo | None = None
    findings: Note


class Change(StepBody):
    """The whole list anew while the work is under way; the owner has to accept it again."""

    action: Literal["change"]
    lines: Annotated[list[QuoteLine], Field(min_length=1, max_length=50)]
    note: Note
    valid_days: Annotated[int, Field(strict=True, ge=1, le=30)] = 7


class PressureTest(StepBody):
    """Pressure and how long it held; a failed test sends the work back."""

    action: Literal["test"]
    passed: Flag
    pressure_kpa: Annotated[int, Field(strict=True, ge=1, le=5000)]
    minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]
    note: Note | None = None


class Tally(StepBody):
    """What was used and done before the order was cancelled."""

    action: Literal["tally"]
    lines: Annotated[list[QuoteLine], Field(max_length=50)]
    note: Note


class WorksBlocked(Invalid):
    code = "works-blocked"
    title = Text("采暖季前后不能放水施工", "No draining works in this season")
    detail = Text(
        "{first} 至 {last} 不能放水施工；确属紧急的请填写 emergency_reason。",
        "No draining works from {first} to {last}; in an emergency say why in emergency_reason.",
    )


class ConsentMissing(Problem):
    status, code = 409, "heat-company-consent-missing"
    title = Text("缺少供热单位的同意", "The heat company's consent is missing")
    detail = Text(
        "要动公用立管，须先取得供热单位同意，并用“修改”补填同意书编号。",
        "The shared riser is touched: get the heat company's consent and add its number by `amend`.",
    )


class DepositDue(Problem):
    status, code = 409, "deposit-due"
    title = Text("定金还没有付清", "The deposit has not been paid")
    detail = Text("定金付清后才能排期，还差 {balance} 元。", "Pay the deposit first; {balance} yuan are missing.")


class OverTheDeposit(Invalid):
    code = "tally-too-large"
    title = Text("核算金额超过上限", "The tally is over its limit")
    detail = Text("最多可以留 {most} 元。", "At most {most} yuan may be kept.")


class AmendTooLate(Invalid):
    code = "amend-too-late"
    title = Text("勘察后只能修改联系人和同意书编号", "After the survey only contact and consent number can change")


def _choices(values: type[StrEnum]) -> list[dict[str, str]]:
    return choices({value: WORDS[value] for value in values})


FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "heating_type": field({"type": "string", "oneOf": _choices(HeatingType)}, 1, "现在怎样取暖", "choice"),
        "scope": field(
            {
                "type": "array",
                "minItems": 1,
                "maxItems": 5,
                "uniqueItems": True,
                "items": {"type": "string", "oneOf": _choices(HeatingScope)},
            },
            2,
            "想改哪些",
            "choice",
        ),
        "groups": field({"type": "integer", "minimum": 1, "maximum": 60}, 3, "大约几组暖气片", "quantity"),
        "shares_riser": field({"type": "boolean"}, 4, "楼上楼下共用立管", "switch", told="不清楚就选是，勘察时会看"),
        "heat_company_consent_no": field(
            {"type": "string", "maxLength": 40}, 5, "供热单位同意书编号", "text", told="动立管时需要，可以后补"
        ),
        "remark": field({"type": "string", "maxLength": 1000}, 6, "补充说明", "text"),
    },
    "required": ["heating_type", "scope", "groups", "shares_riser"],
    "additionalProperties": False,
}
