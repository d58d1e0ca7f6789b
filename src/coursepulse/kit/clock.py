"""Time as whole microseconds since 1970 in UTC. The only module that may read the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

#: Microseconds since 1970-01-01 UTC.
Micros = int

#: Anything that returns the current time as :data:`Micros`; tests pass a fixed one.
Clock = Callable[[], Micros]

MILLISECOND: Micros = 1_000
SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR

#: How long a clock must stay ahead before it is believed, so that an operator has time to notice.
BELIEF: Micros = DAY

#: How much a good clock may gain between two readings.
_DRIFT: Micros = MINUTE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def system_clock() -> Micros:
    """The current time, by this machine's clock."""
    return time.time_ns() // 1000


def uptime() -> Micros:
    """How long this machine has been up, including sleep. Nobody can set it."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class SteadyClock:
    """A clock for steps that cannot be undone: a clock set ahead by mistake must not make anything look old.

    It follows ``clock`` backwards at once, but moves forward only as fast as time passes. A clock that stays ahead
    for :data:`BELIEF` is believed: it may have been wrong before.
    """

    def __init__(self, clock: Clock, elapsed: Clock = uptime) -> None:
        self._clock, self._elapsed = clock, elapsed
        self._told, self._told_at = clock(), elapsed()
        self._ahead_since: Micros | None = None

    def __call__(self) -> Micros:
        """The current time."""
        present, at = self._clock(), self._elapsed()
        due = self._told + at - self._told_at
        if present <= due + _DRIFT:
            return self._believe(present, at)
        if self._ahead_since is None:
            self._ahead_since = at
        if at - self._ahead_since >= BELIEF:
            return self._believe(present, at)
        return due

    def _believe(self, present: Micros, at: Micros) -> Micros:
        self._told, self._told_at, self._ahead_since = present, at, None
        return present


def to_micros(moment: datetime) -> Micros:
    """An aware datetime in microseconds."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: Micros) -> datetime:
    """:data:`Micros` as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=micros)


def utc_date(micros: Micros) -> date:
    """The UTC calendar day that contains ``micros``."""
    return from_micros(micros).date()


def to_days(day: date) -> int:
    """A calendar day as days since 1970."""
    return (day - _EPOCH.date()).days
