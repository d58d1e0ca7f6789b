"""When a student learns, by the student's own clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from coursepulse.metrics.finish.zones import local_times, zone_of
from coursepulse.metrics.query import Query
from coursepulse.metrics.row import Row


def by_hour(rows: Sequence[Row], query: Query) -> list[Row]:
    """Quarter-hours by weekday and hour."""
    found = Counter((moment.weekday(), moment.hour) for moment in _moments(rows, query))
    return [
        {"weekday": weekday, "hour": hour, "quarters": count}
        for (weekday, hour), count in sorted(found.items())
    ]


def by_day(rows: Sequence[Row], query: Query) -> list[Row]:
    """Quarter-hours by local day."""
    found = Counter(moment.date() for moment in _moments(rows, query))
    return [{"day": day, "quarters": count} for day, count in sorted(found.items())]


def _moments(rows: Sequence[Row], query: Query) -> Iterator[datetime]:
    start, end = query.days
    for row in rows:
        for moment in local_times([(row["day"], row["quarters"])], zone_of(row["zone"])):
            if start <= moment.date() < end:
                yield moment
