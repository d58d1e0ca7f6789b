"""How engaged a class is, week by week: low, usual and high against its own measure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.views.bars import StackedBars
from coursepulse.metrics.metric import Column, Unit

BANDS = {"low": "Low", "normal": "Usual", "high": "High"}


@dataclass(frozen=True)
class WeeksByBand(StackedBars):
    """The metric has a row for each learner and week; this counts them."""

    along: str = "week"
    layers: tuple[tuple[str, str], ...] = (
        ("high", chart.SECOND),
        ("normal", chart.ACCENT),
        ("low", chart.THIRD),
    )
    tip: str = "tip.band"
    things: str = "learners"

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Active learners of one ISO week by band."""
        counts = (Column(band, Unit.COUNT, title, "active learners") for band, title in BANDS.items())
        return (*card.chosen, *counts)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Weeks in order."""
        found = Counter((row["week"], row["band"]) for row in reader.rows(card.source.slug))
        weeks = sorted({week for week, _ in found})
        return [{"week": week} | {band: found[week, band] for band in BANDS} for week in weeks]
