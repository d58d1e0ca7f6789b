"""How far the numbers are behind the events."""

from __future__ import annotations

from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Scope
from coursepulse.dashboards.figures import COLUMNS, Figure
from coursepulse.dashboards.format import Kind

_FIGURES = (("latest_event_at", Kind.MOMENT), ("applied_at", Kind.MOMENT), ("idle", Kind.SECONDS))

#: The consumer that every number is made of.
_SERVED = "served"


def data(ask: Ask) -> tuple[Figure, ...]:
    """The newest event in the numbers, when it was taken in, and how long that is ago."""
    served = [row for row in ask.records("pipeline") if row["name"] == _SERVED]
    return tuple(
        Figure(name, row[name], None, kind, compared=False) for row in served for name, kind in _FIGURES
    )


CARD = Card(
    slug="platform_pipeline",
    scope=Scope.PLATFORM,
    metrics=("pipeline",),
    data=data,
    columns=COLUMNS,
    template="figures.html",
    span=4,
)
