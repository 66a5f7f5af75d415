"""The refusals of call tasks."""

from app.core.errors import Invalid, NotFound, Problem
from app.core.text import Text


class TaskNotFound(NotFound):
    code = "call-task-not-found"
    title = Text("没有这条电话任务", "No such call task")


class NoPhone(Problem):
    status, code = 409, "no-phone"
    title = Text("这条任务没有号码", "The task has no number")
    detail = Text("请从订单里查看联系方式。", "Look for the contact in the order.")


class AgainTooLate(Invalid):
    code = "again-at-outside"
    title = Text("再拨时间不对", "Not a time to try again")
    detail = Text("再拨时间要在现在之后、三天之内。", "The next try lies after now and within three days.")
