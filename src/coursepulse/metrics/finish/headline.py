"""A student's headline: what the days of the student add up to, and how the student stands in all courses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.activity import local_times, local_today, zone_of
from coursepulse.definitions.consistency import consistency_score
from coursepulse.definitions.stats import mean
from coursepulse.definitions.streak import current_streak
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.query import LAST_DAY, Query

#: The queries behind it.
HEADLINE = ("student_summary", "student_day_rows")

_WEEK = timedelta(days=7)


def finish(found: QueryRows, query: Query) -> list[Row]:
    """Streak and consistency are as of the end of the period, as everything else to date."""
    end, days = query.days[1], _to_date(found, query)
    sums = _sums(days, in_period(found, query), end)
    return [_finish(row, found, query) | sums for row in found["student_summary"]]


def in_period(found: QueryRows, query: Query) -> list[Row]:
    """The student's days and courses in the period."""
    return [row for row in _to_date(found, query) if row["day"] >= query.days[0]]


def _to_date(found: QueryRows, query: Query) -> list[Row]:
    return [row for row in found["student_day_rows"] if row["day"] < query.days[1]]


def local_days(found: QueryRows, query: Query) -> tuple[set[date], date]:
    """The days with a learning event in the student's own calendar, and the day that it is there."""
    zone = zone_of(found["student_summary"][0]["zone"])
    quarters = ((each["day"], each["quarter_hours"]) for each in _to_date(found, query))
    return {moment.date() for moment in local_times(quarters, zone)}, local_today(query.moment, zone)


def _finish(row: Row, found: QueryRows, query: Query) -> Row:
    local, today = local_days(found, query)
    return row | {
        "time_zone": zone_of(row["zone"]).key,
        "streak_days": current_streak(local, today),
        "consistency": consistency_score(local, today),
        "score_pct": mean(row["scores"]),
    }


def _sums(days: Sequence[Row], period: Sequence[Row], end: date) -> dict[str, Any]:
    return {
        "time_to_date": _seconds(days),
        "time_spent": _seconds(period),
        "time_outside": _seconds([row for row in period if not row["course_id"]]),
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
