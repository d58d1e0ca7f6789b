"""How far the numbers are behind the events."""

from __future__ import annotations

from coursepulse.web.cards.ask import Ask
from coursepulse.web.cards.card import Card, Scope
from coursepulse.web.cards.figures import COLUMNS, Figure
from coursepulse.web.cards.format import Kind

_FIGURES = (("lag", Kind.COUNT), ("latest_event_at", Kind.MOMENT), ("applied_at", Kind.MOMENT))


def data(ask: Ask) -> tuple[Figure, ...]:
    """Lag, newest event and when it was last brought up to date."""
    rows = ask.records("pipeline")
    return tuple(Figure(name, row.get(name), None, kind, compared=False) for row in rows[:1] for name, kind in _FIGURES)


CARD = Card(
    slug="platform_pipeline",
    scope=Scope.PLATFORM,
    metrics=("pipeline",),
    data=data,
    columns=COLUMNS,
    template="figures.html",
    span=6,
)
