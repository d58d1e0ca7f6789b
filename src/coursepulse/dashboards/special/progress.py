"""How far a student is in each course, when that leads to the end, and what is due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from coursepulse.access.viewer import Role
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.format import show
from coursepulse.dashboards.language import days
from coursepulse.dashboards.links import learner_link
from coursepulse.dashboards.people import id_text
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.metrics.catalog import find_metric
from coursepulse.metrics.metric import Column, Unit

#: Where a row leads: to the page of the student in the course.
HREF = Column("href", Unit.TEXT, "Address", "page of the student in the course", hidden=True)

_PACE, _SUMMARY = "student_pace", "student_summary"

#: What is shown of the pace.
_OF_PACE = ("pace", "finish_from", "finish_to", "next_due_at", "item")

_WORDS = (
    Column("finish", Unit.TEXT, "Finish", "when the course is finished at this pace, in words", hidden=True),
    Column("due", Unit.TEXT, "Due", "what is due next, in words", hidden=True),
)


@dataclass(frozen=True, kw_only=True)
class Progress(View):
    """A meter for each course: unfinished ones first, the furthest of them on top; last the time outside any course,
    so that the times make that of the headline."""

    template: ClassVar[str] = "progress.html"

    @property
    def related(self) -> tuple[str, ...]:
        """The headline knows the time outside any course."""
        return (_SUMMARY,)

    @property
    def besides(self) -> tuple[str, ...]:
        """The pace is for the student and those who teach."""
        return (_PACE,)

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, the pace with its words, and where each course leads."""
        paced = (find_metric(_PACE).column(name) for name in _OF_PACE)
        return (*card.chosen, *(column for column in paced if column), *_WORDS, HREF)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """One row a course."""
        student = id_text(reader.subject.student)
        paces = {row["course_id"]: row for row in reader.rows_if_shared(_PACE)}
        rows = card.pick(reader.rows(card.source.slug))
        told = [
            row | _tell(paces.get(row["course_id"], {})) | {"href": own_course_link(row, student, reader)}
            for row in rows
        ]
        return [*sorted(told, key=_order), *self._outside(card, reader)]

    def _outside(self, card: Card, reader: MetricReader) -> Rows:
        """A row of the time that belongs to no course, where there is any."""
        time = sum(row["time_outside"] for row in reader.rows(_SUMMARY))
        named = {"course_id": "", "title": say("evidence.outside"), "time_spent": time, "url": ""}
        nothing = dict.fromkeys(column.name for column in self.columns(card))
        return [nothing | named | {"finish": "", "due": "", "href": ""}] if time else []


def own_course_link(row: Record, student: str, reader: MetricReader) -> str:
    """The student's page in the course of a row; nothing for those who lead, as it is for those who teach."""
    return "" if reader.viewer.role is Role.MANAGER else learner_link(row["course_id"], student)


def _order(row: Record) -> tuple[bool, float, str]:
    reached = row["completion_pct"] or 0.0
    return reached >= 100, -reached, row["title"]


def _tell(pace: Record) -> Record:
    """What is shown of the pace, and its words; nothing where there is none."""
    known = {name: pace.get(name) for name in _OF_PACE}
    return known | {"finish": _finish(pace), "due": _due(pace)}


def _finish(pace: Record) -> str:
    state, first, last = (pace.get(name) for name in ("pace", "finish_from", "finish_to"))
    if state in (None, "completed") or pace["lessons_left"] is None:
        return ""
    if not (isinstance(first, date) and isinstance(last, date)):
        return say(f"progress.pace.{state}")
    return say("progress.pace.estimated", span=days(first, last))


def _due(pace: Record) -> str:
    at = pace.get("next_due_at")
    if at is None:
        return ""
    named = pace["item"] or say("step.unnamed")
    return say("progress.due", item=named, due=show(at, Unit.MOMENT))
