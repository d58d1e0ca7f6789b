"""How many requests a key may make."""

from __future__ import annotations

import math

from coursepulse.kit.clock import MINUTE, Clock
from coursepulse.kit.errors import RequestError


class RateLimit:
    """One token bucket per key: a minute's worth may come at once, then they refill evenly.

    :param per_minute: requests a minute, 0 for no limit
    """

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: dict[str, tuple[float, int]] = {}

    def take(self, name: str) -> None:
        """Use up one request of the key ``name``.

        :raises RequestError: 429, with the seconds until the next one
        """
        if not self._per_minute:
            return
        now = self._clock()
        tokens, since = self._buckets.get(name, (float(self._per_minute), now))
        # A clock that was set back must not take tokens away.
        tokens = min(self._per_minute, tokens + max(0, now - since) * self._per_minute / MINUTE)
        if tokens < 1:
            self._buckets[name] = tokens, now
            seconds = math.ceil((1 - tokens) * 60 / self._per_minute)
            raise RequestError(
                "rate_exceeded",
                f"The key `{name}` may make {self._per_minute} requests a minute; send larger batches, or wait.",
                429,
                retry_after=max(1, seconds),
            )
        self._buckets[name] = tokens - 1, now
