"""What happened to one learner when: visits, work, alerts and messages, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from coursepulse.dashboards.alert_words import alert_reason, alert_title
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.format import percent, span
from coursepulse.dashboards.reader import MetricReader, Record, RowRange, Rows
from coursepulse.dashboards.special.progress import HREF
from coursepulse.dashboards.text import plural, say
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.ids import to_text
from coursepulse.metrics.metric import Column, Unit

_COLUMNS = (
    Column("at", Unit.MOMENT, "When", "when it happened, or began"),
    Column("kind", Unit.TEXT, "Kind", "as in the metric; or alert, cleared or message"),
    Column("happened", Unit.TEXT, "What", "what happened, in a sentence"),
    HREF,
)

#: Things of one period that are looked through.
_MOST = 500

#: The icon of each kind.
_ICONS = {"visit": "resume", "alert": "trouble", "cleared": "check", "message": "person"}


@dataclass(frozen=True, kw_only=True)
class Timeline(View):
    """One line a happening. Alerts and messages are told to those who teach, with a note of the look."""

    template: ClassVar[str] = "timeline.html"

    def columns(self, card: Card) -> tuple[Column, ...]:  # noqa: ARG002
        """When and what."""
        return _COLUMNS

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Everything of the period, the newest first."""
        rows = reader.page(card.source.slug, RowRange("-at", 0, _MOST))
        found = [*map(_write, rows), *_alerts(reader), *_messages(reader)]
        days = set(reader.period.each())
        within = [row for row in found if row["at"].date() in days]
        return sorted(within, key=lambda row: row["at"], reverse=True)


def _alerts(reader: MetricReader) -> Iterator[Record]:
    student = reader.subject.student
    if reader.alerts is None or student is None:
        return
    kept = reader.alerts.about_learner(reader.subject.course, student)
    for each, names in zip(kept, reader.alerts.names(kept), strict=True):
        alert = each.alert
        href = f"/alerts/{to_text(alert.alert_id)}"
        yield _line(from_micros(alert.raised_at), "alert", alert_reason(alert, names), href)
        if alert.cleared_at is not None:
            says = say("timeline.cleared", title=alert_title(alert.rule))
            yield _line(from_micros(alert.cleared_at), "cleared", says, href)


def _messages(reader: MetricReader) -> Iterator[Record]:
    student = reader.subject.student
    sent: list[Micros] = reader.alerts.messages_to(student) if reader.alerts and student else []
    for at in sent:
        yield _line(from_micros(at), "message", say("timeline.message"))


def _line(at: datetime, kind: str, says: str, href: str = "") -> Record:
    return {"at": at, "kind": kind, "happened": says, "href": href or None, "icon": _ICONS.get(kind, "quiz")}


def _write(row: Record) -> Record:
    """A row of the metric in a sentence."""
    return _line(row["at"], row["kind"], _WORDS.get(row["kind"], _plain)(row))


def _visit(row: Record) -> str:
    says = say("timeline.visit", time=span(row["time_spent"]))
    return f"{says} {plural('timeline.lessons', row['lessons'])}" if row["lessons"] else says


def _result(row: Record) -> str:
    score = row["score_pct"]
    if score is None:
        return say(f"timeline.{row['kind']}.unscored", title=row["title"])
    return say(f"timeline.{row['kind']}", title=row["title"], score=percent(score))


def _plain(row: Record) -> str:
    return say(f"timeline.{row['kind']}", title=row["title"])


_WORDS: dict[str, Callable[[Record], str]] = {"visit": _visit, "quiz": _result, "grade": _result}
