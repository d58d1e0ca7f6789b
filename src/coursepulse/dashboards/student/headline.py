"""A student's own numbers: streak, courses, time."""

from __future__ import annotations

from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Scope
from coursepulse.dashboards.figures import COLUMNS, Figure
from coursepulse.dashboards.format import Kind


def data(ask: Ask) -> tuple[Figure, ...]:
    """Streak and completed courses as they stand; the rest beside the period before."""
    now, before = ask.pair("student_summary")
    if not now:
        return ()
    return (
        Figure("streak_days", now.get("streak_days"), None, Kind.DAYS, compared=False),
        Figure("courses_completed", now.get("courses_completed"), None, Kind.COUNT, compared=False),
        Figure("time_spent", now.get("time_spent"), before.get("time_spent"), Kind.SECONDS),
        Figure("days_active", now.get("days_active"), before.get("days_active"), Kind.DAYS),
        Figure(
            "lessons_completed", now.get("lessons_completed"), before.get("lessons_completed"), Kind.COUNT
        ),
    )


CARD = Card(
    slug="student_headline",
    scope=Scope.STUDENT,
    metrics=("student_summary",),
    data=data,
    columns=COLUMNS,
    template="figures.html",
    span=12,
)
