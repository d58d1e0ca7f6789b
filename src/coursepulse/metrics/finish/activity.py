"""When a student learns, by the student's own clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from coursepulse.metrics.finish.zones import local_times, zone_of
from coursepulse.metrics.query import Query
from coursepulse.metrics.row import Parts, Row


def by_hour(parts: Parts, query: Query) -> list[Row]:
    """Quarter-hours by weekday and hour."""
    found = Counter((moment.weekday(), moment.hour) for moment in _moments(parts, query))
    return [
        {"weekday": weekday, "hour": hour, "quarters": count}
        for (weekday, hour), count in sorted(found.items())
    ]


def by_day(parts: Parts, query: Query) -> list[Row]:
    """Quarter-hours by local day."""
    found = Counter(moment.date() for moment in _moments(parts, query))
    return [{"day": day, "quarters": count} for day, count in sorted(found.items())]


def _moments(parts: Parts, query: Query) -> Iterator[datetime]:
    start, end = query.days
    for row in parts["student_activity"]:
        for moment in local_times([(row["day"], row["quarters"])], zone_of(row["zone"])):
            if start <= moment.date() < end:
                yield moment
