"""Refusals of orders."""

from app.core.errors import Invalid, NotFound, Problem
from app.core.text import Text


class OrderNotFound(NotFound):
    code = "order-not-found"
    title = Text("没有这张订单", "No such order")
    detail = Text("没有找到这张订单，请核对单号。", "No such order is here for you. Check the number.")


class PriceChanged(Problem):
    status, code = 409, "price-changed"
    title = Text("价格已更新", "The price has changed")
    detail = Text(
        "填表期间价格已更新为第 {version} 版：{price_text}。请看过新价格后再提交。",
        "The price is now version {version}: {price_text}. Look at it and send again.",
    )


class OutOfSeason(Invalid):
    code = "out-of-season"
    title = Text("现在不在服务季节", "Out of season")
    detail = Text("{reason}，{first} 起可以预约。", "{reason}; it can be ordered from {first}.")


class BindingRequired(Problem):
    status, code = 409, "binding-required"
    title = Text("请先绑定本小区的房屋", "Bind a room in this compound first")
    detail = Text(
        "下单的人在{compound}还没有核实过的房屋。请先绑定，或请服务中心协助。",
        "The person who orders has no verified room in {compound}. Bind one first, or ask the service centre.",
    )


class RoomNotYours(Invalid):
    code = "room-not-yours"
    title = Text("不是下单人的房屋", "Not a room of the person who orders")
    detail = Text("{room} 不是下单人核实过的房屋。", "{room} is not a verified room of the person who orders.")


class RoomRequired(Invalid):
    code = "room-required"
    title = Text("请选择房屋", "Choose the room")
    detail = Text("您在本小区有多套房屋，请注明是哪一套。", "You have several rooms here; say which one is meant.")


class PersonNotFound(Invalid):
    code = "person-not-found"
    title = Text("没有找到这位市民", "No such person")


class OnBehalfRequired(Invalid):
    code = "on-behalf-required"
    title = Text("请注明为谁下单", "Say for whom you order")
    detail = Text("代客下单时 on_behalf_of_id 必填。", "An agent must name the person in on_behalf_of_id.")


class ProxyScope(Problem):
    status, code = 403, "proxy-scope"
    title = Text("没有代办授权", "No proxy for this")
    detail = Text("您没有为这位市民下单的授权。", "You hold no proxy to order for this person.")


class PersonDeceased(Problem):
    status, code = 409, "person-deceased"
    title = Text("这位市民已登记去世", "Registered as deceased")
    detail = Text("如登记有误，请服务中心更正。", "If that is wrong the service centre can put it right.")


class ConsentRequired(Problem):
    status, code = 409, "consent-required"
    title = Text("请先阅读并同意", "Read and agree first")
    detail = Text(
        "还缺这些同意：{codes}。请读 GET /v1/consent-texts/…，再放进 consents。",
        "These consents are missing: {codes}. Read GET /v1/consent-texts/… and send them in consents.",
    )


class ConsentNotYours(Invalid):
    code = "consent-not-yours"
    title = Text("同意只能由本人作出", "Only the person himself can agree")
    detail = Text(
        "同意要由服务对象本人作出；为他人下单时不填，订单会等本人同意。",
        "Leave it out when you order for somebody else: the order waits for the person's own word.",
    )


class ConsentUnknown(Invalid):
    code = "consent-unknown"
    title = Text("没有这项同意", "No such consent")
    detail = Text("“{consent}”不是要征求的同意。", "“{consent}” is nothing that is asked to agree to.")


class NoClinic(Problem):
    status, code = 409, "no-clinic"
    title = Text("本小区还没有对应的卫生服务中心", "No clinic serves this compound yet")
    detail = Text("{compound}还没有对应的卫生服务中心，请拨打服务中心电话。", "No clinic serves {compound} yet.")


class ClinicUnknown(Invalid):
    code = "clinic-unknown"
    title = Text("没有这家卫生服务中心，或就是现在这家", "No such clinic, or the one that has it already")


class TooManyOpen(Problem):
    status, code = 409, "too-many-open-orders"
    title = Text("未办结的订单太多", "Too many open orders")
    detail = Text("同时最多有 {most} 张未办结的订单。", "At most {most} orders may be open at a time.")


class ReadBackRequired(Invalid):
    code = "read-back-required"
    title = Text("请先向市民复述报价", "Read the quote back first")
    detail = Text("代客接受报价前要复述金额，并填 read_back=true。", "Read the quote back and send read_back=true.")


class WorkerUnknown(Invalid):
    code = "worker-unknown"
    title = Text("派工对象不在本片区", "Not a worker of this area")


class AlreadyRated(Problem):
    status, code = 409, "already-rated"
    title = Text("已经评价过了", "Rated already")


class NotRateable(Problem):
    status, code = 409, "not-rateable"
    title = Text("现在还不能评价", "It cannot be rated now")
    detail = Text("完工确认后 30 天内可以评价。", "It can be rated within 30 days after the work is confirmed.")
