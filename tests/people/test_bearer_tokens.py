"""Access tokens that were not issued here, or not for this, are 401."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.people import tokens
from tests.orders.bodies import ok, refused


@pytest.fixture
async def genuine(app, resident):
    """The claims and the key of a token that stands."""
    token = resident.headers["Authorization"].removeprefix("Bearer ")
    return jwt.decode(token, options={"verify_signature": False}), tokens._key(app.state.settings)


def later(minutes):
    return datetime.now(UTC) + timedelta(minutes=minutes)


async def test_the_claims_signed_again_are_good(genuine, somebody):
    claims, key = genuine
    await ok(await somebody(jwt.encode(claims, key, "HS256")).get("/v1/me"))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": later(-1)},
        {"iat": later(10)},
        {"aud": "somebody-else"},
        {"iss": "somebody-else"},
        {"sub": str(uuid4())},
        {"fam": str(uuid4())},
        {"sub": "x"},
        {"jti": None},
        {"aud": None},
        {"exp": None},
    ],
    ids=lambda change: "-".join(f"{name}{len(str(value))}" for name, value in change.items()),
)
async def test_a_claim_that_is_wrong_or_missing_is_401(genuine, somebody, change):
    claims, key = genuine
    forged = {name: value for name, value in {**claims, **change}.items() if value is not None}

    await refused(await somebody(jwt.encode(forged, key, "HS256")).get("/v1/me"), 401, "unauthenticated")


def by_hand(claims, key):
    """A token whose HMAC was made with a public key: libraries refuse to make one."""
    parts = [base64.urlsafe_b64encode(json.dumps(x).encode()).rstrip(b"=") for x in ({"alg": "HS256"}, claims)]
    mac = hmac.digest(key, b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


async def test_another_algorithm_or_key_is_401(genuine, somebody):
    claims, key = genuine
    pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = pair.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    forged = [
        jwt.encode(claims, None, "none"),
        jwt.encode(claims, key + key, "HS512"),
        jwt.encode(claims, pair, "RS256"),
        by_hand(claims, public),
        jwt.encode(claims, b"x" * 32, "HS256", headers={"kid": "../../../../dev/null"}),
        by_hand(claims, b""),
        "not.a.token",
        "dds_" + "x" * 43,
    ]
    for token in forged:
        await refused(await somebody(token).get("/v1/me"), 401, "unauthenticated")
