"""What crosses the wire about signing in by WeChat and its messages."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.core.fields import Flag, Instant
from app.core.text import Code, Line
from app.people.schemas import SignedIn, TextVersion, Token

WechatCode = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]


class WechatSignIn(BaseModel):
    """`code` from wx.login, `phone_code` from the button getPhoneNumber; the rest as in a sign-in by phone."""

    model_config = ConfigDict(extra="forbid")

    code: WechatCode
    phone_code: WechatCode | None = None
    name: Line | None = None
    new_person: Flag = False
    privacy_version: TextVersion | None = None


class WechatSignedIn(SignedIn):
    """The account is linked: the tokens of its resident."""

    result: Literal["SIGNED_IN"]


class WechatPhoneNeeded(BaseModel):
    """The account is nobody's yet: sign in by phone with this `link_token`, or send a `phone_code`."""

    result: Literal["PHONE_NEEDED"]
    link_token: Token
    expires_in: Annotated[int, Field(ge=1, le=3600, description="link_token 有效的秒数")]


WechatAnswer = Annotated[WechatSignedIn | WechatPhoneNeeded, Field(discriminator="result")]


class AnswerSubscriptions(BaseModel):
    """What the resident has tapped in wx.requestSubscribeMessage, by our names of the templates."""

    model_config = ConfigDict(extra="forbid")

    accepted: Annotated[list[Code], Field(max_length=20)]
    rejected: Annotated[list[Code], Field(max_length=20)]


class SubscriptionRead(BaseModel):
    """A message to ask for: `template_id` goes into wx.requestSubscribeMessage at the tap `ask_at`.

    `remaining` is how many of them may still be sent; `rejected_at` the last time that the resident said no.
    """

    template: Code
    template_id: Annotated[str, Field(max_length=100)]
    ask_at: Literal["PLACE_ORDER", "ACCEPT_QUOTE", "OPEN_ORDER"]
    remaining: Annotated[int, Field(ge=0, le=100)]
    rejected_at: Instant | None


class SubscriptionsRead(BaseModel):
    """`linked`: whether a WeChat account is linked; without one nothing is sent."""

    linked: Flag
    items: Annotated[list[SubscriptionRead], Field(max_length=100)]
