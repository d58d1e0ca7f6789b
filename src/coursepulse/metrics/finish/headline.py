"""A student's headline: streak and consistency follow from the days of the student's own calendar."""

from __future__ import annotations

from coursepulse.learning.activity import local_today
from coursepulse.learning.consistency import consistency_score
from coursepulse.learning.streak import current_streak
from coursepulse.metrics.finish.zones import local_times, zone_of
from coursepulse.metrics.query import Query
from coursepulse.metrics.row import Parts, Row


def finish(parts: Parts, query: Query) -> list[Row]:
    """Streak and consistency are as of now, whatever the period."""
    return [_finish(row, query) for row in parts["student_summary"]]


def _finish(row: Row, query: Query) -> Row:
    zone = zone_of(row["zone"])
    days = {moment.date() for moment in local_times(row["quarters"], zone)}
    today = local_today(query.now, zone)
    return row | {
        "time_zone": zone.key,
        "streak_days": current_streak(days, today),
        "consistency": consistency_score(days, today),
    }
