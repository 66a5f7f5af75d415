"""Refusals about areas."""

from app.core.errors import Invalid, NotFound
from app.core.text import Text


class CompoundNotFound(NotFound):
    code = "compound-not-found"
    title = Text("没有这个小区", "No such compound")


class AreaNotFound(NotFound):
    code = "area-not-found"
    title = Text("没有这个物业管理区域", "No such management area")


class ClinicNotFound(NotFound):
    code = "clinic-not-found"
    title = Text("没有这个卫生服务中心", "No such clinic")


class CompoundsUnknown(Invalid):
    code = "compounds-unknown"
    title = Text("没有这个小区", "No such compound")
    detail = Text("没有代码为 {compound} 的小区。", "There is no compound {compound}.")
