"""The states and steps of a heating retrofit, and who is waited for in each."""

from typing import Final

from app.core.flow import CLERK, CREW, MANAGER, OWNER, RESIDENT, SYSTEM, Flow, Party, Step
from app.core.text import Text

LABELS: Final = {
    "SUBMITTED": Text("待勘察", "Survey booked"),
    "SURVEYED": Text("已勘察", "Surveyed"),
    "QUOTED": Text("已报价", "Quoted"),
    "ACCEPTED": Text("已接受报价", "Quote accepted"),
    "SCHEDULED": Text("已排期", "Scheduled"),
    "IN_PROGRESS": Text("施工中", "In progress"),
    "CHANGE_PENDING": Text("变更待确认", "Change to be accepted"),
    "TESTED": Text("打压合格", "Pressure tested"),
    "FINISHED": Text("待验收", "Finished"),
    "DISPUTED": Text("有异议", "Disputed"),
    "CONFIRMED": Text("待结算", "Confirmed"),
    "UNDER_WARRANTY": Text("质保中", "Under warranty"),
    "CLOSED": Text("已结束", "Closed"),
    "CANCEL_PENDING": Text("取消待核算", "Cancelling"),
    "CANCELLED": Text("已取消", "Cancelled"),
    "DECLINED": Text("未能承接", "Declined"),
    "QUOTE_REJECTED": Text("未接受报价", "Quote rejected"),
    "QUOTE_EXPIRED": Text("报价已过期", "Quote expired"),
}
EITHER: Final = RESIDENT | OWNER
BEFORE_WORKS: Final = {"SUBMITTED", "SURVEYED", "QUOTED", "ACCEPTED", "SCHEDULED"}
LATE: Final = {"ACCEPTED", "SCHEDULED", "IN_PROGRESS", "CHANGE_PENDING"}
OWED: Final = {
    "SURVEYED",
    "QUOTED",
    "ACCEPTED",
    "SCHEDULED",
    "IN_PROGRESS",
    "CANCELLED",
    "QUOTE_REJECTED",
    "QUOTE_EXPIRED",
}

FLOW: Final = Flow(
    "SUBMITTED",
    LABELS,
    Step("assign", {"SUBMITTED", "SURVEYED", "ACCEPTED"}, None, by=MANAGER, label=Text("派工", "Assign")),
    Step("reschedule", {"SUBMITTED"}, None, by=EITHER, label=Text("改约", "Reschedule")),
    Step("survey", {"SUBMITTED"}, "SURVEYED", by=CREW, label=Text("勘察", "Survey")),
    Step("quote", {"SURVEYED", "QUOTED"}, "QUOTED", by=MANAGER, label=Text("报价", "Quote")),
    Step("accept", {"QUOTED"}, "ACCEPTED", by=OWNER, label=Text("接受报价", "Accept the quote")),
    Step("reject", {"QUOTED"}, "QUOTE_REJECTED", by=OWNER, label=Text("不接受报价", "Reject the quote")),
    Step("lapse", {"QUOTED"}, "QUOTE_EXPIRED", by=SYSTEM, label=Text("报价过期", "Quote expires")),
    Step("schedule", {"ACCEPTED", "SCHEDULED"}, "SCHEDULED", by=MANAGER, label=Text("排期派工", "Schedule")),
    Step("start", {"SCHEDULED"}, "IN_PROGRESS", by=CREW, label=Text("开工", "Start")),
    Step("change", {"IN_PROGRESS"}, "CHANGE_PENDING", by=MANAGER, label=Text("变更", "Change")),
    Step("accept", {"CHANGE_PENDING"}, "IN_PROGRESS", by=OWNER, label=Text("接受变更", "Accept the change")),
    Step("reject", {"CHANGE_PENDING"}, "IN_PROGRESS", by=OWNER, label=Text("不接受变更", "Reject the change")),
    Step("lapse-change", {"CHANGE_PENDING"}, "IN_PROGRESS", by=SYSTEM, label=Text("变更过期", "Change expires")),
    Step("test", {"IN_PROGRESS"}, {"TESTED", "IN_PROGRESS"}, by=CREW, label=Text("打压试水", "Pressure test")),
    Step("finish", {"TESTED"}, "FINISHED", by=CREW, label=Text("完工", "Finish")),
    Step("confirm", {"FINISHED"}, {"CONFIRMED", "UNDER_WARRANTY"}, by=EITHER, label=Text("验收", "Confirm")),
    Step("remind", {"FINISHED"}, None, by=SYSTEM, label=Text("提醒验收", "Remind")),
    Step(
        "lapse-silence",
        {"FINISHED"},
        {"CONFIRMED", "UNDER_WARRANTY"},
        by=SYSTEM,
        label=Text("默认验收", "Silence accepts"),
    ),
    Step("dispute", {"FINISHED", "CONFIRMED"}, "DISPUTED", by=EITHER, label=Text("提出异议", "Dispute")),
    Step("resolve", {"DISPUTED"}, {"IN_PROGRESS", "FINISHED"}, by=MANAGER, label=Text("处理异议", "Resolve")),
    Step("settle", {"CONFIRMED"}, {"CONFIRMED", "UNDER_WARRANTY"}, by=CLERK, label=Text("收款", "Settle")),
    Step("settle", OWED, None, by=CLERK, label=Text("收款", "Settle")),
    Step("refund", {"CANCELLED", "DECLINED"}, None, by=CLERK, label=Text("退款", "Refund")),
    Step("end-warranty", {"UNDER_WARRANTY"}, "CLOSED", by=SYSTEM, label=Text("质保到期", "Warranty ends")),
    Step("amend", {"SUBMITTED", "SURVEYED", "QUOTED", "ACCEPTED"}, None, by=EITHER, label=Text("修改", "Amend")),
    Step("cancel", {"SUBMITTED", "SURVEYED", "QUOTED"}, "CANCELLED", by=EITHER, label=Text("取消", "Cancel")),
    Step("cancel", LATE, {"CANCELLED", "CANCEL_PENDING"}, by=OWNER, label=Text("取消", "Cancel")),
    Step("tally", {"CANCEL_PENDING"}, "CANCELLED", by=MANAGER, label=Text("取消核算", "Tally")),
    Step(
        "decline",
        BEFORE_WORKS | {"IN_PROGRESS", "CHANGE_PENDING", "CANCEL_PENDING"},
        "DECLINED",
        by=MANAGER,
        label=Text("不能承接", "Decline"),
    ),
)

WAITS: Final[dict[str, tuple[Party | None, Text]]] = {
    "SUBMITTED": (Party.MANAGER, Text("已约好上门勘察，师傅会按时到。", "The survey is booked; the crew will come.")),
    "SURVEYED": (Party.MANAGER, Text("已勘察，等物业报价。", "Surveyed; waiting for the quote.")),
    "QUOTED": (Party.OWNER, Text("报价已出，等业主接受。", "The quote waits for the owner.")),
    "ACCEPTED": (Party.MANAGER, Text("定金已付，等物业排期。", "The deposit is paid; waiting for a date.")),
    "SCHEDULED": (Party.CREW, Text("已排期，师傅会按时开工。", "Scheduled; the crew will come.")),
    "IN_PROGRESS": (Party.CREW, Text("正在施工。", "The work is under way.")),
    "CHANGE_PENDING": (Party.OWNER, Text("施工有变更，等业主接受。", "A change waits for the owner.")),
    "TESTED": (Party.CREW, Text("打压合格，正在收尾。", "The pressure test was passed.")),
    "FINISHED": (
        Party.RESIDENT,
        Text("已完工，请验收；没有回音视为验收。", "Finished; please confirm. Silence accepts."),
    ),
    "DISPUTED": (Party.MANAGER, Text("您的异议正在处理。", "Your dispute is being handled.")),
    "CONFIRMED": (Party.CLERK, Text("请按结算单付款。", "Please pay by the settlement list.")),
    "UNDER_WARRANTY": (None, Text("已办结，质保中。", "Done; under warranty.")),
    "CLOSED": (None, Text("质保已到期。", "The warranty has ended.")),
    "CANCEL_PENDING": (Party.MANAGER, Text("取消已收到，物业正在核算。", "Cancelled; the office is tallying.")),
    "CANCELLED": (None, Text("已取消。", "Cancelled.")),
    "DECLINED": (None, Text("物业未能承接，已付的款项全部退还。", "Declined; all that was paid is given back.")),
    "QUOTE_REJECTED": (None, Text("业主没有接受报价。", "The owner did not accept the quote.")),
    "QUOTE_EXPIRED": (None, Text("报价已过期，需要时请重新下单。", "The quote has expired; order again if needed.")),
}
