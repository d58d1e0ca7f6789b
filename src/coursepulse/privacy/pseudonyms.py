"""Pseudonyms: the one name by which logs and stores know a student."""

from __future__ import annotations

import hmac
from functools import lru_cache

#: Students remembered at a time: a campus at its busiest, in about 40 MB.
_REMEMBERED = 200_000

_SHORTEST_SECRET = 16


class Pseudonyms:
    """Turns the platform's own student ids into 16 bytes that only the holder of ``secret`` can trace back.

    The same id and secret always give the same pseudonym, so that a record stays linked; without the
    secret nobody can make one, nor try a list of ids against the stores (GDPR art. 4(5)).

    :raises ValueError: when the secret is shorter than 16 bytes
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _SHORTEST_SECRET:
            raise ValueError(f"The pseudonym secret must have {_SHORTEST_SECRET} bytes or more.")
        self._secret = secret
        self.of = lru_cache(_REMEMBERED)(self._of)
        """The pseudonym of an external id."""

    def _of(self, external_id: str) -> bytes:
        return hmac.digest(self._secret, external_id.encode(), "sha256")[:16]

    def tombstone(self, student: bytes) -> bytes:
        """By this an erased student is known again, should an old consent come back.

        Another keyed hash, so that nothing kept after an erasure contains the pseudonym or leads to it.
        """
        return hmac.digest(self._secret, b"erased:" + student, "sha256")

    def hide(self, text: str) -> str:
        """A keyed hash of anything else that leads to somebody, such as the id of an attempt.

        Whoever guesses ``text`` cannot check the guess without the secret.
        """
        return hmac.digest(self._secret, f"hidden:{text}".encode(), "sha256")[:12].hex()

    def forget(self) -> None:
        """Empty the memory of ids seen lately."""
        self.of.cache_clear()
