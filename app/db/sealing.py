"""Sealing: personal data at rest under AES-GCM with key ids, and keyed blind indexes to find it by."""

import base64
import binascii
import hmac
import os
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = 1


class SealError(Exception):
    """Sealed bytes that none of the keys opens, or keys that cannot be read."""


class Keyring:
    """The keys of one installation. The first seals; all of them open; the index key finds.

    A sealed value is `version, length of key id, key id, nonce of 12 bytes, ciphertext and tag`, bound to its column.
    """

    def __init__(self, keys: Mapping[str, bytes], index_secret: bytes) -> None:
        if not keys or any(len(key) != 32 for key in keys.values()):
            raise SealError("each encryption key must be 32 bytes")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.primary = next(iter(keys))
        self._index_key = HKDF(SHA256(), 32, None, b"diandan blind index").derive(index_secret)

    @classmethod
    def parse(cls, keys: str, index_secret: str) -> "Keyring":
        """From `id:base64,id:base64`, the first being the one that seals."""
        found: dict[str, bytes] = {}
        for part in keys.split(","):
            key_id, _, encoded = part.strip().partition(":")
            try:
                found[key_id] = base64.b64decode(encoded, validate=True)
            except binascii.Error as error:
                raise SealError(f"encryption key {key_id!r} is not base64") from error
        return cls(found, index_secret.encode())

    @property
    def prefix(self) -> bytes:
        """What every value begins with that the first key sealed."""
        key_id = self.primary.encode()
        return bytes((_VERSION, len(key_id))) + key_id

    def seal(self, plain: bytes, context: str) -> bytes:
        nonce = os.urandom(12)
        cipher = self._ciphers[self.primary].encrypt(nonce, plain, context.encode())
        return self.prefix + nonce + cipher

    def open(self, sealed: bytes, context: str) -> bytes:
        """The plain bytes; raises `SealError` when no key fits or the value belongs to another column."""
        if len(sealed) < 2 or sealed[0] != _VERSION or len(sealed) < sealed[1] + 30:
            raise SealError("not a sealed value")
        length = sealed[1]
        key_id = sealed[2 : 2 + length].decode(errors="replace")
        nonce, cipher = sealed[2 + length : 14 + length], sealed[14 + length :]
        try:
            return self._ciphers[key_id].decrypt(nonce, cipher, context.encode())
        except (KeyError, InvalidTag) as error:
            raise SealError(f"cannot open a value sealed with key {key_id!r}") from error

    def index(self, value: str, context: str) -> bytes:
        """A keyed digest of 16 bytes: equal values of one column give equal indexes, and nothing else is learnt."""
        return hmac.digest(self._index_key, f"{context}\0{value}".encode(), sha256)[:16]


_current: Keyring | None = None


def use(keyring: Keyring) -> None:
    """Hand the installation's keyring to the column types; called once by whoever starts the program."""
    global _current
    _current = keyring


def keyring() -> Keyring:
    if _current is None:
        raise SealError("no keyring: call sealing.use() first")
    return _current
