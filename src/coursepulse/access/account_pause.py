"""How long to wait after failed sign-ins, so that guessing passwords does not pay."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.kit.clock import HOUR, MINUTE, SECOND, Micros

#: After this long without a failure, all failures are forgotten.
FORGET = 24 * HOUR

#: The longest pause: a stranger's guesses must not lock the owner out for hours.
LONGEST = 5 * MINUTE


class Failures(NamedTuple):
    """The recent failures of a login name or an address."""

    number: int
    latest: Micros


class Allowance(NamedTuple):
    """Failures without a pause.

    :param free: how many at once
    :param decay: one failure is forgotten after each of these intervals
    """

    free: int
    decay: Micros


#: People make typing errors, and a whole school may share one address.
FOR_NAME, FOR_ADDRESS = Allowance(4, HOUR), Allowance(30, MINUTE)


def pause_left(failures: Failures, allowance: Allowance, now: Micros) -> Micros:
    """Microseconds to wait before the next attempt; 0 if it may be made now."""
    beyond = _remembered(failures, allowance, now) - allowance.free
    if beyond <= 0:
        return 0
    pause = min(LONGEST, SECOND << min(beyond, 20))
    return max(0, failures.latest + pause - now)


def count_failure(failures: Failures, allowance: Allowance, now: Micros) -> Failures:
    """The same with one more failure at ``now``."""
    return Failures(_remembered(failures, allowance, now) + 1, now)


def _remembered(failures: Failures, allowance: Allowance, now: Micros) -> int:
    # A clock that was set back must neither remove failures nor add any.
    return max(0, failures.number - max(0, now - failures.latest) // allowance.decay)
