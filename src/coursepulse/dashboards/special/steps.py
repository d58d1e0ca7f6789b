"""What to do next, and why: help, never a label. Only for those who agreed to personal suggestions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.links import learner_link
from coursepulse.dashboards.people import id_text
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.special.progress import HREF
from coursepulse.dashboards.text import say
from coursepulse.metrics.metric import Column, Unit

#: The icon of every advice of ``coursepulse.definitions.steps``.
ICONS = {
    "come_back": "resume",
    "begin": "resume",
    "catch_up": "calendar",
    "practise": "quiz",
    "next_lesson": "check",
    "watch_rest": "video",
    "go_on": "resume",
}

_COLUMNS = (
    Column("title", Unit.TEXT, "Title", "the suggestion"),
    Column("why", Unit.TEXT, "Why", "its reason"),
    HREF,
)


@dataclass(frozen=True, kw_only=True)
class Steps(View):
    """Suggestions with their reasons, in words."""

    template: ClassVar[str] = "steps.html"

    def columns(self, card: Card) -> tuple[Column, ...]:  # noqa: ARG002
        """The words, and where they lead."""
        return _COLUMNS

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The most urgent first."""
        student = id_text(reader.subject.student)
        return [_step(student, row) for row in reader.rows(card.source.slug)]


def _step(student: str, row: Record) -> Record:
    course, advice = row["title"], row["advice"]
    return {
        "title": say(f"step.{advice}", course=course),
        "why": say(f"step.{advice}.why", course=course),
        "icon": ICONS[advice],
        "href": learner_link(row["course_id"], student),
    }
