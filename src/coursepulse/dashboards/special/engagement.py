"""How engaged a class is, week by week: low, usual and high against its own measure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.extremes import SO_FAR
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.views.bars import StackedBars
from coursepulse.metrics.metric import Column, Unit

BANDS = {"low": "Low", "normal": "Usual", "high": "High"}


@dataclass(frozen=True)
class WeeksByBand(StackedBars):
    """The metric has a row for each learner and week; this counts them."""

    along: str = "week"
    layers: tuple[tuple[str, str], ...] = (
        ("low", chart.THIRD),
        ("normal", chart.ACCENT),
        ("high", chart.SECOND),
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
        this_week = _monday(reader.period.today)
        return [
            {"week": week, SO_FAR: week == this_week} | {band: found[week, band] for band in BANDS}
            for week in weeks
        ]


def _monday(day: date | None) -> date | None:
    return day and day - timedelta(days=day.weekday())
