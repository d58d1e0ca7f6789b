"""What happens on the simulated campus once: a course that improved, and a bad day."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.simulator.wire import DAY, HOUR, Millis

#: Courses by their place that get a new version of the hard lesson.
_CHANGED = (1, 3)

#: In those courses, the share of students whom the hard lesson stops in its first version, besides those who would
#: have given up near it anyway; and of all whom it stops the share who go on once it was made anew.
STUCK, EASED = 0.25, 0.8

#: A taught course changes so many days after the hard lesson opens.
_AFTER_OPENING = 16

#: The course that cannot be reached on the bad day, by its place.
UNREACHABLE = 1

#: Hours of the bad day, in UTC, during which the platform's queue stands still; what waits comes within minutes after.
_HOURS = (8, 14)
_CATCHING_UP: Millis = 20 * 60 * 1000


class Outage(NamedTuple):
    """A bad day. One course cannot be reached on it, and for some hours no event leaves the platform.

    :param begin: from when no event reaches the collector
    :param end: when those that wait begin to arrive
    """

    day: int
    begin: Millis
    end: Millis

    def hold_back(self, at: Millis) -> Millis:
        """When an event arrives that would arrive at ``at``."""
        if not self.begin <= at < self.end:
            return at
        return self.end + (at - self.begin) * _CATCHING_UP // (self.end - self.begin)


def plan_outage(begin: Millis, days: int) -> Outage:
    """After three fifths of the history, on a working day."""
    day = days * 3 // 5
    weekday = (begin // DAY + day + 3) % 7  # 1970 began on a Thursday
    day = max(0, day - max(0, weekday - 4))
    midnight = begin + day * DAY
    return Outage(day, *(midnight + hour * HOUR for hour in _HOURS))


def plan_change(place: int, days: int, opens: int | None) -> int | None:
    """The day on which the hard lesson of a course is made anew, or None.

    :param opens: the day on which a taught course opens it
    """
    if place % 10 not in _CHANGED:
        return None
    return days // 2 if opens is None else opens + _AFTER_OPENING
