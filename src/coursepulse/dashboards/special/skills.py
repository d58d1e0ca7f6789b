"""Skills under names that people know: where a question has no skill, its quiz stands for one. Files keep the id."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.views.bars import HorizontalBars
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column, Unit

_ID, _NAME = "skill", "skill_name"
_COLUMN = Column(_NAME, Unit.TEXT, "Skill", "the skill, or the title of the quiz that stands for it")


@dataclass(frozen=True, kw_only=True)
class SkillTable(DataTable):
    """A list of skills, or of people and skills.

    :param titles: the metric that knows the titles of quizzes
    """

    titles: str

    @property
    def related(self) -> tuple[str, ...]:
        """The quizzes."""
        return (self.titles,)

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, with the name in the place of the id."""
        return _with_names(card)

    def sort_orders(self, card: Card) -> tuple[str, ...]:
        """Every column: the names are sorted as what they are names of."""
        return tuple(self.sort_column(way) for way in super().sort_orders(card))

    def sort_column(self, name: str) -> str:
        """What a column is sorted by."""
        return _ID if name == _NAME else name

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The wanted part of the list. How long the whole is, the last answer says."""
        titles = _titles(reader, self.titles)
        return _named(super().read(card, reader), titles)


@dataclass(frozen=True, kw_only=True)
class SkillBars(HorizontalBars):
    """One bar a skill.

    :param titles: the metric that knows the titles of quizzes
    """

    name: str = _NAME
    titles: str

    @property
    def related(self) -> tuple[str, ...]:
        """The quizzes."""
        return (self.titles,)

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, with the name in the place of the id."""
        return _with_names(card)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The skills, the weakest first."""
        return _named(super().read(card, reader), _titles(reader, self.titles))


def _with_names(card: Card) -> tuple[Column, ...]:
    return tuple(
        column
        for each in card.chosen
        for column in ((each._replace(hidden=True), _COLUMN) if each.name == _ID else (each,))
    )


def _titles(reader: MetricReader, metric: str) -> Record:
    return {row["assessment_id"]: row["title"] for row in reader.rows(metric)}


def _named(rows: Rows, titles: Record) -> Rows:
    return [row | {_NAME: titles.get(row[_ID], row[_ID])} for row in rows]
