"""What crosses the wire about signing in by WeChat."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.core.fields import Flag
from app.core.text import Line
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
