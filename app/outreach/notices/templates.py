"""What notifications say, in two languages; the code of a template is also the one that the SMS gateway knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.core.text import Text, language

PARAMS = ("number", "title", "date", "time", "visitor", "code")
"""All that a message may name: an order's number, a service's title, day and time, who will ring and what he says."""


@dataclass(frozen=True, slots=True)
class Template:
    """One message. A dated one names the day; a gentle one (a reminder, a request) is not for the ill."""

    title: Text
    body: Text
    dated: bool = False
    gentle: bool = False


class Told(NamedTuple):
    title: str
    body: str


GENERAL = Template(
    Text("订单有新进展", "News of your order"),
    Text("您的订单 {number} 有新进展。", "Your order {number} has moved on."),
)
"""What is said by a template that this version of the program does not know."""


def _about(zh: str, en: str, title: Text, *, dated: bool = False, gentle: bool = False) -> Template:
    body = Text(f"您的订单 {{number}}（{{title}}）{zh}", f"Your order {{number}} ({{title}}) {en}")
    return Template(title, body, dated, gentle)


TEMPLATES: Mapping[str, Template] = {
    "order-placed": _about("已收到。", "has been received.", Text("订单已收到", "Order received")),
    "order-accepted": _about("已受理。", "has been accepted.", Text("订单已受理", "Order accepted")),
    "order-declined": _about(
        "没有被受理，请查看原因。", "was declined; see why.", Text("订单未受理", "Order declined")
    ),
    "order-assigned": _about("已派人。", "has been given to somebody.", Text("已派人", "Somebody is assigned")),
    "order-scheduled": _about("已排期。", "has been scheduled.", Text("已排期", "Scheduled"), dated=True),
    "order-rescheduled": _about("改期了。", "has another time.", Text("时间有变", "Another time"), dated=True),
    "order-displaced": _about(
        "原定时间不能用了，工作人员会联系您改期。",
        "has lost its time; somebody will call you to find another one.",
        Text("时间需要调整", "Your time has been cancelled"),
    ),
    "order-surveyed": _about("已完成勘察。", "has been surveyed.", Text("已勘察", "Surveyed")),
    "order-quoted": _about(
        "已报价，请确认。", "has a quote; please decide.", Text("报价待确认", "A quote to decide on")
    ),
    "order-changed": _about(
        "有变更报价，请确认。", "has a changed quote; please decide.", Text("变更待确认", "A change to decide on")
    ),
    "order-quote-accepted": _about("报价已确认。", "has an accepted quote.", Text("报价已确认", "Quote accepted")),
    "order-expired": _about("报价已过期。", "has an expired quote.", Text("报价已过期", "Quote expired")),
    "order-finished": _about("已完工，请验收。", "is finished; please check it.", Text("已完工", "Finished")),
    "order-resolved": _about("的异议已处理。", "has its complaint answered.", Text("异议已处理", "Complaint answered")),
    "order-filed": _about("已备案。", "has been filed.", Text("已备案", "Filed")),
    "order-booked": _about(
        "定金已收，已经订定。", "is booked; the deposit is paid.", Text("已订定", "Booked"), dated=True
    ),
    "order-lapsed": _about(
        "没有按期付定金，场地已放开。", "has lapsed: the deposit was not paid in time.", Text("已逾期", "Lapsed")
    ),
    "order-fast-confirmed": _about(
        "值班人员已确认。", "has been confirmed by the person on duty.", Text("已确认", "Confirmed")
    ),
    "order-arranged": _about(
        "场地和时段已安排。", "has been given a place and a time.", Text("场地已安排", "Arranged"), dated=True
    ),
    "order-listed": _about("结算单已出，请查看。", "has its settlement list.", Text("结算单已出", "Settlement list")),
    "order-settled": _about("已收到付款。", "has been paid.", Text("已付款", "Paid")),
    "order-refunded": _about("已退款。", "has been refunded.", Text("已退款", "Refunded")),
    "order-cancelling": _about("正在办理取消。", "is being cancelled.", Text("取消办理中", "Being cancelled")),
    "order-cancelled": _about("已取消。", "has been cancelled.", Text("订单已取消", "Order cancelled")),
    "order-offered": _about(
        "有几个时间可选，请选一个。", "has some times to choose from.", Text("请选时间", "Choose a time")
    ),
    "order-offer-lapsed": _about(
        "的备选时间已过期，我们会再联系您。",
        "lost the times offered; we shall call again.",
        Text("时间已过期", "Offer lapsed"),
    ),
    "order-confirmed": _about("时间已约好。", "has its time.", Text("时间已约好", "Time confirmed"), dated=True),
    "order-visitor": _about(
        "到时由{visitor}敲门，门口口令 {code}，对不上请不要开门。",
        "will be served by {visitor}, who says the door code {code}; open to nobody else.",
        Text("谁会敲门", "Who will ring"),
        dated=True,
    ),
    "order-departed": _about("上门的人已经出发。", "is on its way.", Text("已出发", "On the way")),
    "order-late": _about("要晚一些到。", "will be late.", Text("时间顺延", "Running late"), dated=True),
    "order-missed": _about(
        "到时家里没有人，需要时请再约。",
        "found nobody at home; please order again.",
        Text("没有见到您", "Nobody was at home"),
    ),
    "order-reoffer": _about(
        "原定时间有变，我们会尽快给您新的时间。",
        "has lost its time; you will be offered another one soon.",
        Text("时间有变", "Another time"),
    ),
    "order-sign": _about(
        "需要先签约，工作人员会帮您办理。",
        "needs a contract first; we shall help.",
        Text("需要签约", "Contract needed"),
    ),
    "order-transfer": _about(
        "要转给另一家单位，等本人同意。",
        "is to go to another provider; it waits for the person's consent.",
        Text("转介待同意", "Consent needed"),
    ),
    "order-not-visited": _about(
        "不能上门，请看说明。", "cannot be done at home; see why.", Text("不能上门", "No visit")
    ),
    "order-remind": _about(
        "已完工，还等您确认。", "is finished and waits for your word.", Text("请您确认", "A reminder"), gentle=True
    ),
    "order-rate": _about(
        "已办完，请您评价。", "is done; please rate it.", Text("请您评价", "Please rate"), gentle=True
    ),
}
DAY = Text("时间：{date} {time}。", " On {date} {time}.")


def of(code: str) -> Template:
    return TEMPLATES.get(code, GENERAL)


def told(code: str, params: Mapping[str, str]) -> Told:
    """Title and sentence in the language of the one who reads."""
    template = of(code)
    title = params.get("title_en" if language.get() == "en" else "title", "")
    words = {**dict.fromkeys(PARAMS, ""), **params, "title": title}
    body = str(template.body) + (str(DAY) if template.dated and words["date"] else "")
    return Told(str(template.title), body.format(**words))
