"""The courses that somebody teaches, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.links import course_link
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.special.progress import HREF
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column

#: Courses whose numbers are shown at once: each is a question of its own.
AT_ONCE = 20


@dataclass(frozen=True, kw_only=True)
class TaughtCourses(DataTable):
    """One row per course, the first of them by id; the others are named below."""

    follows: str = "own"

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, and where each course leads."""
        return (*card.chosen, HREF)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """A row per course."""
        courses = sorted(reader.viewer.course_ids)[:AT_ONCE]
        found = [row for course in courses for row in reader.about_course(course).rows(card.source.slug)]
        return [row | {"href": course_link(row["course_id"])} for row in card.pick(found)]
