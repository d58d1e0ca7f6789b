"""The figures of a class, with the share of it that was active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import Record
from coursepulse.dashboards.views.figures import Figures
from coursepulse.metrics.metric import Column, Unit

_REST = Column(
    "not_agreed", Unit.COUNT, "Did not agree", "enrolled, and not among those who can be seen active"
)
_SHARE = Column("active_pct", Unit.PERCENT, "Active share of class", "of those who agreed to analytics")


#: The key under which a figure says how many are behind it.
COUNTS = "counts"


class ClassCounts(NamedTuple):
    """How many are in a course, how many of them agreed to analytics, and whether anything has been learned."""

    enrolled: int
    agreed: int
    begun: bool


@dataclass(frozen=True, kw_only=True)
class ClassFigures(Figures):
    """Engagement of the class as a whole stands beside the number of active learners; last, how many are left out."""

    def figure(self, row: Record, each: Column) -> Record:  # noqa: ARG002
        """Who is behind the figures: an empty course has something else to say than a class that rests."""
        enrolled, agreed = row.get("learners_enrolled"), row.get("learners_agreed")
        if enrolled is None or agreed is None:
            return {}
        begun = any(
            row.get(name) for name in ("active_learners", "completion_pct", "score_pct", "time_to_date")
        )
        return {COUNTS: ClassCounts(enrolled, agreed, begun)}

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
