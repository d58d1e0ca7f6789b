"""Who was active, and on which days of their own calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from coursepulse.kit.clock import Micros
from tests.reference.course_day import CourseDay


def active_students(
    days: Iterable[CourseDay], start: date, end: date, left_out: Collection[bytes] = ()
) -> set[bytes]:
    """Students with a learning event on a UTC day from ``start`` to before ``end``.

    :param left_out: staff and test users
    """
    return {
        day.student_id
        for day in days
        if day.learning_events and start <= day.day < end and day.student_id not in left_out
    }


def last_learning(days: Iterable[CourseDay]) -> dict[bytes, Micros]:
    """When each student who ever learned last did."""
    last: dict[bytes, Micros] = {}
    for day in days:
        if day.last_learning_at is not None:
            last[day.student_id] = max(last.get(day.student_id, day.last_learning_at), day.last_learning_at)
    return last


def absent_students(days: Iterable[CourseDay], now: Micros, silence: Micros) -> set[bytes]:
    """Students who have learned, but not within ``silence`` before ``now``.

    The last moment is taken first and compared afterwards. To filter old events first and take the last of
    those lists everybody who was also here long ago: Aspects' at_risk_learner_filter.sql did.
    """
    return {student for student, at in last_learning(days).items() if at < now - silence}


def local_days(days: Iterable[CourseDay], zone: tzinfo) -> set[date]:
    """The calendar days of ``zone`` with a learning event."""
    return {
        (_midnight(day.day) + quarter * timedelta(minutes=15)).astimezone(zone).date()
        for day in days
        for quarter in day.quarter_hours
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
