"""The span of days that a page looks at, always beside the equal span before it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from coursepulse.dashboards.language import day_here
from coursepulse.dashboards.text import plural, say
from coursepulse.kit.clock import Micros, from_micros, utc_date
from coursepulse.kit.errors import RequestError

#: The spans one can choose, in days.
SPANS = (7, 28, 90)
DEFAULT = 28

#: The longest span that somebody can choose by its days: five years, one point of a chart for each day.
MOST_DAYS = 5 * 366

#: Before the first event that anybody could send.
FIRST_DAY = date(1970, 1, 1)


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


class ChosenDays(NamedTuple):
    """The days that an address asks for: the last so many, or those from one day to another.

    :param since: the first day (ISO 8601); empty for the usual number of days up to ``until``
    :param until: the last day; empty for today
    """

    days: int = 0
    since: str = ""
    until: str = ""

    @property
    def free(self) -> bool:
        """Whether the days themselves were chosen."""
        return bool(self.since or self.until)

    def kept(self, days: int) -> dict[str, object]:
        """What a link says to lead to the same days.

        :param days: how many they are
        """
        if not self.free:
            return {"days": days}
        return {name: text for name, text in (("since", self.since), ("until", self.until)) if text}

    def period(self, now: Micros) -> Period:
        """The days as of a moment. What is the future is told by the reader's clock.

        :raises RequestError: ``invalid_date``, ``invalid_period``
        """
        if not self.free:
            return last(self.days, now)
        if self.days:
            raise RequestError("invalid_period", say("period.trouble.both"), path="$.days", told=True)
        today = utc_date(now)
        latest = max(today, day_here(from_micros(now)))
        until = _read_day("until", self.until) or latest
        since = _read_day("since", self.since) or max(FIRST_DAY, until - timedelta(days=DEFAULT - 1))
        _check(since, until, latest)
        # A day that has begun for the reader alone has no numbers yet.
        return Period(min(since, today), min(until, today), today)


def last(days: int, now: Micros) -> Period:
    """The ``days`` that end with today; a span that is not on offer becomes the usual one."""
    span = days if days in SPANS else DEFAULT
    today = utc_date(now)
    return Period(today - timedelta(days=span - 1), today, today)


def _read_day(name: str, text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise RequestError(
            "invalid_date", say("period.trouble.no_day", name=name), path=f"$.{name}", told=True
        ) from None
    if day is not None and day < FIRST_DAY:
        raise RequestError("invalid_period", say("period.trouble.early"), path=f"$.{name}", told=True)
    return day


def _check(since: date, until: date, latest: date) -> None:
    if until > latest or since > latest:
        raise RequestError("invalid_period", say("period.trouble.future"), path="$.until", told=True)
    if since > until:
        raise RequestError("invalid_period", say("period.trouble.reversed"), path="$.since", told=True)
    if (until - since).days >= MOST_DAYS:
        raise RequestError(
            "invalid_period", plural("period.trouble.long", MOST_DAYS), path="$.since", told=True
        )
