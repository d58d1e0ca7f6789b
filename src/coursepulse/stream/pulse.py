"""How much the pipeline has taken in lately. In memory: it begins anew with each start."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, deque
from itertools import accumulate
from typing import NamedTuple

from coursepulse.kit.clock import MINUTE, SECOND, Clock, Micros

#: What the rate is the mean of, and how far back the minutes go.
_RATE_OVER, _MINUTES = 10 * SECOND, 60

#: How far back the slowest events are looked for, and in how many batches at most.
_DELAYS_OVER, _BATCHES = 2 * MINUTE, 1_000

#: Seconds by which freshness is divided: from a quiet server to one that has been behind for an hour.
FRESHNESS_BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)


class PulseMinute(NamedTuple):
    """The events taken in within one minute."""

    began_at: Micros
    events: int


class Taken(NamedTuple):
    """The rate of the last seconds, and how long the newest batch took.

    :param delay: from the arrival of its oldest event until every screen could show it; None before the first batch
    """

    per_second: float
    delay: Micros | None


class Freshness(NamedTuple):
    """How late events were in the numbers, since the start; each as late as the oldest of its batch.

    :param within: events by the bound that they kept to, in seconds, with all that kept to a smaller one
    :param events: all of them
    :param seconds: of all of them together
    """

    within: dict[float, int]
    events: int
    seconds: float


class Pulse:
    """Counts what each batch brings; any thread may read."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._seconds: deque[tuple[Micros, int]] = deque()
        self._minutes: deque[PulseMinute] = deque(maxlen=_MINUTES + 1)
        self._delay: Micros | None = None
        self._delays: deque[tuple[Micros, Micros, int]] = deque(maxlen=_BATCHES)
        self._fresh: Counter[int] = Counter()
        self._waited: Micros = 0
        self._since = clock()

    def note(self, events: int, delay: Micros | None) -> None:
        """A batch has been applied."""
        now = self._clock()
        minute = now - now % MINUTE
        with self._lock:
            self._delay = self._delay if delay is None else delay
            if delay is not None:
                self._delays.append((now, delay, events))
                self._fresh[bisect_left(FRESHNESS_BOUNDS, delay / SECOND)] += events
                self._waited += delay * events
            self._seconds.append((now, events))
            self._drop_old(now)
            if self._minutes and self._minutes[-1].began_at == minute:
                events += self._minutes.pop().events
            self._minutes.append(PulseMinute(minute, events))

    def taken(self) -> Taken:
        """How fast, by the last ten seconds."""
        now = self._clock()
        with self._lock:
            self._drop_old(now)
            events = sum(each for _, each in self._seconds)
        over = min(_RATE_OVER, max(SECOND, now - self._since))
        return Taken(events * SECOND / over, self._delay)

    def slowest(self) -> Micros | None:
        """Of a hundred events of the last minutes, all but one could be shown within this time; None without events."""
        since = self._clock() - _DELAYS_OVER
        with self._lock:
            lately = sorted((delay, events) for at, delay, events in self._delays if at > since)
        left = sum(events for _, events in lately) / 100
        for delay, events in reversed(lately):
            left -= events
            if left < 0:
                return delay
        return None

    def freshness(self) -> Freshness:
        """How late all events of this run were."""
        with self._lock:
            fresh, waited = dict(self._fresh), self._waited
        each = accumulate(fresh.get(place, 0) for place in range(len(FRESHNESS_BOUNDS)))
        within = dict(zip(FRESHNESS_BOUNDS, each, strict=True))
        return Freshness(within, sum(fresh.values()), waited / SECOND)

    def minutes(self) -> list[PulseMinute]:
        """The last hour, minute by minute, as far as this run goes back; the last is the minute that goes on."""
        now = self._clock()
        last = now - now % MINUTE
        first = max(last - _MINUTES * MINUTE, self._since - self._since % MINUTE)
        with self._lock:
            known = dict(self._minutes)
        return [PulseMinute(at, known.get(at, 0)) for at in range(first, last + 1, MINUTE)]

    def _drop_old(self, now: Micros) -> None:
        while self._seconds and self._seconds[0][0] <= now - _RATE_OVER:
            self._seconds.popleft()
