"""Refusals that several kinds share."""

from app.core.errors import Invalid, Problem
from app.core.text import Text


class QuoteVersionNeeded(Invalid):
    code = "quote-version-required"
    title = Text("请注明接受的是第几版报价", "Name the version of the quote that you accept")


class QuoteGone(Problem):
    status, code = 409, "quote-changed"
    title = Text("报价已更新或过期", "The quote has changed or expired")
    detail = Text("现在有效的是第 {version} 版报价，请看过后再接受。", "Version {version} holds now. Read it first.")


class NothingToPay(Problem):
    status, code = 409, "nothing-to-pay"
    title = Text("没有待付的款项", "Nothing is to be paid")


class NothingToRefund(Problem):
    status, code = 409, "nothing-to-refund"
    title = Text("没有待退的款项", "Nothing is to be refunded")


class InThePast(Invalid):
    code = "in-the-past"
    title = Text("时间已经过去", "That time has passed")


class TooMuchPaid(Invalid):
    code = "amount-too-large"
    title = Text("金额超过了应付的余额", "More than the balance")
    detail = Text("应付余额是 {balance} 元，不能超过它。", "The balance is {balance} yuan; not more than that.")


class FormInvalid(Invalid):
    """The answers do not fit the form; `errors` names each field."""

    code = "form-invalid"
    title = Text("表单填写有误", "The form is filled in wrongly")
    detail = Text("{what}", "{what}")
