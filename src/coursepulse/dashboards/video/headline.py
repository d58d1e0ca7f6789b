"""A video in four numbers."""

from __future__ import annotations

from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Scope
from coursepulse.dashboards.figures import COLUMNS, Figure, is_hidden
from coursepulse.dashboards.format import Kind

_FIGURES = (
    ("viewers", Kind.COUNT),
    ("watched_pct", Kind.PERCENT),
    ("completed", Kind.COUNT),
    ("rewatch_pct", Kind.PERCENT),
)


def data(ask: Ask) -> tuple[Figure, ...]:
    """The video's line in the list of the course's videos."""
    found = [row for row in ask.records("course_videos") if row["video_id"] == ask.subject.video]
    return tuple(
        Figure(name, row[name], None, kind, compared=False, suppressed=is_hidden(row, name))
        for row in found
        for name, kind in _FIGURES
    )


CARD = Card(
    slug="video_headline",
    scope=Scope.VIDEO,
    metrics=("course_videos",),
    data=data,
    columns=COLUMNS,
    template="figures.html",
    span=12,
)
