"""Who leads: the first places, and for a student their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.reader import MetricReader, Rows


@dataclass(frozen=True, kw_only=True)
class Leaderboard(View):
    """The rows in the order of their ranks, in parts when there are many."""

    template: ClassVar[str] = "leaderboard.html"
    page_size: int = 10

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """All of them: a reader's own place stands above the table, whichever part of it is shown."""
        return card.pick(reader.rows(card.source.slug))
