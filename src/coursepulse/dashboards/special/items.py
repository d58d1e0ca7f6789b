"""The questions of a course, each with a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.special.questions import QuestionTable
from coursepulse.definitions.items import judge_choice, judge_item
from coursepulse.metrics.metric import Column, Unit

_QUALITY = Column(
    "quality",
    Unit.STATE,
    "Verdict",
    "check_key, weak, fair, good or very_good; null where too little is known",
)


@dataclass(frozen=True, kw_only=True)
class ItemTable(QuestionTable):
    """Made of the numbers as they are shown: where these are rounded, so is the verdict."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, and the verdict."""
        return (*super().columns(card), _QUALITY)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows with their verdicts."""
        return [row | {"quality": judge_item(row["discrimination"])} for row in super().read(card, reader)]


_EFFECT = Column(
    "effect",
    Unit.STATE,
    "Effect",
    "key, works, misleads, hardly_used or unused; null where too little is known",
)


@dataclass(frozen=True, kw_only=True)
class ChoiceTable(QuestionTable):
    """The choices of the questions, each with what it does."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, and the verdict."""
        return (*super().columns(card), _EFFECT)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows with their verdicts."""
        shares = ("right", "chosen_pct", "upper_pct", "lower_pct")
        return [
            row | {"effect": judge_choice(**{name: row[name] for name in shares})}
            for row in super().read(card, reader)
        ]
