"""The span of days that a page looks at, always beside the equal span before it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from coursepulse.kit.clock import Micros, utc_date

#: The spans one can choose, in days.
SPANS = (7, 28, 90)
DEFAULT = 28


class Period(NamedTuple):
    """Whole UTC days from ``start`` to ``end``, both included.

    :param today: the day that is not over yet, if anything is to be marked as such
    """

    start: date
    end: date
    today: date | None = None

    @property
    def days(self) -> int:
        """How many days it spans."""
        return (self.end - self.start).days + 1

    @property
    def after(self) -> date:
        """The day after the last."""
        return self.end + timedelta(days=1)

    def each(self) -> list[date]:
        """Every day of it, in order."""
        return [self.start + timedelta(days=n) for n in range(self.days)]


def last(days: int, now: Micros) -> Period:
    """The ``days`` that end with today; a span that is not on offer becomes the usual one."""
    span = days if days in SPANS else DEFAULT
    today = utc_date(now)
    return Period(today - timedelta(days=span - 1), today, today)
