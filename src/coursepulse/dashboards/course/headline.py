"""How a course does: engagement, completion and performance beside the period before."""

from __future__ import annotations

from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Scope
from coursepulse.dashboards.course import daily
from coursepulse.dashboards.figures import COLUMNS, Figure, is_hidden, trend_of
from coursepulse.dashboards.format import Kind

#: Name, kind, and whether it is of the period: what only grows is not compared.
_FIGURES = (
    ("active_learners", Kind.COUNT, True),
    ("active_pct", Kind.PERCENT, True),
    ("completion_pct", Kind.PERCENT, False),
    ("score_pct", Kind.PERCENT, True),
    ("watched_pct", Kind.PERCENT, False),
    ("time_spent", Kind.SECONDS, True),
)


def data(ask: Ask) -> tuple[Figure, ...]:
    """The headline numbers, with their course over the days where there is one."""
    now, before = (_with_share(row) for row in ask.pair("course_summary"))
    days = daily.data(ask)
    return tuple(
        Figure(
            name,
            now.get(name),
            before.get(name),
            kind,
            compared,
            trend=_trend(days, name),
            suppressed=is_hidden(now, name),
        )
        for name, kind, compared in _FIGURES
        if now
    )


def _with_share(row: Record) -> Record:
    """Engagement of the class as a whole: which part of it was active at all.

    Of those who agreed to analytics: nobody else can be seen active.
    """
    agreed, active = row.get("learners_agreed"), row.get("active_learners")
    return row | {"active_pct": min(100, 100 * active / agreed)} if agreed and active is not None else row


def _trend(days: tuple[daily.Day, ...], name: str) -> tuple[float, ...]:
    return trend_of([getattr(day, name) for day in days]) if name in daily.Day._fields else ()


CARD = Card(
    slug="course_headline",
    scope=Scope.COURSE,
    metrics=("course_summary", "course_daily"),
    data=data,
    columns=COLUMNS,
    template="figures.html",
    span=12,
    several=True,
)
