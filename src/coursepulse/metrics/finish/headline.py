"""A student's headline: what the days of the student add up to, and how the student stands in all courses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.activity import local_times, local_today, zone_of
from coursepulse.definitions.consistency import consistency_score
from coursepulse.definitions.streak import current_streak
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.query import LAST_DAY, Query

#: The queries behind it.
HEADLINE = ("student_summary", "student_day_rows")

_WEEK = timedelta(days=7)


def finish(found: QueryRows, query: Query) -> list[Row]:
    """Streak and consistency are as of the end of the period, as everything else to date."""
    start, end = query.days
    days = [row for row in found["student_day_rows"] if row["day"] < end]
    return [_finish(row, days, query) | _sums(days, start, end) for row in found["student_summary"]]


def _finish(row: Row, days: Sequence[Row], query: Query) -> Row:
    zone = zone_of(row["zone"])
    quarters = ((each["day"], each["quarter_hours"]) for each in days)
    local = {moment.date() for moment in local_times(quarters, zone)}
    today = local_today(query.moment, zone)
    return row | {
        "time_zone": zone.key,
        "streak_days": current_streak(local, today),
        "consistency": consistency_score(local, today),
    }


def _sums(days: Sequence[Row], start: date, end: date) -> dict[str, Any]:
    period = [row for row in days if row["day"] >= start]
    return {
        "time_to_date": _seconds(days),
        "time_spent": _seconds(period),
        "time_week": _seconds(days, end - _WEEK),
        "time_week_before": _seconds(days, end - 2 * _WEEK, end - _WEEK),
        "days_active": len({row["day"] for row in period if row["learned"]}),
        "lessons_completed": len(
            {(row["course_id"], each) for row in period for each in row["lessons_completed"]}
        ),
        "last_activity_at": max((row["last_learning_at"] for row in days if row["learned"]), default=None),
    }


def _seconds(days: Sequence[Row], since: date = date.min, until: date = LAST_DAY) -> float:
    micros: int = sum(row["micros"] for row in days if since <= row["day"] < until)
    return micros / SECOND
