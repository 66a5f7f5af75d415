"""The states and steps of a wedding and of a funeral, and who is waited for in each."""

from typing import Final

from app.core.flow import CLERK, COMMITTEE, CREW, DUTY, MANAGER, RESIDENT, SYSTEM, Flow, Party, Step
from app.core.text import Text

Waits = dict[str, tuple[Party | None, Text]]
BEFORE: Final = {"SUBMITTED", "FILED", "BOOKED"}
UNENDED: Final = {"SUBMITTED", "FAST_CONFIRMED", "IN_PROGRESS"}
UNFILED: Final = {"SUBMITTED", "FAST_CONFIRMED", "IN_PROGRESS", "FINISHED", "CONFIRMED"}

END_LABELS: Final = {
    "IN_PROGRESS": Text("进行中", "In progress"),
    "FINISHED": Text("待确认结算单", "Settlement list to be confirmed"),
    "DISPUTED": Text("有异议", "Disputed"),
    "CONFIRMED": Text("待结算", "Confirmed"),
    "DONE": Text("已办结", "Done"),
    "CANCELLED": Text("已取消", "Cancelled"),
    "DECLINED": Text("未能承接", "Declined"),
}
END: Final = (
    Step("confirm", {"FINISHED"}, {"CONFIRMED", "DONE"}, by=RESIDENT, label=Text("确认结算单", "Confirm")),
    Step("remind", {"FINISHED"}, None, by=SYSTEM, label=Text("提醒确认", "Remind")),
    Step("lapse-silence", {"FINISHED"}, {"CONFIRMED", "DONE"}, by=SYSTEM, label=Text("默认确认", "Silence accepts")),
    Step("dispute", {"FINISHED", "CONFIRMED"}, "DISPUTED", by=RESIDENT, label=Text("提出异议", "Dispute")),
    Step("resolve", {"DISPUTED"}, {"IN_PROGRESS", "FINISHED"}, by=MANAGER, label=Text("处理异议", "Resolve")),
    Step("settle", {"CONFIRMED"}, {"CONFIRMED", "DONE"}, by=CLERK, label=Text("收款", "Settle")),
)

WEDDING_FLOW: Final = Flow(
    "SUBMITTED",
    {
        "SUBMITTED": Text("待备案", "To be filed"),
        "FILED": Text("已备案，待付定金", "Filed; deposit due"),
        "BOOKED": Text("已订定", "Booked"),
        "LAPSED": Text("逾期未付定金", "Lapsed"),
        **END_LABELS,
    },
    Step("file", {"SUBMITTED"}, {"FILED", "BOOKED"}, by=COMMITTEE, label=Text("备案", "File")),
    Step("file", {"SUBMITTED"}, {"FILED", "BOOKED"}, by=CLERK, label=Text("代为备案", "File")),
    Step("escalate-filing", {"SUBMITTED"}, None, by=SYSTEM, label=Text("备案超期", "Filing overdue")),
    Step("settle", {"FILED"}, {"FILED", "BOOKED"}, by=CLERK, label=Text("收定金", "Settle the deposit")),
    Step("lapse-deposit", {"FILED"}, "LAPSED", by=SYSTEM, label=Text("定金逾期", "Deposit lapses")),
    Step("assign", {"FILED", "BOOKED"}, None, by=MANAGER, label=Text("派工", "Assign")),
    Step("start", {"BOOKED"}, "IN_PROGRESS", by=CREW, label=Text("开始", "Start")),
    Step("inspect", {"IN_PROGRESS"}, "FINISHED", by=MANAGER, label=Text("验场结算", "Inspect")),
    *END,
    Step("refund", {"DONE", "CANCELLED", "DECLINED", "LAPSED"}, None, by=CLERK, label=Text("退款", "Refund")),
    Step("reschedule", BEFORE, None, by=RESIDENT, label=Text("改期", "Reschedule")),
    Step("amend", BEFORE, None, by=RESIDENT, label=Text("修改", "Amend")),
    Step("cancel", BEFORE, "CANCELLED", by=RESIDENT, label=Text("取消", "Cancel")),
    Step("cancel-excused", {"BOOKED"}, "CANCELLED", by=CLERK, label=Text("凭证明取消", "Cancel on proof")),
    Step("decline", {"SUBMITTED"}, "DECLINED", by=COMMITTEE | MANAGER, label=Text("不予备案", "Decline")),
    Step("decline", {"FILED", "BOOKED"}, "DECLINED", by=MANAGER, label=Text("不能承接", "Decline")),
)
FUNERAL_FLOW: Final = Flow(
    "SUBMITTED",
    {
        "SUBMITTED": Text("待值班确认", "Waiting for the duty person"),
        "FAST_CONFIRMED": Text("值班已确认", "Confirmed by the duty person"),
        **END_LABELS,
    },
    Step("fast-confirm", {"SUBMITTED"}, "FAST_CONFIRMED", by=DUTY, label=Text("值班确认", "Confirm")),
    Step("escalate", {"SUBMITTED"}, None, by=SYSTEM, label=Text("催下一位值班人员", "Escalate")),
    Step("arrange", UNENDED, None, by=DUTY | COMMITTEE, label=Text("安排场地", "Arrange")),
    Step("file", UNFILED, None, by=COMMITTEE, label=Text("备案", "File")),
    Step("remind-filing", UNFILED, None, by=SYSTEM, label=Text("催办备案", "Remind of the filing")),
    Step("assign", UNENDED, None, by=DUTY, label=Text("派工", "Assign")),
    Step("start", {"FAST_CONFIRMED"}, "IN_PROGRESS", by=CREW, label=Text("开始", "Start")),
    Step("finish", {"IN_PROGRESS"}, "FINISHED", by=CREW, label=Text("结束", "Finish")),
    *END,
    Step("amend", UNENDED, None, by=RESIDENT, label=Text("修改", "Amend")),
    Step("cancel", {"SUBMITTED", "FAST_CONFIRMED"}, "CANCELLED", by=RESIDENT, label=Text("取消", "Cancel")),
    Step("decline", {"SUBMITTED", "FAST_CONFIRMED"}, "DECLINED", by=MANAGER, label=Text("不能承接", "Decline")),
)

_END_WAITS: Final[Waits] = {
    "FINISHED": (
        Party.RESIDENT,
        Text("结算单已出，请您确认；没有回音视为确认。", "The settlement list is there; silence accepts it."),
    ),
    "DISPUTED": (Party.MANAGER, Text("您的异议正在处理。", "Your dispute is being handled.")),
    "CONFIRMED": (Party.CLERK, Text("请按结算单付款。", "Please pay by the settlement list.")),
    "DONE": (None, Text("已办结。", "Done.")),
    "CANCELLED": (None, Text("已取消。", "Cancelled.")),
}
WEDDING_WAITS: Final[Waits] = {
    "SUBMITTED": (
        Party.COMMITTEE,
        Text("场地已留，等物管会备案。", "The venue is kept; the committee has to file it."),
    ),
    "FILED": (Party.CLERK, Text("已备案，请按期付定金。", "Filed; please pay the deposit in time.")),
    "BOOKED": (Party.CREW, Text("定金已付，场地订好了。", "The deposit is paid; the venue is yours.")),
    "IN_PROGRESS": (Party.MANAGER, Text("正在进行，结束后一起验场。", "Under way; the venue is inspected afterwards.")),
    **_END_WAITS,
    "DECLINED": (None, Text("未能承接，已付的款项全部退还。", "Declined; all that was paid is given back.")),
    "LAPSED": (
        None,
        Text("定金没有按期付清，场地已放开。", "The deposit was not paid in time; the venue is free again."),
    ),
}
FUNERAL_WAITS: Final[Waits] = {
    "SUBMITTED": (
        Party.DUTY,
        Text("值班人员很快回电；也可以直接打值班电话。", "The duty person will call soon; you may call too."),
    ),
    "FAST_CONFIRMED": (Party.CREW, Text("值班人员已安排，师傅会按时到。", "Arranged; the crew will come.")),
    "IN_PROGRESS": (Party.CREW, Text("正在协助治丧。", "The help is under way.")),
    **_END_WAITS,
    "DECLINED": (None, Text("未能承接，不收费。", "Declined; nothing is charged.")),
}
