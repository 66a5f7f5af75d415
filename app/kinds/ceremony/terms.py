"""What is asked and said about ceremonies: details, rules as data, step bodies, forms, refusals."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import Invalid
from app.core.fields import Day, Flag
from app.core.text import Note, Reason, Text, UpperCode
from app.kinds.base import Details, StepBody
from app.kinds.ceremony.limits import FUNERAL_LIMITS, WEDDING_LIMITS, Limit
from app.kinds.ending import Days, EndingRules
from app.kinds.forms import field
from app.kinds.steps import QuoteLine

Count = Annotated[int, Field(strict=True, ge=0, le=200)]
Many = Annotated[int, Field(strict=True, ge=0, le=5000)]
Few = Annotated[int, Field(strict=True, ge=0, le=14)]
ClockTime = Annotated[str, Field(min_length=5, max_length=5, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day, `HH:MM`."""
FilingNo = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9-]+$")]
Limits = Annotated[tuple[Limit, ...], Field(max_length=40)]


class CeremonyDetails(Details):
    """What both ceremonies tell. Nobody is asked for the cause of death, gift money or party membership."""

    tables: Count
    guests: Many | None = None
    vehicles: Count | None = None
    table_sets: Count = 0
    tent_days: Few = 0
    sound_days: Few = 0
    cleaning: Flag = False
    band_size: Count = 0
    music_from: ClockTime | None = None
    music_until: ClockTime | None = None
    fireworks: Flag = False
    fire_lane_kept: Flag
    remark: Note | None = None


class WeddingDetails(CeremonyDetails):
    """When and where is said by the slots."""

    kind: Literal["WEDDING"]


class FuneralDetails(CeremonyDetails):
    """From which day, from now on when none is named; so many days; in which venue, by the code of its resource."""

    kind: Literal["FUNERAL"]
    starts_on: Day | None = None
    days: Annotated[int, Field(strict=True, ge=1, le=7)]
    venue: UpperCode | None = None


class RefundShare(BaseModel):
    """So many days or more before the beginning, so many percent of the deposit are given back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[int, Field(strict=True, ge=0, le=180)]
    percent: Annotated[int, Field(strict=True, ge=0, le=100)]


class WeddingRules(EndingRules):
    """Limits of the pledge, the deposit and until when it is paid, working days for the filing, the refund scale."""

    limits: Limits = WEDDING_LIMITS
    deposit_fen: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 30000
    deposit_hours: Annotated[int, Field(strict=True, ge=1, le=720)] = 48
    filing_days: Annotated[int, Field(strict=True, ge=1, le=30)] = 2
    refund_scale: Annotated[tuple[RefundShare, ...], Field(max_length=10)] = (
        RefundShare(days=7, percent=100),
        RefundShare(days=3, percent=50),
    )


class FuneralRules(EndingRules):
    """Limits of the pledge, how soon somebody answers, until when it is filed, and the help that costs nothing.

    The last day ends at `day_ends_hour`, local time; no night belongs to it.
    """

    silence_days: Days = 7
    limits: Limits = FUNERAL_LIMITS
    confirm_minutes: Annotated[int, Field(strict=True, ge=5, le=240)] = 30
    escalate_minutes: Annotated[int, Field(strict=True, ge=1, le=120)] = 10
    filing_hours: Annotated[int, Field(strict=True, ge=1, le=168)] = 24
    free_tent_days: Few = 1
    free_table_sets: Count = 8
    day_ends_hour: Annotated[int, Field(strict=True, ge=12, le=21)] = 21


class File(StepBody):
    """The committee has taken note of the ceremony."""

    action: Literal["file"]
    filing_no: FilingNo | None = None
    note: Note | None = None


class FastConfirm(StepBody):
    """The duty person has spoken with the family and takes the funeral on."""

    action: Literal["fast-confirm"]
    note: Note | None = None


class Arrange(StepBody):
    """Other places or parts of days, found by a person who says why; what others have booked stays theirs."""

    action: Literal["arrange"]
    slot_ids: Annotated[list[UUID], Field(min_length=1, max_length=40)]
    reason: Reason


class Inspect(StepBody):
    """The venue as it was given back; `lines` is what is charged beside the order, such as damage."""

    action: Literal["inspect"]
    lines: Annotated[list[QuoteLine], Field(max_length=20)] = Field(default_factory=list)
    note: Note


class Proof(StrEnum):
    """What the clerk has seen; what it says is not kept."""

    ORIGINAL_SEEN = "ORIGINAL_SEEN"
    COPY_SEEN = "COPY_SEEN"


class CancelExcused(StepBody):
    """Cancelled because of a bereavement or an illness, on a proof that the clerk has seen: all is given back."""

    action: Literal["cancel-excused"]
    reason: Reason
    proof: Proof


class NotPosted(Invalid):
    """Nothing is charged that is not posted (明码标价和禁止价格欺诈规定, art. 8), so it cannot be ordered."""

    code = "not-posted"
    title = Text("价目里没有这一项", "Not on the price list")
    detail = Text("本小区这项服务的价目里没有“{what}”。", "The price list of this service has no line {what}.")


class DetailsFixed(Invalid):
    code = "details-fixed"
    title = Text("这些内容现在不能自己修改", "This cannot be changed by yourself now")
    detail = Text(
        "备案以后，或者时间和场地有变动，请联系物业或值班人员。",
        "After the filing, and for another time or venue, please call the property office or the duty person.",
    )


def _number(order: int, title: str, most: int) -> dict[str, Any]:
    return field({"type": "integer", "minimum": 0, "maximum": most}, order, title, "quantity")


def _time(order: int, title: str) -> dict[str, Any]:
    told = "例如 09:00；不放音乐就不填"
    return field({"type": "string", "minLength": 5, "maxLength": 5}, order, title, "text", told=told)


def _switch(order: int, title: str) -> dict[str, Any]:
    return field({"type": "boolean"}, order, title, "switch")


def _form(first: dict[str, Any], *required: str) -> dict[str, Any]:
    """The form of a ceremony: what only this one asks comes first."""
    shared = {
        "tables": _number(11, "办多少桌", 200),
        "guests": _number(12, "大约多少客人", 5000),
        "vehicles": _number(13, "大约多少车辆", 200),
        "table_sets": _number(14, "借桌椅几套", 200),
        "tent_days": _number(15, "搭棚几天", 14),
        "sound_days": _number(16, "用音响几天", 14),
        "cleaning": _switch(17, "由物业清扫"),
        "band_size": _number(18, "乐队几人", 200),
        "music_from": _time(19, "音乐几点开始"),
        "music_until": _time(20, "音乐几点结束"),
        "fireworks": _switch(21, "燃放烟花爆竹"),
        "fire_lane_kept": _switch(22, "保证留出消防车通道"),
        "remark": field({"type": "string", "maxLength": 1000}, 23, "补充说明", "text"),
    }
    return {
        "type": "object",
        "properties": {**first, **shared},
        "required": [*required, "tables", "fire_lane_kept"],
        "additionalProperties": False,
    }


WEDDING_FORM = _form({})
FUNERAL_FORM = _form(
    {
        "starts_on": field(
            {"type": "string", "format": "date", "maxLength": 10},
            1,
            "从哪天开始",
            "date",
            told="不填就是从现在开始",
        ),
        "days": field({"type": "integer", "minimum": 1, "maximum": 7}, 2, "一共几天", "quantity"),
        "venue": field(
            {"type": "string", "maxLength": 40},
            3,
            "用哪个场地",
            "place",
            told="场地代码见时段列表；不填就由值班人员安排",
        ),
    },
    "days",
)
