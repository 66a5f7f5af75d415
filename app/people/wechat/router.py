"""/v1/auth/wechat, /v1/me/wechat, /v1/me/subscriptions: signing in from the mini-program, and its messages."""

from typing import Annotated

from fastapi import Body, Depends, Request

from app.core.actors import Role
from app.core.errors import RateLimited
from app.people.codes import AccountResting, PhoneHolderUnsure
from app.people.consents.problems import PrivacyVersionUnknown
from app.people.wechat import accounts, examples, subscriptions
from app.people.wechat.client import Wechat
from app.people.wechat.problems import TemplateUnknown, WechatCodeWrong, WechatUnavailable
from app.people.wechat.schemas import AnswerSubscriptions, SubscriptionsRead, WechatAnswer, WechatSignIn
from app.people.wechat.sign_in import sign_in
from app.web.problems import problems
from app.web.route import only, public, router
from app.web.work import PutDep, SignInDep, SnapshotDep, WorkDep

auth = router("/v1/auth", "登录")
mine = router("/v1/me/wechat", "市民")
messages = router("/v1/me/subscriptions", "市民")


def _wechat(request: Request) -> Wechat:
    found: Wechat = request.app.state.wechat
    return found


@auth.post(
    "/wechat",
    operation_id="signInByWechat",
    responses=problems(
        WechatCodeWrong, PhoneHolderUnsure, AccountResting, PrivacyVersionUnknown, RateLimited, WechatUnavailable
    ),
)
@public
async def sign_in_by_wechat(
    work: SignInDep,
    wechat: Annotated[Wechat, Depends(_wechat)],
    body: Annotated[WechatSignIn, Body(openapi_examples=examples.SIGN_IN)],
) -> WechatAnswer:
    """微信小程序登录，`code` 来自 `wx.login`。`result` 为 `SIGNED_IN` 时得到令牌。

    微信号还没有关联时 `result` 为 `PHONE_NEEDED`：在十分钟内用手机验证码登录，并把 `link_token` 带进
    `POST /v1/auth/otp/verify`，就关联好了；或者让用户点取手机号按钮，把它的 `code` 作为 `phone_code` 再来一次
    （`wx.login` 也要重新调用）。带 `phone_code` 时关联到这个手机号，规则和短信验证码登录一样。

    手机号换了人或改了号，微信关联随即失效。
    """
    return await sign_in(work, wechat, body)


@mine.delete("", operation_id="unlinkWechat", status_code=204)
@only(Role.RESIDENT)
async def unlink_wechat(work: PutDep) -> None:
    """解除本人的微信关联：以后用微信登录要重新验证手机号。没有关联时也返回 204。"""
    assert work.actor.id is not None
    await accounts.unlink(work, work.actor.id)


@messages.get("", operation_id="readSubscriptions")
@only(Role.RESIDENT)
async def read_subscriptions(work: SnapshotDep) -> SubscriptionsRead:
    """在哪个点击时（`ask_at`：下单、确认报价、查看订单）用哪些 `template_id` 调用 `wx.requestSubscribeMessage`。

    每次“允许”能收一条；`remaining` 为 0 时改发短信。
    """
    return await subscriptions.read(work)


@messages.post("", operation_id="answerSubscriptions", responses=problems(TemplateUnknown))
@only(Role.RESIDENT)
async def answer_subscriptions(
    work: WorkDep, body: Annotated[AnswerSubscriptions, Body(openapi_examples=examples.ANSWER)]
) -> SubscriptionsRead:
    """把 `wx.requestSubscribeMessage` 的结果告诉我们：`accept` 的放进 `accepted`，其余放进 `rejected`。

    每个允许记一条；重发时请用同一个 `Idempotency-Key`，不会记两次。
    """
    await subscriptions.answer(work, body)
    return await subscriptions.read(work)


ROUTERS = (auth, mine, messages)
