"""Passwords: Argon2id at the OWASP setting (19 MiB, t=2, p=1), in a small pool so that hashing cannot eat the machine."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_NOBODY = _hasher.hash("nobody has this password")
"""What an unknown name is checked against, so that it takes as long as a known one."""


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password)


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password fits; None (no such account) takes the same time and never fits."""

    def check() -> bool:
        try:
            return _hasher.verify(stored or _NOBODY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    return await asyncio.get_running_loop().run_in_executor(_pool, check)
