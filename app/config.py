"""Settings: read once from the environment, then frozen; everything else is data in the database."""

import ipaddress
import os
import sys
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEV_SECRET = "development-only-secret-do-not-use-in-production"  # noqa: S105 production refuses it
DEV_ENCRYPTION_KEY = "dev:ZGV2ZWxvcG1lbnQtb25seS0zMi1ieXRlcy1rZXkhISE="

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def default_data_dir() -> Path:
    """The platform's folder for a user's data; for root one that an unprivileged user can traverse."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/diandan")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "diandan"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "diandan"


class WechatTemplate(BaseModel):
    """A message that a mini-program may send: its id at WeChat, its fields and page, and when consent is asked for.

    Fields and page are texts with our names in braces, such as `{number}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=100)
    data: dict[Annotated[str, Field(pattern=r"^[a-z_]+[0-9]+$")], str]
    page: str = Field(max_length=200)
    ask_at: Literal["PLACE_ORDER", "ACCEPT_QUOTE", "OPEN_ORDER"]

    @field_validator("data", "page")
    @classmethod
    def _plain_names(cls, value: dict[str, str] | str) -> dict[str, str] | str:
        for text in value.values() if isinstance(value, dict) else (value,):
            for _, name, form, conversion in Formatter().parse(text):
                if name is not None and (not name.isidentifier() or form or conversion):
                    raise ValueError(f"not a plain name in braces: {name}")
        return value


class Settings(BaseSettings):
    """What differs between one place of running and another. Names in the environment are `DIANDAN_<FIELD>`."""

    model_config = SettingsConfigDict(
        env_prefix="DIANDAN_", env_ignore_empty=True, frozen=True, extra="ignore", populate_by_name=True
    )

    env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    data_dir: Path = Field(default_factory=default_data_dir)
    pg_bin: Path | None = None
    secret_key: SecretStr = SecretStr(DEV_SECRET)
    encryption_keys: SecretStr = SecretStr(DEV_ENCRYPTION_KEY)
    """`id:base64-of-32-bytes`, comma-separated; the first one seals, all of them open."""
    demo_otp: str | None = None
    """A phone code that always fits; for demonstrations and tests. None in development means `000000`."""
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    docs_login: bool = False
    """Put `/docs` behind a staff login."""
    security_contact: str | None = Field(default=None, pattern=r"^(mailto:|https://|tel:)[!-~]+$")
    """Where weaknesses are reported to, as a URI; `/.well-known/security.txt` tells it."""
    otp_per_phone_day: int | None = Field(default=None, ge=1)
    """Codes for one phone on one local day: 5 in production, 1,000 in development unless set."""
    otp_per_address_hour: int | None = Field(default=None, ge=1)
    """Codes asked for from one address in one hour: 60 in production, 10,000 in development unless set."""
    phone_trust_days: int = Field(default=180, ge=1)
    """After so many days without a sign-in a number may be somebody else's: then the name is asked for too."""
    otp_tries: int = Field(default=5, ge=1)
    login_tries: int = Field(default=5, ge=1)
    """Wrong passwords for one name in a window of `login_lock_seconds`."""
    login_lock_seconds: int = Field(default=900, ge=1)
    staff_idle_seconds: int = Field(default=1800, ge=60)
    staff_session_seconds: int = Field(default=43200, ge=60)
    access_token_seconds: int = Field(default=600, ge=30)
    refresh_token_days: int = Field(default=30, ge=1)
    sms_base_url: str = "https://dysmsapi.aliyuncs.com"
    sms_key_id: str | None = None
    sms_key_secret: SecretStr | None = None
    sms_sign_name: str | None = None
    """The signature that messages begin with, as approved at the gateway. Key, secret and this one come together."""
    sms_templates: Annotated[dict[str, str], NoDecode] = {}
    """`name:code,name:code`: our templates and theirs."""
    sms_price_fen: int = Field(default=5, ge=1)
    sms_daily_cap_fen: int = Field(default=5000, ge=1)
    """What the messages of one local day may cost."""
    wechat_base_url: str = "https://api.weixin.qq.com"
    wechat_app_id: str | None = None
    wechat_app_secret: SecretStr | None = None
    """The mini-program's; both or neither."""
    wechat_templates: dict[str, WechatTemplate] = {}
    """As JSON: our templates, and what WeChat knows of them."""
    wechat_state: Literal["formal", "trial", "developer"] = "formal"
    """Which edition of the mini-program a message opens."""
    pool_size: int = Field(default=10, ge=1)
    log_format: Literal["json", "console"] | None = None

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("sms_templates", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if isinstance(value, str):
            pairs = (part.partition(":") for part in value.split(",") if part.strip())
            return {name.strip(): code.strip() for name, _, code in pairs}
        return value

    @property
    def development(self) -> bool:
        return self.env == "development"

    @property
    def fixed_otp(self) -> str | None:
        """The code that always fits, if there is one."""
        return self.demo_otp if self.demo_otp or not self.development else "000000"

    @property
    def codes_per_phone_day(self) -> int:
        return self.otp_per_phone_day or (1000 if self.development else 5)

    @property
    def codes_per_address_hour(self) -> int:
        return self.otp_per_address_hour or (10_000 if self.development else 60)

    def unsafe_for_production(self) -> list[str]:
        """What in these settings forbids a production start, in words for the operator; empty in development."""
        if self.development:
            return []
        found = []
        if self.secret_key.get_secret_value() == DEV_SECRET or len(self.secret_key.get_secret_value()) < 32:
            found.append("DIANDAN_SECRET_KEY is the default or shorter than 32 characters")
        if DEV_ENCRYPTION_KEY.split(":", 1)[1] in self.encryption_keys.get_secret_value():
            found.append("DIANDAN_ENCRYPTION_KEYS holds the default key")
        if self.demo_otp:
            found.append("DIANDAN_DEMO_OTP is set")
        if not self.database_url:
            found.append("DATABASE_URL is not set (the embedded database is for development)")
        return found + self._incomplete()

    def _incomplete(self) -> list[str]:
        """Ways out that are set by halves."""
        found = []
        sms = (self.sms_key_id, self.sms_key_secret, self.sms_sign_name)
        if any(sms) and not all(sms):
            found.append("of DIANDAN_SMS_KEY_ID, DIANDAN_SMS_KEY_SECRET and DIANDAN_SMS_SIGN_NAME some are missing")
        if any(sms) and "sign-in-code" not in self.sms_templates:
            found.append("DIANDAN_SMS_TEMPLATES does not name sign-in-code")
        if (self.wechat_app_id is None) != (self.wechat_app_secret is None):
            found.append("of DIANDAN_WECHAT_APP_ID and DIANDAN_WECHAT_APP_SECRET one is missing")
        found += [
            f"DIANDAN_{name.upper()} is not https"
            for name in ("sms_base_url", "wechat_base_url")
            if not str(getattr(self, name)).startswith("https://")
        ]
        return found

    def missing_in_production(self) -> list[str]:
        """What a production installation can start without, but not serve residents; empty in development."""
        if self.development:
            return []
        found = []
        if self.sms_key_id is None:
            found.append("no text-message gateway is set (DIANDAN_SMS_…): residents get no codes and cannot sign in")
        if self.wechat_app_id is None:
            found.append("no mini-program is set (DIANDAN_WECHAT_…): nobody signs in by WeChat")
        return found
