"""What to do next, and why: help, never a label. Only for those who agreed to personal suggestions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coursepulse.access.viewer import Role
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.format import show, span
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
    Column("action", Unit.TEXT, "What to do", "the item, its length and what to do with it", hidden=True),
    Column("url", Unit.TEXT, "Address", "where that is on the platform, empty when unknown", hidden=True),
    HREF,
)


@dataclass(frozen=True, kw_only=True)
class Steps(View):
    """Suggestions with their reasons, in words: to the student what to do, to others what stands in the way."""

    template: ClassVar[str] = "steps.html"

    def columns(self, card: Card) -> tuple[Column, ...]:  # noqa: ARG002
        """The words, and where they lead."""
        return _COLUMNS

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The most urgent first; who is in no course is not called finished."""
        student, own = id_text(reader.subject.student), reader.viewer.role is Role.STUDENT
        steps = [_step(student, row, own=own) for row in reader.rows(card.source.slug)]
        if steps or reader.lacks_consent or _learns(reader):
            return steps
        return [_bare("no_course", own=own)]


def _learns(reader: MetricReader) -> bool:
    return any(row["status"] != "left" for row in reader.rows("student_courses"))


def _step(student: str, row: Record, *, own: bool) -> Record:
    return _bare(row["advice"], own=own, course=row["title"], due=_due(row)) | {
        "action": _action(row),
        "icon": ICONS[row["advice"]],
        # The task is the student's: others are shown how it stands.
        "url": row["url"] if own else "",
        "href": learner_link(row["course_id"], student),
    }


def _bare(advice: str, *, own: bool, **words: str) -> Record:
    """The words of an advice for this reader."""
    key = f"step.{advice}" if own else f"step.other.{advice}"
    known = {"course": "", "due": ""} | words
    told = {"title": say(key, **known), "why": say(f"{key}.why", **known)}
    return told | {"action": "", "icon": "resume", "url": "", "href": ""}


def _due(row: Record) -> str:
    return say("step.due", due=show(row["due_at"], Unit.MOMENT)) if row["due_at"] else ""


def _action(row: Record) -> str:
    """What to do with which item, and how long it takes: Continue: Limits, 12 min."""
    if row["kind"] == "course":
        return say("step.do.course")
    named = row["item"] or say("step.unnamed")
    item = named if row["length"] is None else say("step.item", item=named, length=span(row["length"]))
    return say(f"step.do.{row['kind']}", item=item)
