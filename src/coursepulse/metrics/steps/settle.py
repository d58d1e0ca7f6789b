"""Which days a question is about, and by which rules it is answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import msgspec

from coursepulse.definitions.risk import RiskLimits
from coursepulse.kit.clock import Micros, to_micros, utc_date
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.metric import Metric, Param
from coursepulse.metrics.query import FIRST_DAY, Query, fill_in
from coursepulse.privacy.small_groups import align_period


def settle(sources: Sources, asked: Asked) -> Asked:
    """The question with its period, and with the periods that are answered.

    :raises RequestError: ``missing_parameter``, ``invalid_period``, ``invalid_as_of``, ``as_of_unknown``
    """
    metric = asked.metric
    _require(metric, asked.query)
    now = _moment(metric, asked.query, sources.clock())
    query = fill_in(_narrow(metric, asked.query), metric.span, now, utc_date(now))
    if metric.judged and not query.limits:
        query = msgspec.structs.replace(query, limits=_find_limits(sources, query))
    bound = sources.groups.binds(asked.viewer, query.course)
    groups = sources.groups if bound and metric.group else None
    # For those who may not see the people a past day is no second today: their periods would end on any day.
    today = utc_date(sources.clock() if groups else now)
    answered = _align(query, today) if groups else query
    periods = (answered, *_compared(answered, today)) if metric.comparable else (answered,)
    return asked._replace(query=query, bound=bound, groups=groups, periods=periods)


def _moment(metric: Metric, query: Query, now: Micros) -> Micros:
    """As of when the question is answered: as if it had been asked then, nobody had known anything later."""
    if query.as_of is None or query.past is None:
        return now
    if not metric.dated:
        raise RequestError(
            "as_of_unknown", f"`{metric.slug}` is about the present: no earlier state of it is kept."
        )
    if not FIRST_DAY <= query.as_of < utc_date(now):
        raise RequestError(
            "invalid_as_of", f"`as_of` ({query.as_of}) must be a UTC day that is over, from {FIRST_DAY} on."
        )
    if query.end and query.end > query.as_of + timedelta(days=1):
        raise RequestError("invalid_as_of", f"`to` ({query.end}) must not lie after the end of `as_of`.")
    return query.past


def _find_limits(sources: Sources, query: Query) -> tuple[tuple[str, RiskLimits], ...]:
    """How courses that have set their own limits judged risk at that moment: numbers of the past keep theirs."""
    found = sources.limits(query.moment)
    return tuple((course, found[course]) for course in sorted(found) if query.course in ("", course))


def _compared(query: Query, today: date) -> tuple[Query, ...]:
    """The equal period before. If today is asked about, only whole days are compared, which are a third period."""
    whole = query.whole(today)
    if whole is None:
        return ()
    return (whole.before(),) if whole == query else (whole.before(), whole)


def _require(metric: Metric, query: Query) -> None:
    given = {
        Param.COURSE: query.course,
        Param.STUDENT: query.student,
        Param.VIDEO: query.video,
        Param.TEAM: query.team,
    }
    missing = [param for param in metric.needs if not given[param]]
    if missing:
        raise RequestError("missing_parameter", f"`{metric.slug}` needs `{missing[0]}`.")


def _narrow(metric: Metric, query: Query) -> Query:
    """The query without the bounds that the metric does not know: to-date numbers have no first day."""
    return msgspec.structs.replace(
        query,
        start=query.start if Param.FROM in metric.takes else None,
        end=query.end if Param.TO in metric.takes else None,
    )


def _align(query: Query, today: date) -> Query:
    """The question as it is answered to those who may not see the people behind the numbers."""
    start, end = align_period(*query.days, today, FIRST_DAY)
    # As if asked when the period was over: nothing of today, which is still changing, may show.
    now = min(query.now, to_micros(datetime.combine(end, time(), UTC)) - 1)
    return msgspec.structs.replace(query, start=start, end=end, now=now)
