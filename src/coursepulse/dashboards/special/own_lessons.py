"""The lessons of a student, each with its course: every course has a first one."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column, Unit

_COURSES = "student_pace"
_COURSE = Column("course", Unit.TEXT, "Course", "title of the course")


@dataclass(frozen=True, kw_only=True)
class OwnLessons(DataTable):
    """One row a lesson."""

    @property
    def related(self) -> tuple[str, ...]:
        """The courses: what knows them to date, as the lessons are."""
        return (_COURSES,)

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, with the course beside the lesson."""
        return tuple(
            column
            for each in card.chosen
            for column in ((each, _COURSE) if each.name == "title" else (each,))
        )

    def sort_orders(self, card: Card) -> tuple[str, ...]:
        """Every column but the course: the data have its order."""
        return tuple(way for way in super().sort_orders(card) if way != _COURSE.name)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The wanted part of the list."""
        titles = {row["course_id"]: row["title"] for row in reader.rows(_COURSES)}
        return [
            row | {_COURSE.name: titles.get(row["course_id"], row["course_id"])}
            for row in super().read(card, reader)
        ]
