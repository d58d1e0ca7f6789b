"""What the platform takes in at this moment, with the last hour as a small line."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.views.figures import Figures, trend_of


@dataclass(frozen=True, kw_only=True)
class PulseFigures(Figures):
    """The first figure has the events of each minute; the last one is not over and would look like a fall."""

    ticking: bool = True

    @property
    def related(self) -> tuple[str, ...]:
        """The metric by minute."""
        return ("pulse_minutes",)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The figures."""
        minutes = reader.rows("pulse_minutes")[:-1]
        trend = trend_of([row["events"] for row in minutes])
        return [
            figure | {"trend": trend if place == 0 else ()}
            for place, figure in enumerate(super().read(card, reader))
        ]
