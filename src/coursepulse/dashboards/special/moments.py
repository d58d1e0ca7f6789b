"""What viewers do at each moment of a video."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.time_series import TimeSeries
from coursepulse.dashboards.words import written


@dataclass(frozen=True)
class Moments(TimeSeries):
    """Pauses and jumps along a video; the sentence says where most people pause and where most land."""

    def summary(self, card: Card, rows: Rows) -> str:
        """The places at which something is done most."""
        words = {}
        for name in ("pausers", "arrivals"):
            known = [row for row in rows if row[name]]
            if not known:
                return super().summary(card, rows)
            most = max(known, key=lambda row: row[name])
            words[name] = written(most[name], card.unit(name))
            words[f"{name}_at"] = show(most[self.along], card.unit(self.along))
        return say("chart.says.moments", **words)
