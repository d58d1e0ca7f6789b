"""A question as a value: which metric, which student or course, which days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import msgspec

from coursepulse.definitions.risk import USUAL_LIMITS, RiskLimits
from coursepulse.kit.clock import Micros, to_micros, utc_date
from coursepulse.kit.errors import RequestError

#: Before the first event that anybody could send.
FIRST_DAY = date(1970, 1, 1)

#: ClickHouse counts days of type Date up to 2149-06-06.
LAST_DAY = date(2149, 6, 1)


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One question. Empty text means "not narrowed".

    :param student: 16 bytes, see :meth:`coursepulse.metrics.run.Metrics.identify`
    :param start: first UTC day, None for the metric's usual period
    :param end: the UTC day after the last, None for tomorrow: today is part of the answer
    :param step: ``week`` or ``month``, where a metric is counted in either
    :param sort: a column, ``-`` before it for descending
    :param search: words of a name, or the beginning of a pseudonym
    :param bucket: rows with this value in the column ``bucket`` alone; ``engagement`` and ``status`` likewise
    :param evidence: the column whose number is to be explained; empty when rows are asked for
    :param as_of: the answer is that of the end of this UTC day; None for now
    :param limits: of courses that have set their own, how risk is judged; filled in when it is answered unless somebody
        tries others
    :param now: as of when it is answered, microseconds; set when it is answered
    """

    metric: str
    course: str = ""
    student: bytes | None = None
    video: str = ""
    team: str = ""
    start: date | None = None
    end: date | None = None
    step: str = "week"
    limit: int | None = None
    offset: int = 0
    sort: str = ""
    search: str = ""
    bucket: str = ""
    engagement: str = ""
    status: str = ""
    evidence: str = ""
    as_of: date | None = None
    limits: tuple[tuple[str, RiskLimits], ...] = ()
    now: Micros = 0

    @property
    def days(self) -> tuple[date, date]:
        """First day and the day after the last, once both are known."""
        return self.start or FIRST_DAY, self.end or LAST_DAY

    @property
    def moment(self) -> Micros:
        """As of when things are judged: the last moment of the period, or now when that is earlier."""
        _, end = self.days
        return min(self.now, to_micros(datetime.combine(end, time(), UTC)) - 1)

    @property
    def own_limits(self) -> RiskLimits:
        """How risk is judged in the course."""
        return dict(self.limits).get(self.course, USUAL_LIMITS)

    @property
    def judged_on(self) -> date:
        """The day on which due dates are judged: that of the question, or the one after a period that is over."""
        return utc_date(self.moment + 1)

    @property
    def past(self) -> Micros | None:
        """The last moment of the day as of which it is asked, if it is not asked about now."""
        return None if self.as_of is None else _end_of(self.as_of)

    def whole(self, today: date) -> Query | None:
        """The same question about the days that are over, None where there are none: only those can be compared."""
        start, end = self.days
        return msgspec.structs.replace(self, end=min(end, today)) if start < today else None

    def before(self) -> Query:
        """The same question about the equal period that ends where this one begins."""
        start, end = self.days
        return msgspec.structs.replace(self, start=max(FIRST_DAY, start - (end - start)), end=start)


def _end_of(day: date) -> Micros:
    """Its last microsecond."""
    return to_micros(datetime.combine(day, time.max, UTC))


def fill_in(query: Query, span: int | None, now: Micros, today: date) -> Query:
    """The question with its period and its moment filled in.

    :param span: days up to and with today when no start is given, None for all time
    :raises RequestError: ``invalid_period``
    """
    end = min(query.end or today + timedelta(days=1), LAST_DAY)
    if end <= FIRST_DAY:
        # Nothing is computed with such a day: the calendar of Python ends soon before it.
        raise RequestError(
            "invalid_period", f"`to` ({end}) must lie after {FIRST_DAY}, the first possible day."
        )
    usual = FIRST_DAY if span is None else max(FIRST_DAY, end - timedelta(days=span))
    start = max(query.start or usual, FIRST_DAY)
    if start >= end:
        raise RequestError("invalid_period", f"`from` ({start}) must lie before `to` ({end}).")
    return msgspec.structs.replace(query, start=start, end=end, now=now)
