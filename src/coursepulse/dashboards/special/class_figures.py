"""The figures of a class, with the share of it that was active."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import Record
from coursepulse.dashboards.views.figures import Figures
from coursepulse.metrics.metric import Column, Unit

_SHARE = Column("active_pct", Unit.PERCENT, "Active share of class", "of those who agreed to analytics")


@dataclass(frozen=True, kw_only=True)
class ClassFigures(Figures):
    """Engagement of the class as a whole stands beside the number of active learners."""

    def figures(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, and the share after the first."""
        return (card.chosen[0], _SHARE, *card.chosen[1:])

    def complete(self, row: Record) -> Record:
        """Which part of the class was active at all.

        Of those who agreed to analytics: nobody else can be seen active.
        """
        agreed, active = row.get("learners_agreed"), row.get("active_learners")
        return row | {"active_pct": min(100, 100 * active / agreed)} if agreed and active is not None else row
