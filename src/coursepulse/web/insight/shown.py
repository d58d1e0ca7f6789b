"""A model card in words, for the page of administrators. The card was written when the model was trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import msgspec

from coursepulse.dashboards.format import count, percent
from coursepulse.dashboards.language import day, decimal
from coursepulse.dashboards.text import say
from coursepulse.insight.features import FEATURES
from coursepulse.insight.models_kept import KeptModel
from coursepulse.insight.risk.card import LIMITS, ModelCard
from coursepulse.insight.risk.drift import DRIFTED
from coursepulse.insight.risk.gate import Objection
from coursepulse.insight.risk.groups import PartQuality
from coursepulse.insight.risk.metrics import FigureInterval
from coursepulse.insight.upkeep import DriftReport

_KNOWN = frozenset(feature.name for feature in FEATURES)

#: Features of a drift table, the furthest first.
_MOST_DRIFTED = 10


class NamedFigure(NamedTuple):
    """A line of a card."""

    name: str
    value: str


class DriftLine(NamedTuple):
    """How far a feature is from what it was."""

    name: str
    how_far: str
    drifted: bool


class ShownModel(NamedTuple):
    """What the page shows of one model; each table has rows of cells.

    :param objections: why it is not shown; empty if it passed its gate
    """

    model: KeptModel
    facts: list[NamedFigure]
    figures: list[NamedFigure]
    reliability: list[tuple[str, ...]]
    courses: list[tuple[str, ...]]
    groups: list[tuple[str, ...]]
    features: list[str]
    limits: list[str]
    objections: list[str]


def read_shown(model: KeptModel, titles: Mapping[str, str]) -> ShownModel | None:
    """The card of a model; None where this release cannot read it.

    :param titles: what courses are called
    """
    card = card_of(model)
    if card is None:
        return None
    return ShownModel(
        model,
        list(_facts(model, card)),
        list(_figures(card)),
        [
            (
                say("models.between", low=percent(100 * band.low), high=percent(100 * band.high)),
                count(band.predictions),
                percent(100 * band.predicted),
                percent(100 * band.observed),
            )
            for band in card.reliability
        ],
        [_part(each, titles.get(each.name, each.name)) for each in card.by_course],
        [_part(each, f"{each.of}: {each.name}") for each in card.by_group],
        [_feature(name) for name in card.features],
        [say(f"models.limit.{nth}") for nth in range(1, len(LIMITS) + 1)],
        [_objection(each) for each in card.ruling.objections],
    )


def card_of(model: KeptModel) -> ModelCard | None:
    """The card of a model; None where this release cannot read it."""
    try:
        return msgspec.convert(model.card, ModelCard)
    except msgspec.ValidationError:
        return None


def drift_lines(report: DriftReport) -> list[DriftLine]:
    """The outcome, and the features that are furthest from what they were."""
    outcome = (
        [DriftLine(say("models.drift.outcome"), decimal(report.outcome, 2), report.outcome_drifted)]
        if report.outcome is not None
        else []
    )
    features = [
        DriftLine(_feature(name), decimal(index, 2), index > DRIFTED)
        for name, index in list(report.features.items())[:_MOST_DRIFTED]
    ]
    return outcome + features


def _facts(model: KeptModel, card: ModelCard) -> Iterable[NamedFigure]:
    yield NamedFigure(say("models.data"), say("models.data.learners"))
    yield NamedFigure(say("models.periods"), "; ".join(map(_period, card.periods)))
    yield NamedFigure(say("models.until"), day(model.data_until))
    yield NamedFigure(say("models.kinds"), ", ".join(say(f"models.kind.{kind}") for kind in card.kinds))
    yield NamedFigure(say("models.rows"), count(card.rows))
    yield NamedFigure(say("models.students"), count(card.students))
    yield NamedFigure(say("models.lost"), percent(100 * card.lost))
    yield NamedFigure(say("models.method"), say(f"models.method.{card.kind}"))


def _period(text: str) -> str:
    """A period by the day on which it began, or by the name that the data gave it."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def _figures(card: ModelCard) -> Iterable[NamedFigure]:
    quality = card.quality
    yield NamedFigure(say("models.predictions"), count(quality.predictions))
    yield NamedFigure(say("models.auc"), _bounds(quality.auc))
    yield NamedFigure(say("models.gain"), _bounds(card.ruling.gain))
    yield NamedFigure(say("models.precision"), _bounds(quality.average_precision))
    yield NamedFigure(say("models.brier"), _bounds(quality.brier))
    yield NamedFigure(say("models.ece"), decimal(quality.ece, 3))
    yield NamedFigure(say("models.top"), percent(100 * quality.top_precision))


def _bounds(figure: FigureInterval) -> str:
    value, low, high = (decimal(each, 3) for each in figure)
    return say("models.interval", value=value, low=low, high=high)


def _part(part: PartQuality, name: str) -> tuple[str, ...]:
    return (
        name,
        count(part.predictions),
        percent(100 * part.lost),
        decimal(part.auc, 3),
        decimal(part.ece, 3),
        percent(100 * part.recall),
    )


def _feature(name: str) -> str:
    """The sentence of a feature, without a number; of one that this release no longer knows, its name."""
    return say(f"feature.{name}", value="…") if name in _KNOWN else name


def _objection(each: Objection) -> str:
    about = say(f"models.kind.{each.kind}") if each.kind else say("models.kind.all")
    found, limit = decimal(each.found, 3), decimal(each.limit, 3)
    return say(f"models.refused.{each.refusal}", found=found, limit=limit, about=each.about, kind=about)
