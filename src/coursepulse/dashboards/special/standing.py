"""Where a learner stands in a course, why, and what is due next: for those who teach it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.reasons import read_reasons, reason_words
from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.metric import Column, Unit

_COLUMNS = (
    Column("status", Unit.STATE, "Status", "enrolled, completed or left; null without learning analytics"),
    c.RISK_BUCKET,
    c.RISK_SCORE,
    Column("reasons", Unit.LIST, "Reasons", "reasons of the risk rule with their points, in words"),
    c.LAST_ACTIVITY,
    c.MISSED,
    Column("next_title", Unit.TEXT, "Next due", "title of what is due next; null when nothing is"),
    Column("next_due_at", Unit.MOMENT, "Due", "when that is"),
)


@dataclass(frozen=True, kw_only=True)
class LearnerStanding(View):
    """One row about one learner. Without learning analytics only what is due next is known."""

    template: ClassVar[str] = "standing.html"

    @property
    def related(self) -> tuple[str, ...]:
        """Everything it looks at besides the risk."""
        return ("student_courses", "student_assessments")

    def columns(self, card: Card) -> tuple[Column, ...]:  # noqa: ARG002
        """One of each."""
        return _COLUMNS

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The row."""
        risks, courses, works = (reader.rows(metric) for metric in card.metrics)
        risk, course = next(iter(risks), {}), next(iter(courses), {})
        due = next(iter(_due(works, reader)), {})
        return [
            {
                "status": course.get("status"),
                "bucket": risk.get("bucket"),
                "risk_score": risk.get("risk_score"),
                "reasons": [reason_words(each) for each in read_reasons(risk.get("reasons", []))],
                "last_activity_at": course.get("last_activity_at"),
                "missed": risk.get("missed"),
                "next_title": due.get("title"),
                "next_due_at": due.get("due_at"),
            }
        ]


def _due(works: Rows, reader: MetricReader) -> Iterable[Record]:
    """What is due today or later and was not handed in, the nearest first."""
    open_ = [row for row in works if row["due_at"] and not row["handed_in_at"]]
    coming = [row for row in open_ if row["due_at"].date() >= reader.period.end]
    return sorted(coming, key=lambda row: row["due_at"])
