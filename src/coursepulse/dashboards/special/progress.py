"""How far a student is in each course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.links import learner_link
from coursepulse.dashboards.people import id_text
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.metrics.metric import Column, Unit

#: Where a row leads: to the page of the student in the course.
HREF = Column("href", Unit.TEXT, "Address", "page of the student in the course", hidden=True)


@dataclass(frozen=True, kw_only=True)
class Progress(View):
    """A meter for each course. Unfinished courses first, the furthest of them on top."""

    template: ClassVar[str] = "progress.html"

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, and where each course leads."""
        return (*card.chosen, HREF)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """One row a course."""
        student = id_text(reader.subject.student)
        rows = card.pick(reader.rows(card.source.slug))
        linked = [row | {"href": learner_link(row["course_id"], student)} for row in rows]
        return sorted(linked, key=_order)


def _order(row: Record) -> tuple[bool, float, str]:
    reached = row["completion_pct"] or 0.0
    return reached >= 100, -reached, row["title"]
