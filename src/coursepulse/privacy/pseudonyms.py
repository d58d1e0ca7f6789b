"""Pseudonyms: the only name of a student in the log and the stores."""

from __future__ import annotations

import hmac
from functools import lru_cache

#: Size of the cache: the students of a campus at its busiest, in about 40 MB.
_REMEMBERED = 200_000

_SHORTEST_SECRET = 16


class Pseudonyms:
    """Turns the platform's student ids into 16 bytes that only the holder of ``secret`` can trace back.

    The same id and secret always give the same pseudonym, so that a record stays linked. Without the
    secret nobody can compute one or test a list of ids against the stores (GDPR art. 4(5)).

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
        """A hash that recognises an erased student, in case an old consent arrives again.

        A separate keyed hash, so that nothing kept after an erasure contains the pseudonym or leads to it.
        """
        return hmac.digest(self._secret, b"erased:" + student, "sha256")

    def hide(self, text: str) -> str:
        """A keyed hash of anything else that could identify a person, such as the id of an attempt.

        A guess of ``text`` cannot be verified without the secret.
        """
        return hmac.digest(self._secret, f"hidden:{text}".encode(), "sha256")[:12].hex()

    def forget(self) -> None:
        """Empty the cache."""
        self.of.cache_clear()
