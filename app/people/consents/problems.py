"""Refusals about consents."""

from app.core.errors import Forbidden, Invalid, NotFound, Problem
from app.core.text import Text


class ConsentTextNotFound(NotFound):
    code = "consent-text-not-found"
    title = Text("没有这个告知文本", "No such text")


class PrivacyVersionUnknown(Invalid):
    code = "privacy-version-unknown"
    title = Text("不是现行的隐私告知", "Not the privacy notice in force")
    detail = Text(
        "请重新读取 GET /v1/consent-texts/PRIVACY，同意现行的版本。",
        "Read GET /v1/consent-texts/PRIVACY again and agree to the version in force.",
    )


class ConsentVersionUnknown(Invalid):
    code = "consent-version-unknown"
    title = Text("不是现行的告知文本", "Not the text in force")
    detail = Text(
        "请重新读取 GET /v1/consent-texts/{consent}，同意现行的版本。",
        "Read GET /v1/consent-texts/{consent} again and agree to the version in force.",
    )


class RecipientWrong(Invalid):
    code = "recipient-wrong"
    title = Text("接收方不对", "The recipient is wrong")
    detail = Text(
        "SHARE_WITH_CLINIC 要在 recipient 里写明卫生服务中心的编号，HEALTH_DATA 不要写。",
        "SHARE_WITH_CLINIC names a known clinic in `recipient`; HEALTH_DATA names nobody.",
    )


class ConsentNotFound(NotFound):
    code = "consent-not-found"
    title = Text("没有可以撤回的同意", "There is no consent to withdraw")


class GuardianRequired(Problem):
    status, code = 409, "guardian-required"
    title = Text("要由监护人同意", "A guardian must consent")
    detail = Text(
        "未满十四周岁的孩子，由登记的监护人同意（个人信息保护法第三十一条）。",
        "For a child under fourteen the registered guardian consents (PIPL, art. 31).",
    )


class NotTheSubject(Forbidden):
    code = "not-the-subject"
    title = Text("只能由本人同意", "Only the person himself consents")
    detail = Text(
        "同意要由本人作出；只有登记的监护人可以代被监护人同意。",
        "Consent is the person's own; only a registered guardian gives it for a ward.",
    )


class CallNotLinked(Problem):
    status, code = 409, "call-not-linked"
    title = Text("来电没有关联到这位市民", "The call is not about this person")
    detail = Text(
        "请先用 POST /v1/calls/(编号)/steps 把来电关联到本人，再记下他的话。",
        "Link the call to the person first (POST /v1/calls/(number)/steps), then record what he says.",
    )
