"""What a model says of a learner, why, and what teachers say of that: for those who teach the course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.format import percent
from coursepulse.dashboards.language import decimal
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.text import say, say_or
from coursepulse.insight.features import FEATURES, FeatureUnit
from coursepulse.metrics.metric import Column

_BY_NAME = {feature.name: feature for feature in FEATURES}

#: Reasons shown on either side.
_MOST = 3

#: From which probability on there is some risk, and a high one; how much must be known to rely on it: per cent.
_SOME, _HIGH, _KNOWN = 20, 50, 70


class Share(NamedTuple):
    """What one feature adds to the log-odds."""

    name: str
    value: float | None
    share: float


@dataclass(frozen=True, kw_only=True)
class LearnerPrediction(View):
    """One row about one learner."""

    template: ClassVar[str] = "prediction.html"

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric."""
        return card.chosen

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The row, with words for the number and a sentence for each reason."""
        return [row | explain(row) for row in super().read(card, reader)]


def explain(row: dict[str, object]) -> dict[str, object]:
    """The reasons of a row in words."""
    told = row["shares"] if isinstance(row["shares"], list) else []
    shares = [Share(*each) for each in told]
    speaks_for = [each for each in shares if each.share > 0][:_MOST]
    against = [each for each in shares if each.share < 0][:_MOST]
    return {
        "level": _level(row["probability_pct"]),
        "speaks_for": _sentences(speaks_for),
        "speaks_against": _sentences(against),
        "sure": isinstance(row["known_pct"], int | float) and row["known_pct"] >= _KNOWN,
    }


def _level(probability: object) -> str:
    risk = probability if isinstance(probability, int | float) else 0
    return "high" if risk >= _HIGH else "some" if risk >= _SOME else "low"


def _sentences(shares: Sequence[Share]) -> list[str]:
    return [sentence_of(each) for each in shares]


def sentence_of(share: Share) -> str:
    """A reason as a sentence. A feature that this release no longer knows is named."""
    feature = _BY_NAME.get(share.name)
    if feature is None or share.value is None:
        return say_or(f"feature.{share.name}.unknown", share.name)
    value = percent(100 * share.value) if feature.unit is FeatureUnit.SHARE else decimal(share.value, 1)
    return say(f"feature.{share.name}", value=value)
