"""Refusals about proxies."""

from app.core.errors import Invalid, NotFound, Problem
from app.core.text import Text


class ProxyNotFound(NotFound):
    code = "proxy-not-found"
    title = Text("没有这个委托", "No such proxy")


class ProxySelf(Invalid):
    code = "proxy-self"
    title = Text("不能委托给自己", "Nobody is his own proxy")


class MobileRequired(Invalid):
    code = "mobile-required"
    title = Text("固定电话收不到验证码", "A landline gets no code")
    detail = Text(
        "委托人要用手机收验证码；没有手机的，请带书面委托到服务中心办理。",
        "The principal gets a code on a mobile phone. Without one, bring the paper to the service centre.",
    )


class GuardianshipRequired(Problem):
    status, code = 409, "guardianship-required"
    title = Text("未成年人只能由监护人代办", "For a minor only a guardian acts")
    detail = Text(
        "未满十八周岁的人不能自己委托他人，也不能代别人办理；请监护人带证明到服务中心登记。",
        "Somebody under eighteen grants no proxy and holds none. A guardian brings his papers to the service centre.",
    )
