"""How engaged a class is, week by week: low, usual and high against its own measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.extremes import SO_FAR
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.views.bars import StackedBars


@dataclass(frozen=True)
class WeeksByBand(StackedBars):
    """Active learners of each ISO week by band; the week that goes on is marked."""

    along: str = "week"
    layers: tuple[tuple[str, str], ...] = (
        ("low", chart.THIRD),
        ("normal", chart.ACCENT),
        ("high", chart.SECOND),
    )
    tip: str = "tip.band"
    things: str = "learners"

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Weeks in order."""
        this_week = _monday(reader.period.today)
        return [row | {SO_FAR: row["week"] == this_week} for row in super().read(card, reader)]


def _monday(day: date | None) -> date | None:
    return day and day - timedelta(days=day.weekday())
