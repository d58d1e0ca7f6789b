"""What a manager could do this week, and why: made of the numbers of the cards below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.format import percent, show
from coursepulse.dashboards.links import card_anchor, team_link
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.special.progress import HREF
from coursepulse.dashboards.text import plural, say
from coursepulse.metrics.metric import Column, Unit

_COLUMNS = (
    Column("title", Unit.TEXT, "Title", "what there is to do"),
    Column("why", Unit.TEXT, "Why", "its reason"),
    HREF,
)

#: More would not be done in a week.
_MOST = 5

#: Seats of which so many are not activated are worth a question, in per cent of those assigned.
_IDLE = 20

#: A budget is spent too fast that is so much further than its period, in points.
_AHEAD = 10


@dataclass(frozen=True, kw_only=True)
class TeamSteps(View):
    """The most urgent first; what is hidden because it is about few people is not spoken of."""

    template: ClassVar[str] = "steps.html"

    @property
    def related(self) -> tuple[str, ...]:
        """Everything it looks at besides training."""
        return ("team_certificates", "team_attention", "team_seats", "team_budgets")

    def columns(self, card: Card) -> tuple[Column, ...]:  # noqa: ARG002
        """The words, and where they lead."""
        return _COLUMNS

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """What is late comes before what soon will be, and people before money."""
        trainings, certificates, (people,), seats, budgets = (
            list(reader.rows(metric)) for metric in card.metrics
        )
        found = [
            *_each(trainings, "overdue", "calendar", "team_training_members"),
            *_each(certificates, "expired", "calendar", "team_certificate_members"),
            *_each([people], "dormant", "person", "team_attention_members"),
            *_each(trainings, "due_soon", "calendar", "team_training_members"),
            *_each(certificates, "expires_30", "calendar", "team_certificate_members"),
            *_idle(seats),
            *_spent(budgets),
        ]
        return [_lead(step, reader.subject.team) for step in found[:_MOST]]


def _each(rows: Rows, column: str, icon: str, leads: str) -> Iterator[Record]:
    """A step for each row in which somebody is counted; None is hidden."""
    for row in rows:
        if row[column]:
            words = {name: show(row[name], Unit.TEXT) for name in ("title", "certificate") if name in row}
            due = show(row.get("due_on"), Unit.DATE)
            yield {
                "title": say(f"step.team.{column}", people=plural("unit.people", row[column]), **words),
                "why": say(f"step.team.{column}.why", due=due),
                "icon": icon,
                "leads": leads,
            }


def _idle(seats: Rows) -> Iterator[Record]:
    for row in seats:
        idle = row["assigned"] - row["activated"]
        if idle and 100 * idle >= _IDLE * row["assigned"]:
            seats_idle = plural("unit.seats", idle)
            title = say("step.team.idle", seats=seats_idle, licence=row["licence"])
            yield {"title": title, "why": say("step.team.idle.why"), "icon": "check", "leads": "team_seats"}


def _spent(budgets: Rows) -> Iterator[Record]:
    for row in budgets:
        if row["spent_pct"] is not None and row["spent_pct"] >= min(100, row["elapsed_pct"] + _AHEAD):
            yield {
                "title": say("step.team.spent", share=percent(row["spent_pct"]), budget=row["budget"]),
                "why": say("step.team.spent.why", share=percent(row["elapsed_pct"])),
                "icon": "trouble",
                "leads": "team_budgets",
            }


def _lead(step: Record, team: str) -> Record:
    """The step with the address of the card that has the details."""
    return step | {
        "action": "",
        "url": "",
        "href": f"{team_link(team)}#card-{card_anchor(step['leads'], team)}",
    }
