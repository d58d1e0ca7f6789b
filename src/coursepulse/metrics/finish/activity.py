"""When a student learns, by the student's own clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.activity import local_times, zone_of
from coursepulse.metrics.query import Query


def by_hour(found: QueryRows, query: Query) -> list[Row]:
    """Quarter-hours by weekday and hour."""
    counts = Counter((moment.weekday(), moment.hour) for moment in moments(found, query))
    return [
        {"weekday": weekday, "hour": hour, "quarters": count}
        for (weekday, hour), count in sorted(counts.items())
    ]


def by_day(found: QueryRows, query: Query) -> list[Row]:
    """Quarter-hours by local day."""
    counts = Counter(moment.date() for moment in moments(found, query))
    return [{"day": day, "quarters": count} for day, count in sorted(counts.items())]


def moments(found: QueryRows, query: Query) -> Iterator[datetime]:
    """When each quarter-hour of the period begins, on the student's own clock."""
    start, end = query.days
    for row in found["student_activity"]:
        for moment in local_times([(row["day"], row["quarters"])], zone_of(row["zone"])):
            if start <= moment.date() < end:
                yield moment
