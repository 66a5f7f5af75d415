"""What a home visit asks and takes: the form, the rules an operator may set, the bodies of its steps, its refusals."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.errors import Invalid, Problem
from app.core.fields import Flag
from app.core.text import NO_NUL, Composed, NotBlank, Reason, Safe, Text
from app.kinds.base import Details, StepBody
from app.kinds.ending import EndingRules
from app.kinds.forms import choices, field
from app.kinds.steps import ConsentGiven, Workers

ShortNote = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL), Safe, NotBlank, Composed]


class Mobility(StrEnum):
    """Why somebody cannot come to the clinic; whoever can is not meant."""

    BEDRIDDEN = "BEDRIDDEN"
    WHEELCHAIR = "WHEELCHAIR"
    WALKING_AID = "WALKING_AID"
    TEMP_INJURY = "TEMP_INJURY"
    ADVANCED_AGE_80 = "ADVANCED_AGE_80"


class Purpose(StrEnum):
    CHRONIC_FOLLOWUP = "CHRONIC_FOLLOWUP"
    MEDICATION_REVIEW = "MEDICATION_REVIEW"
    WOUND_CARE = "WOUND_CARE"
    CATHETER_CARE = "CATHETER_CARE"
    REHAB_GUIDE = "REHAB_GUIDE"
    EXAM_65PLUS = "EXAM_65PLUS"
    OTHER = "OTHER"


class Window(StrEnum):
    """A half-day of the week that suits."""

    MON_AM = "MON_AM"
    MON_PM = "MON_PM"
    TUE_AM = "TUE_AM"
    TUE_PM = "TUE_PM"
    WED_AM = "WED_AM"
    WED_PM = "WED_PM"
    THU_AM = "THU_AM"
    THU_PM = "THU_PM"
    FRI_AM = "FRI_AM"
    FRI_PM = "FRI_PM"


class VisitOutcome(StrEnum):
    """How an order ends without a visit, or waits for a contract first. Nobody is asked for a cause."""

    REFERRED_120 = "REFERRED_120"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    NOT_CONTRACTED = "NOT_CONTRACTED"
    HOSPITALISED = "HOSPITALISED"
    ENDED = "ENDED"


MOBILITY = {
    Mobility.BEDRIDDEN: "卧床",
    Mobility.WHEELCHAIR: "坐轮椅",
    Mobility.WALKING_AID: "要拄拐或用助行器",
    Mobility.TEMP_INJURY: "暂时受伤走不了",
    Mobility.ADVANCED_AGE_80: "八十岁以上，出门不便",
}
PURPOSES = {
    Purpose.CHRONIC_FOLLOWUP: "慢性病随访",
    Purpose.MEDICATION_REVIEW: "看看在吃的药",
    Purpose.WOUND_CARE: "换药、伤口护理",
    Purpose.CATHETER_CARE: "导管护理",
    Purpose.REHAB_GUIDE: "康复指导",
    Purpose.EXAM_65PLUS: "六十五岁以上体检",
    Purpose.OTHER: "其他",
}
_DAYS = {"MON": "周一", "TUE": "周二", "WED": "周三", "THU": "周四", "FRI": "周五"}
WINDOWS = {window: _DAYS[window[:3]] + ("上午" if window.endswith("AM") else "下午") for window in Window}


class VisitRules(EndingRules):
    """What the operator may set: how often to ring, how long an offer and a note are kept, when to call first."""

    unreached_calls: Annotated[int, Field(strict=True, ge=1, le=10)] = 3
    missed_visits: Annotated[int, Field(strict=True, ge=1, le=20)] = 3
    triage_until_hour: Annotated[int, Field(strict=True, ge=8, le=20)] = 17
    note_days: Annotated[int, Field(strict=True, ge=1, le=365)] = 90


class VisitDetails(Details):
    """Mobility and purpose are codes; `note` goes to the clinic alone and is kept apart. No diagnosis, no ID number."""

    kind: Literal["HOME_DOCTOR_VISIT"]
    mobility: Mobility
    purpose: Purpose
    companion_present: Flag
    preferred_windows: Annotated[list[Window], Field(max_length=3)] = Field(default_factory=list)
    access_note: ShortNote | None = None
    note: ShortNote | None = None


class Consent(StepBody):
    """What the subject agrees to, in the versions that he was shown; nobody agrees for him here."""

    action: Literal["consent"]
    consents: Annotated[list[ConsentGiven], Field(min_length=1, max_length=5)]


class Offer(StepBody):
    """Up to three times that are held until one is chosen, all are rejected, or the offer lapses."""

    action: Literal["offer"]
    slot_ids: Annotated[list[UUID], Field(min_length=1, max_length=3)]
    valid_hours: Annotated[int, Field(strict=True, ge=1, le=72)] = 24


class Choose(StepBody):
    """One of the times that are offered."""

    action: Literal["choose"]
    slot_ids: Annotated[list[UUID], Field(min_length=1, max_length=1)]


class Unreached(StepBody):
    """The nurse has called and nobody answered."""

    action: Literal["unreached"]


class Contract(StepBody):
    """The contract with the family doctor has been signed."""

    action: Literal["contract"]


class Transfer(StepBody):
    """Another clinic is to visit: it sees nothing before the subject has agreed to that."""

    action: Literal["transfer"]
    clinic: Annotated[str, Field(min_length=2, max_length=40, pattern=r"^[A-Z0-9-]+$")]
    reason: Reason


class Reoffer(StepBody):
    """The clinic cannot keep the time: it offers another one, ahead of others."""

    action: Literal["reoffer"]
    reason: Reason


class Delay(StepBody):
    """The visit runs late: this one, if it has not begun, and those that follow today move by so many minutes."""

    action: Literal["delay"]
    minutes: Annotated[int, Field(strict=True, ge=5, le=240)]


class Depart(StepBody):
    """Who is on the way; left out, those who were assigned before."""

    action: Literal["depart"]
    worker_ids: Workers | None = None


class Arrive(StepBody):
    """The one who opened has said the door code."""

    action: Literal["arrive"]


class NoShow(StepBody):
    action: Literal["no-show"]


class Exit(StepBody):
    action: Literal["exit"]
    model_config = ConfigDict(extra="forbid")
    outcome: VisitOutcome
    note: Reason | None = None


class NotEligible(Invalid):
    code = "not-eligible"
    title = Text("不符合上门的条件", "Not meant for a home visit")
    detail = Text(
        "“八十岁以上”与登记的出生年份不符；能出门的请到卫生服务中心就诊。",
        "The registered year of birth says less than eighty. Whoever can walk goes to the clinic.",
    )


class NotOffered(Invalid):
    code = "slot-not-offered"
    title = Text("这个时段不在提供的时段里", "That time was not offered")


class VisitorUnknown(Problem):
    status, code = 409, "visitor-unknown"
    title = Text("请先安排上门的人", "Say first who will visit")
    detail = Text(
        "先用“派工”安排上门的医护，市民才知道谁会敲门。", "Assign the visitor first: people must know who will ring."
    )


FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "mobility": field({"type": "string", "oneOf": choices(MOBILITY)}, 1, "行动情况", "choice"),
        "purpose": field(
            {"type": "string", "oneOf": choices(PURPOSES)}, 2, "想看什么", "choice", told="只有医护能看到，物业看不到"
        ),
        "companion_present": field({"type": "boolean"}, 3, "到时家里有人陪", "switch"),
        "preferred_windows": field(
            {
                "type": "array",
                "maxItems": 3,
                "uniqueItems": True,
                "items": {"type": "string", "oneOf": choices(WINDOWS)},
            },
            4,
            "哪些时间方便（最多三个）",
            "choice",
        ),
        "access_note": field(
            {"type": "string", "maxLength": 200}, 5, "怎么进门", "text", told="例如：三楼，敲门请重一点"
        ),
        "note": field(
            {"type": "string", "maxLength": 200},
            6,
            "想告诉医生的话",
            "text",
            told="只有医护能看到，办结 90 天后删除；急症请拨打 120",
        ),
    },
    "required": ["mobility", "purpose", "companion_present"],
    "additionalProperties": False,
}
