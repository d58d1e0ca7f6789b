"""Passwords: kept as argon2id hashes (RFC 9106), compared in the same time whether there is one or not."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Hashes computed side by side. Each takes 64 MiB and a core for a while: a flood of sign-ins must wait, not the rest.
_SIDE_BY_SIDE = 2


class Passwords:
    """Makes and checks hashes, a few at a time.

    :param hasher: how much work a hash is; by default argon2-cffi's choice, the second that RFC 9106 recommends
        (64 MiB, three passes)
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody has this password")
        self._turn = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _encode(password))

    async def is_right(self, known: str | None, password: str) -> bool:
        """Whether ``known`` is the hash of the password; takes as long when nothing is known."""
        async with self._turn:
            right = await asyncio.to_thread(self._verify, known or self._nobody, password)
        return right and known is not None

    def is_outdated(self, known: str) -> bool:
        """Whether a hash was made with weaker parameters than those of today."""
        return self._hasher.check_needs_rehash(known)

    def make(self, password: str) -> str:
        """The hash of a password, for callers outside the event loop."""
        return self._hasher.hash(_encode(password))

    def _verify(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, _encode(password))
        except (VerificationError, InvalidHashError):
            return False


def _encode(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
