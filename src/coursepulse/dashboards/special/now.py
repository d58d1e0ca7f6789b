"""What goes on right now: who is in a course, and how far a student is in what they are doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coursepulse.dashboards.alert_words import alert_title
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import enumerated, say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column, Unit

#: Where somebody is, in words.
PLACE = Column("place", Unit.TEXT, "Where", "lesson, video or quiz, by its title")

#: What a student can do next, and how far they are.
SAYS = Column("says", Unit.TEXT, "How far", "where to go on, or the score so far")


@dataclass(frozen=True, kw_only=True)
class WhoIsIn(DataTable):
    """A table of those who are in, with their places and devices, and whether they are stuck, in words."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The place stands behind the name."""
        shown = [column for column in card.chosen if column.name != "title"]
        after = next(number for number, column in enumerate(shown, 1) if column.name == "name")
        return (*shown[:after], PLACE, *shown[after:])

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Everybody, the last to come first; the usual order of the card has those on top who are stuck."""
        return [_tell_place(row) for row in super().read(card, reader)]


def _tell_place(row: Record) -> Record:
    device = row["device"]
    return row | {
        "place": say(f"now.in.{row['kind']}", title=row["title"] or row["item_id"]),
        "device": say(f"device.{device}") if device else "",
        "stuck": enumerated(alert_title(rule) for rule in row["stuck"].split()),
    }


@dataclass(frozen=True, kw_only=True)
class OwnProgress(View):
    """A meter for each video and quiz that goes on, which moves while the student watches and answers."""

    template: ClassVar[str] = "now.html"

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, and what they mean for the student."""
        return (*card.chosen, SAYS)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """What was done last stands on top."""
        return [row | {"says": _tell_progress(row)} for row in card.pick(reader.rows(card.source.slug))]


def _tell_progress(row: Record) -> str:
    if row["kind"] == "quiz":
        key = "now.quiz.over" if row["handed_in_at"] else "now.quiz.runs"
        return say(key, correct=row["correct"], answered=row["questions"])
    if row["resume_at"] is None:
        return say("now.video.unknown")
    if row["resume_at"] == 0:
        return say("now.video.over")
    return say("now.video.resume", position=show(row["resume_at"], Unit.POSITION))
