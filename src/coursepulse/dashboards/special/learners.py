"""The learners of a course: found by name, narrowed, sorted, and written to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.reasons import read_reasons
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.dashboards.words import label
from coursepulse.metrics.metric import Column, Param, Unit
from coursepulse.metrics.wanted import ABSENT, CHOICES

#: Columns that are sorted by the number behind their words.
_BEHIND = {"bucket": "risk_score", "engagement": "engagement_score"}


class Choice(NamedTuple):
    """One value that a list can be narrowed to, and what it is called."""

    value: str
    words: str


@dataclass(frozen=True, kw_only=True)
class FoundTable(DataTable):
    """A list of people that is long in a large class. The metric itself searches, sorts and cuts it."""

    template: ClassVar[str] = "learners.html"

    def choices(self, card: Card) -> dict[str, list[Choice]]:
        """What the list can be narrowed to, by column."""
        takes = (
            param for param in (Param.BUCKET, Param.ENGAGEMENT, Param.STATUS) if param in card.source.takes
        )
        return {
            param.value: [Choice(each, _called(card, param, each)) for each in CHOICES[param]]
            for param in takes
        }

    def orders(self, card: Card) -> list[Choice]:
        """The orders to choose from where the headings of the columns are out of sight."""
        columns = {self.sort_column(each.name): each for each in card.table_columns}
        return [Choice(way, label(columns[way.lstrip("-")])) for way in card.sort_orders]


#: What is due next, under a heading of its own: the title alone would be anything's.
_NEXT = Column("next_title", Unit.TEXT, "Next due", "title of the work that is due next and not handed in")


@dataclass(frozen=True, kw_only=True)
class OwedWork(FoundTable):
    """What each learner has to hand in."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, with the title as what it is."""
        return tuple(_NEXT if column.name == "title" else column for column in card.chosen)

    def sort_column(self, name: str) -> str:
        """What a column is sorted by."""
        return "title" if name == _NEXT.name else name

    def sort_orders(self, card: Card) -> tuple[str, ...]:
        """Those of a table, by the columns of the metric."""
        return tuple(way.replace(_NEXT.name, "title") for way in super().sort_orders(card))

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The wanted part of the list."""
        return [row | {_NEXT.name: row["title"]} for row in super().read(card, reader)]


@dataclass(frozen=True, kw_only=True)
class LearnerTable(FoundTable):
    """The learners of a course, who can be narrowed down by how they are."""

    def sort_orders(self, card: Card) -> tuple[str, ...]:
        """Every column but the reasons, those who need help first."""
        listed = [each for each in card.table_columns if each.unit is not Unit.LIST]
        ways = [self._way(each._replace(name=self.sort_column(each.name))) for each in listed]
        return tuple(dict.fromkeys([self.order or card.source.order, *ways]))

    def sort_column(self, name: str) -> str:
        """What a column is sorted by."""
        return _BEHIND.get(name, name)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The wanted part of the list, with the reasons in words."""
        rows = super().read(card, reader)
        return [
            row | {"reasons": [_words(each.cause) for each in read_reasons(row["reasons"])]} for row in rows
        ]


def _words(cause: str) -> str:
    return say(f"reason.{cause}")


def _called(card: Card, param: Param, value: str) -> str:
    return say(f"{param}.{ABSENT}") if value == ABSENT else show(value, card.unit(param.value))
