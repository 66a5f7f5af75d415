"""Refusals about bindings and invitations."""

from app.core.errors import Forbidden, Invalid, NotFound, Problem
from app.core.text import Text


class RoomUnknown(Invalid):
    code = "room-unknown"
    title = Text("没有这个房号", "No such room")
    detail = Text(
        "没有房号 {room}，请从小区的房号表里选择。", "There is no room {room}. Choose one from the compound's places."
    )


class AlreadyBound(Problem):
    status, code = 409, "already-bound"
    title = Text("已经绑定或正在核实", "Bound already, or waiting for it")
    detail = Text("这间房屋{state}，不必再次申请。", "The room is bound already: {state}.")


class TooManyPending(Problem):
    status, code = 409, "too-many-pending"
    title = Text("待核实的申请太多", "Too many requests are waiting")
    detail = Text(
        "同时最多 {most} 个待核实的申请，请等待核实或撤回。",
        "At most {most} may wait. Withdraw one or wait for the clerk.",
    )


class InvitationWrong(Invalid):
    code = "invitation-wrong"
    title = Text("邀请码不对", "The invitation code is wrong")
    detail = Text(
        "邀请码不对、已用过或已过期，请向业主核对。", "The code is wrong, used or expired. Ask the owner for it."
    )


class InvitationRole(Invalid):
    code = "invitation-role"
    title = Text("与邀请的身份不符", "Not the role of the invitation")
    detail = Text("这个邀请码的身份是 {role}。", "The invitation is for {role}.")


class OwnerRequired(Problem):
    status, code = 409, "owner-required"
    title = Text("只有现在的业主可以邀请", "Only a current owner invites")
    detail = Text(
        "您现在不是这间房屋已核实的业主，不能邀请他人。", "You are not a verified, current owner of this room."
    )


class PeriodWrong(Invalid):
    code = "period-wrong"
    title = Text("起止日期不对", "The period is wrong")


class ResidencyNotFound(NotFound):
    code = "residency-not-found"
    title = Text("没有这个绑定", "No such binding")


class NotForOthers(Forbidden):
    code = "proxy-scope"
    title = Text("只能为自己办理", "Only for yourself")


class OnBehalfRequired(Invalid):
    code = "on-behalf-required"
    title = Text("请注明为谁办理", "Say for whom")
    detail = Text("代办时 on_behalf_of_id 必填。", "An agent must name the person in on_behalf_of_id.")


class ResidentUnknown(Invalid):
    code = "resident-unknown"
    title = Text("没有找到这位市民", "No such resident")
