"""How the platform does: five numbers beside the period before."""

from __future__ import annotations

from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Scope
from coursepulse.dashboards.figures import COLUMNS, Figure, is_hidden, trend_of
from coursepulse.dashboards.format import Kind
from coursepulse.dashboards.platform import daily

_FIGURES = (
    ("active_learners", Kind.COUNT),
    ("enrolments", Kind.COUNT),
    ("lessons_completed", Kind.COUNT),
    ("time_spent", Kind.SECONDS),
    ("events", Kind.COUNT),
)


def data(ask: Ask) -> tuple[Figure, ...]:
    """The headline numbers, with their course over the days where there is one."""
    now, before = ask.pair("platform_summary")
    days = daily.data(ask)
    return tuple(
        Figure(
            name,
            now.get(name),
            before.get(name),
            kind,
            trend=_trend(days, name),
            suppressed=is_hidden(now, name),
        )
        for name, kind in _FIGURES
        if now
    )


def _trend(days: tuple[daily.Day, ...], name: str) -> tuple[float, ...]:
    return trend_of([getattr(day, name) for day in days]) if name in daily.Day._fields else ()


CARD = Card(
    slug="platform_headline",
    scope=Scope.PLATFORM,
    metrics=("platform_summary", "platform_daily"),
    data=data,
    columns=COLUMNS,
    template="figures.html",
    span=12,
)
