"""Refusals: named classes with a stable code, a status and words in two languages; `web` carries them."""

from typing import Any, ClassVar

from app.core.text import Text


class Problem(Exception):
    """A refusal that the caller is told about, as RFC 9457 problem details.

    `keep=True` commits what the request has written so far before the refusal is answered: a wrong code must count.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str]
    title: ClassVar[Text]
    detail: ClassVar[Text | None] = None

    def __init__(
        self,
        *,
        keep: bool = False,
        pointer: str | None = None,
        retry_after: int | None = None,
        headers: dict[str, str] | None = None,
        extra: dict[str, Any] | None = None,
        **words: object,
    ) -> None:
        super().__init__(self.code)
        self.keep = keep
        self.pointer = pointer
        self.retry_after = retry_after
        self.headers = headers or {}
        self.extra = extra or {}
        self.words = words

    def say(self) -> str:
        """The detail in the language of the request, with this case's words in it."""
        return str(self.detail or self.title).format(**{k: str(v) for k, v in self.words.items()})


class Unauthenticated(Problem):
    status, code = 401, "unauthenticated"
    title = Text("请先登录", "Sign in first")
    detail = Text("登录已失效或未登录，请重新登录。", "You are not signed in, or the sign-in has ended. Sign in again.")


class Forbidden(Problem):
    status, code = 403, "forbidden"
    title = Text("无权进行此操作", "Not yours to do")
    detail = Text("您的身份不能进行此操作。", "Your role may not do this.")


class NotFound(Problem):
    status, code = 404, "not-found"
    title = Text("没有找到", "Not found")
    detail = Text("没有找到您要的内容，请核对编号。", "Nothing of that name is here for you. Check the number.")


class InvalidTransition(Problem):
    status, code = 409, "invalid-transition"
    title = Text("现在不能进行这一步", "Not at this moment")
    detail = Text(
        "当前状态为“{status}”，不能进行“{action}”。", "The status is “{status}”; “{action}” cannot be done now."
    )


class VersionMismatch(Problem):
    status, code = 412, "version-mismatch"
    title = Text("内容已被更新", "It has changed")
    detail = Text(
        "您看到的是旧版本，现在的版本是 {version}。请刷新后再提交。",
        "You saw an older version; it is now at version {version}. Reload and send again.",
    )


class VersionRequired(Problem):
    status, code = 428, "version-required"
    title = Text("请注明版本", "Name the version")
    detail = Text("请在 If-Match 里带上您看到的版本（ETag）。", "Send the version that you saw (its ETag) in If-Match.")


class Invalid(Problem):
    """A body of the right JSON types that breaks a rule of shape; subclasses name the rule."""

    status, code = 422, "invalid"
    title = Text("填写的内容有误", "Something is filled in wrongly")


class RateLimited(Problem):
    status, code = 429, "rate-limited"
    title = Text("操作太频繁", "Too often")
    detail = Text("操作太频繁，请 {seconds} 秒后再试。", "Too often. Try again in {seconds} seconds.")


class Busy(Problem):
    status, code = 503, "busy"
    title = Text("系统繁忙", "Busy")
    detail = Text(
        "系统繁忙，请稍后用同一个 Idempotency-Key 再提交一次，不会重复下单。",
        "The system is busy. Send the same request again with the same Idempotency-Key; nothing is done twice.",
    )
