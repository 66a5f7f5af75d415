"""Refusals about what happens to people."""

from app.core.errors import Invalid
from app.core.text import Text


class EventDay(Invalid):
    code = "event-day"
    title = Text("日期不对", "The day is wrong")
    detail = Text("不能是将来的日子，出院不能早于住院。", "It lies in the future, or before the one that it ends.")
