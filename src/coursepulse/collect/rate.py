"""How many requests a key may make."""

from __future__ import annotations

import math
from typing import Protocol

from coursepulse.kit.clock import MINUTE, Clock
from coursepulse.kit.errors import RequestError


class SharedBuckets(Protocol):
    """Token buckets that several servers take from. Neither method waits for anything."""

    def wait(self, name: str) -> int:
        """Seconds that the name has to wait, as far as is known here; 0 when it may ask, and when nobody knows."""

    def note(self, name: str, per_minute: int) -> None:
        """One more request was let through here."""


class RateLimit:
    """One token bucket per key: a minute's worth may come at once, then they refill evenly.

    The bucket in this process holds whatever becomes of the shared one.

    :param per_minute: requests a minute, 0 for no limit
    :param shared: counts the requests of all servers, where there are several
    """

    def __init__(self, per_minute: int, clock: Clock, shared: SharedBuckets | None = None) -> None:
        self._per_minute = per_minute
        self._clock, self._shared = clock, shared
        self._buckets: dict[str, tuple[float, int]] = {}

    def take(self, name: str) -> None:
        """Use up one request of the key ``name``.

        :raises RequestError: 429, with the seconds until the next one
        """
        if not self._per_minute:
            return
        shared, bucket = self._shared, f"key {name}"
        if wait := (shared.wait(bucket) if shared else 0) or self._take_own(name):
            raise RequestError(
                "rate_exceeded",
                f"The key `{name}` may make {self._per_minute} requests a minute; send larger batches, or wait.",
                429,
                retry_after=wait,
            )
        if shared:
            shared.note(bucket, self._per_minute)

    def _take_own(self, name: str) -> int:
        """Use up one here; returns the seconds to wait when there is none."""
        now = self._clock()
        tokens, since = self._buckets.get(name, (float(self._per_minute), now))
        # A clock that was set back must not take tokens away.
        tokens = min(self._per_minute, tokens + max(0, now - since) * self._per_minute / MINUTE)
        if tokens < 1:
            self._buckets[name] = tokens, now
            return max(1, math.ceil((1 - tokens) * 60 / self._per_minute))
        self._buckets[name] = tokens - 1, now
        return 0
