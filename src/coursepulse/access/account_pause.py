"""How long whoever fails to sign in has to wait, so that guessing takes longer than it is worth."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.kit.clock import HOUR, MINUTE, SECOND, Micros

#: After this long without a failure, all is forgotten.
FORGET = 24 * HOUR

#: The longest pause: a stranger who guesses must not keep the owner out for hours.
LONGEST = 5 * MINUTE


class Failures(NamedTuple):
    """What is known of a login name or an address."""

    number: int
    latest: Micros


class Allowance(NamedTuple):
    """Failures that cost nothing.

    :param free: that many at once
    :param decay: one of them is forgotten after each of these
    """

    free: int
    decay: Micros


#: People mistype, and a whole school may share one address.
FOR_NAME, FOR_ADDRESS = Allowance(4, HOUR), Allowance(30, MINUTE)


def pause_left(failures: Failures, allowance: Allowance, now: Micros) -> Micros:
    """Microseconds to wait before the next attempt, 0 when it may be made now."""
    beyond = _remembered(failures, allowance, now) - allowance.free
    if beyond <= 0:
        return 0
    pause = min(LONGEST, SECOND << min(beyond, 20))
    return max(0, failures.latest + pause - now)


def count_failure(failures: Failures, allowance: Allowance, now: Micros) -> Failures:
    """The same with one more failure, now."""
    return Failures(_remembered(failures, allowance, now) + 1, now)


def _remembered(failures: Failures, allowance: Allowance, now: Micros) -> int:
    # A clock that was set back must not take failures away, nor add any.
    return max(0, failures.number - max(0, now - failures.latest) // allowance.decay)
