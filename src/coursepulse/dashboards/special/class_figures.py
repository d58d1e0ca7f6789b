"""The figures of a class, with the share of it that was active."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import Record
from coursepulse.dashboards.views.figures import Figures
from coursepulse.metrics.metric import Column, Unit

_REST = Column(
    "not_agreed", Unit.COUNT, "Did not agree", "enrolled, and not among those who can be seen active"
)
_SHARE = Column("active_pct", Unit.PERCENT, "Active share of class", "of those who agreed to analytics")


@dataclass(frozen=True, kw_only=True)
class ClassFigures(Figures):
    """Engagement of the class as a whole stands beside the number of active learners; last, how many are left out."""

    def figures(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, the share after the first, and those that no list of the class names."""
        return (card.chosen[0], _SHARE, *card.chosen[1:], _REST)

    def complete(self, row: Record) -> Record:
        """Which part of the class was active at all.

        Of those who agreed to analytics: nobody else can be seen active.
        """
        agreed, active = row.get("learners_agreed"), row.get("active_learners")
        share = {"active_pct": min(100, 100 * active / agreed)} if agreed and active is not None else {}
        return row | share | _left_out(row.get("learners_enrolled"), agreed)


def _left_out(enrolled: int | None, agreed: int | None) -> Record:
    """How many are in the course, and in no list of it; not known where one of the numbers is hidden."""
    return {_REST.name: None if enrolled is None or agreed is None else max(0, enrolled - agreed)}
