"""The states and steps of a home visit, who is waited for in each, and what property staff see instead."""

from typing import Final

from app.core.flow import CLINIC, RESIDENT, SUBJECT, SYSTEM, Flow, Party, Step
from app.core.text import Text

LABELS: Final = {
    "AWAITING_CONSENT": Text("待本人同意", "Waiting for consent"),
    "TRIAGE": Text("待回电", "Waiting for the clinic"),
    "NOT_CONTRACTED": Text("待签约", "No contract yet"),
    "OFFERED": Text("待选时间", "Times offered"),
    "CONFIRMED": Text("已约好", "Confirmed"),
    "EN_ROUTE": Text("已出发", "On the way"),
    "IN_VISIT": Text("上门中", "In the visit"),
    "FINISHED": Text("已看完", "Finished"),
    "DISPUTED": Text("有异议", "Disputed"),
    "COMPLETED": Text("已完成", "Completed"),
    "CANCELLED": Text("已取消", "Cancelled"),
    "REFERRED_120": Text("已转急救", "Referred to 120"),
    "OUT_OF_SCOPE": Text("不在上门范围", "Out of scope"),
    "HOSPITALISED": Text("已住院", "In hospital"),
    "NO_ONE_HOME": Text("家中无人", "Nobody home"),
    "ENDED": Text("已结束", "Ended"),
}
BEFORE: Final = {"AWAITING_CONSENT", "TRIAGE", "NOT_CONTRACTED", "OFFERED"}
COMING: Final = BEFORE | {"CONFIRMED", "EN_ROUTE"}

FLOW: Final = Flow(
    "TRIAGE",
    LABELS,
    Step("consent", {"AWAITING_CONSENT"}, "TRIAGE", by=SUBJECT, label=Text("同意", "Consent")),
    Step("consented", {"AWAITING_CONSENT"}, "TRIAGE", by=SYSTEM, label=Text("已同意", "Consented")),
    Step("consents-withdrawn", COMING, "CANCELLED", by=SYSTEM, label=Text("撤回同意", "Consent withdrawn")),
    Step("unreached", {"TRIAGE"}, None, by=CLINIC, label=Text("没打通", "Not reached")),
    Step("offer", {"TRIAGE", "OFFERED"}, "OFFERED", by=CLINIC, label=Text("提供时间", "Offer times")),
    Step("choose", {"OFFERED"}, "CONFIRMED", by=RESIDENT, label=Text("选定时间", "Choose")),
    Step("reject", {"OFFERED"}, "TRIAGE", by=RESIDENT, label=Text("都不合适", "None of them")),
    Step("lapse-offer", {"OFFERED"}, "TRIAGE", by=SYSTEM, label=Text("时间过期", "The offer lapses")),
    Step("triage-late", {"TRIAGE"}, None, by=SYSTEM, label=Text("超过回电时限", "The clinic is late")),
    Step("reschedule", {"CONFIRMED"}, None, by=RESIDENT, label=Text("改约", "Reschedule")),
    Step("assign", {"CONFIRMED"}, None, by=CLINIC, label=Text("安排上门的人", "Say who visits")),
    Step("depart", {"CONFIRMED"}, "EN_ROUTE", by=CLINIC, label=Text("出发", "Depart")),
    Step("arrive", {"EN_ROUTE"}, "IN_VISIT", by=CLINIC, label=Text("到达", "Arrive")),
    Step("delay", {"CONFIRMED", "EN_ROUTE", "IN_VISIT"}, None, by=CLINIC, label=Text("晚到", "Run late")),
    Step("no-show", {"EN_ROUTE"}, "NO_ONE_HOME", by=CLINIC, label=Text("家中无人", "Nobody home")),
    Step("finish", {"IN_VISIT"}, "FINISHED", by=CLINIC, label=Text("看完", "Finish")),
    Step("confirm", {"FINISHED"}, "COMPLETED", by=RESIDENT, label=Text("确认", "Confirm")),
    Step("remind", {"FINISHED"}, None, by=SYSTEM, label=Text("提醒确认", "Remind")),
    Step("lapse-silence", {"FINISHED"}, "COMPLETED", by=SYSTEM, label=Text("默认确认", "Silence accepts")),
    Step("dispute", {"FINISHED"}, "DISPUTED", by=RESIDENT, label=Text("提出异议", "Dispute")),
    Step("resolve", {"DISPUTED"}, {"TRIAGE", "FINISHED"}, by=CLINIC, label=Text("处理异议", "Resolve")),
    Step(
        "exit",
        {"TRIAGE", "NOT_CONTRACTED", "OFFERED", "CONFIRMED", "EN_ROUTE", "IN_VISIT"},
        {"REFERRED_120", "OUT_OF_SCOPE", "NOT_CONTRACTED", "HOSPITALISED", "ENDED"},
        by=CLINIC,
        label=Text("不上门了", "End without a visit"),
    ),
    Step("contract", {"NOT_CONTRACTED"}, "TRIAGE", by=CLINIC, label=Text("已签约", "Contract signed")),
    Step("reoffer", {"OFFERED", "CONFIRMED", "EN_ROUTE"}, "TRIAGE", by=CLINIC, label=Text("另约时间", "Offer anew")),
    Step("transfer", {"TRIAGE", "NOT_CONTRACTED"}, "AWAITING_CONSENT", by=CLINIC, label=Text("转介", "Transfer")),
    Step("amend", BEFORE, None, by=RESIDENT, label=Text("修改", "Amend")),
    Step("cancel", COMING, "CANCELLED", by=RESIDENT, label=Text("取消", "Cancel")),
    Step("end-quietly", COMING | {"FINISHED", "DISPUTED"}, "ENDED", by=SYSTEM, label=Text("结束", "Ended")),
)

WAITS: Final[dict[str, tuple[Party | None, Text]]] = {
    "AWAITING_CONSENT": (
        Party.SUBJECT,
        Text("等本人同意；我们会打电话问本人。", "Waiting for the person's own consent; we shall call."),
    ),
    "TRIAGE": (
        Party.CLINIC,
        Text("卫生服务中心会在当个工作日回电。", "The clinic calls back on the same working day."),
    ),
    "NOT_CONTRACTED": (
        Party.CLINIC,
        Text("还没有签约，工作人员会帮您办签约。", "We shall help you to sign a contract."),
    ),
    "OFFERED": (Party.RESIDENT, Text("有几个时间可选，请选一个。", "Please choose one of the times offered.")),
    "CONFIRMED": (Party.CLINIC, Text("时间已约好，到时有人上门。", "The time is set; somebody will come.")),
    "EN_ROUTE": (Party.CLINIC, Text("已经出发，请留意敲门。", "On the way; please listen for the door.")),
    "IN_VISIT": (Party.CLINIC, Text("正在上门。", "The visit is under way.")),
    "FINISHED": (Party.RESIDENT, Text("已看完；没有回音视为确认。", "Finished; silence accepts.")),
    "DISPUTED": (Party.CLINIC, Text("您的异议正在处理。", "Your dispute is being handled.")),
    "COMPLETED": (None, Text("已完成。", "Completed.")),
    "CANCELLED": (None, Text("已取消，不收费。", "Cancelled; nothing is charged.")),
    "REFERRED_120": (None, Text("已转急救。", "Referred to the emergency service.")),
    "OUT_OF_SCOPE": (None, Text("不在上门服务的范围内，请到卫生服务中心。", "Out of scope; please go to the clinic.")),
    "HOSPITALISED": (None, Text("已结束。", "Ended.")),
    "NO_ONE_HOME": (None, Text("到时家里没有人，需要时请再约。", "Nobody was at home; please order again.")),
    "ENDED": (None, Text("已结束。", "Ended.")),
}

DISCREET: Final = {
    status: "OPEN" if status in COMING | {"IN_VISIT", "FINISHED", "DISPUTED"} else "CLOSED" for status in LABELS
}
"""Property staff see time, door and “home visit”, and whether it is still to come."""
