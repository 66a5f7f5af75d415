"""Tokens: short signed ones for residents, opaque ones for everybody else; only digests are stored."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.config import Settings
from app.core.errors import Unauthenticated

ALGORITHM = "HS256"
AUDIENCE = "diandan"
STAFF_PREFIX, CLIENT_PREFIX, REFRESH_PREFIX, LINK_PREFIX = "dds_", "ddi_", "ddr_", "ddl_"


@dataclass(frozen=True, slots=True)
class Access:
    """What a resident's access token says."""

    resident_id: UUID
    family_id: UUID


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens that have just been made; only their digests stay here."""

    access_token: str
    expires_in: int
    refresh_token: str | None = None


def _key(settings: Settings) -> bytes:
    secret = settings.secret_key.get_secret_value().encode()
    return HKDF(SHA256(), 32, None, b"diandan access token").derive(secret)


def sign(settings: Settings, resident_id: UUID, family_id: UUID, now: datetime) -> str:
    """An access token of `access_token_seconds`."""
    claims = {
        "sub": str(resident_id),
        "fam": str(family_id),
        "aud": AUDIENCE,
        "iss": AUDIENCE,
        "iat": now,
        "exp": now + timedelta(seconds=settings.access_token_seconds),
        "jti": uuid4().hex,
    }
    return jwt.encode(claims, _key(settings), ALGORITHM)


def read(settings: Settings, token: str) -> Access:
    """The claims of a genuine token; anything else is 401: another algorithm, key, audience, or one claim less."""
    try:
        claims = jwt.decode(
            token,
            _key(settings),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=AUDIENCE,
            options={"require": ["sub", "fam", "aud", "iss", "iat", "exp", "jti"]},
        )
        return Access(UUID(claims["sub"]), UUID(claims["fam"]))
    except (jwt.InvalidTokenError, ValueError) as error:
        raise Unauthenticated from error


def opaque(prefix: str) -> str:
    """A random token of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
