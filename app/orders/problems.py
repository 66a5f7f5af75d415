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
