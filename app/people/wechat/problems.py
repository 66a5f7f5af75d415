"""What WeChat refuses, or does not answer."""

from app.core.errors import Invalid, Problem
from app.core.text import Text


class WechatCodeWrong(Problem):
    status, code = 401, "wechat-code-wrong"
    title = Text("微信登录凭证无效", "WeChat does not know the code")
    detail = Text(
        "凭证无效、已过期或已用过，请重新调用 wx.login（或重新点取手机号按钮）。",
        "The code is wrong, has expired or was used. Call wx.login again, or ask for the phone again.",
    )


class WechatUnavailable(Problem):
    status, code = 503, "wechat-unavailable"
    title = Text("微信登录暂时不能用", "WeChat cannot be asked now")
    detail = Text("请稍后再试，或用手机验证码登录。", "Try again later, or sign in by a code to your phone.")


class LinkTokenWrong(Problem):
    status, code = 401, "link-token-wrong"
    title = Text("微信关联已过期", "The link token is wrong")
    detail = Text(
        "link_token 无效、已过期或已用过，请重新用微信登录；验证码还没有用掉。",
        "The link token is wrong, has expired or was used. Sign in by WeChat again; the code has not been used up.",
    )


class TemplateUnknown(Invalid):
    code = "template-unknown"
    title = Text("没有这种消息", "No such message")
    detail = Text(
        "可以订阅的消息见 GET /v1/me/subscriptions。", "GET /v1/me/subscriptions lists the messages there are."
    )
