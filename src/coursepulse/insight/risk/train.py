"""Training: contenders are compared on a later period than they were trained on, and the better one is trained on all.

The slopes of the calibration come from the later period too. Its level comes from all periods, each predicted by a
model that has not seen it: terms differ from each other by a few points for reasons that do not last, and with one
later term alone, its accident would be taken for a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coursepulse.insight.features import FEATURES, Feature
from coursepulse.insight.risk.calibration import Calibration, fit_level, fit_line, stages_of
from coursepulse.insight.risk.dataset import kinds_of, lost_of, matrix, period_weights
from coursepulse.insight.risk.metrics import Quality, auc, measure_all
from coursepulse.insight.risk.model import RiskModel
from coursepulse.insight.risk.models import CONTENDERS, RiskScorer
from coursepulse.kit.errors import CoursepulseError

Numbers: TypeAlias = NDArray[np.float64]

#: Rows of each outcome, below which nothing can be learned.
FEWEST_ROWS = 50

#: Parts of the students of a single period.
FOLDS = 5


class TooFewRows(CoursepulseError):
    """There is not enough history to train on."""


@dataclass(frozen=True)
class Contender:
    """A kind of model, its log-odds for each period without having seen it, and its AUC on the latest."""

    kind: str
    raw: Numbers
    auc: float


@dataclass(frozen=True)
class Trained:
    """The winner, and how the contenders did on the latest period.

    :param contenders: the AUC of each kind of model there
    :param tested: the rows of the latest period
    :param held_out: calibrated probabilities of these, from a model of the winner's kind that has not seen them; the
        three numbers of the calibration alone have
    """

    model: RiskModel
    contenders: Mapping[str, float]
    tested: pl.DataFrame
    held_out: Numbers
    quality: Quality


def train(
    rows: pl.DataFrame, features: Sequence[Feature] = FEATURES, kinds: Iterable[str] = tuple(CONTENDERS)
) -> Trained:
    """Let the contenders compete, calibrate the better one and train it on all rows.

    :param rows: of :func:`make_rows`; with a single period there is no later one to test on, and its students are
        divided in parts instead
    :raises TooFewRows: when there is too little history
    """
    return train_parts(into_parts(rows), features, kinds)


def into_parts(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of which enough is known, with ``part``: a model that predicts a part must not have seen it.

    A part is a period, or where a kind of course has but one, a fifth of its students.

    :raises TooFewRows: when there is too little history
    """
    known = rows.filter("enough")
    fold = pl.format("fold {}", pl.col("student").hash(seed=1) % FOLDS)
    one = pl.col("period").n_unique().over("dated") < 2
    parts = known.with_columns(part=pl.when(one).then(fold).otherwise("period"))
    _check(parts)
    return parts


def train_parts(
    rows: pl.DataFrame, features: Sequence[Feature] = FEATURES, kinds: Iterable[str] = tuple(CONTENDERS)
) -> Trained:
    """The same with rows of :func:`into_parts`.

    Read are the features, ``dated``, ``period``, ``lost`` and ``part``.
    """
    used = known_features(rows, features)
    contenders = [_compete(kind, rows, used) for kind in kinds]
    best = max(contenders, key=lambda one: one.auc)
    calibration = _calibrate(rows, best.raw)
    scorer = _fit(best.kind, rows, used)
    tested = tested_rows(rows)
    held_out = calibration.probability(best.raw[_latest(rows)], stages_of(tested))
    model = RiskModel(scorer, used, calibration, kinds_of(rows))
    return judged(model, {each.kind: each.auc for each in contenders}, tested, held_out)


def judged(
    model: RiskModel, contenders: Mapping[str, float], tested: pl.DataFrame, held_out: Numbers
) -> Trained:
    """A trained model with the quality of what was predicted for rows that it had not seen."""
    return Trained(model, contenders, tested, held_out, measure_all(lost_of(tested), held_out))


def tested_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The latest period of each kind of course; all rows where there is but one."""
    return rows.filter(_latest(rows))


def known_features(rows: pl.DataFrame, features: Sequence[Feature]) -> tuple[Feature, ...]:
    """Features that are known of anybody and differ between any two."""
    return tuple(each for each in features if rows[each.name].drop_nulls().n_unique() > 1)


def _compete(kind: str, rows: pl.DataFrame, features: Sequence[Feature]) -> Contender:
    raw = np.zeros(rows.height)
    for part in rows["part"].unique():
        here = (rows["part"] == part).to_numpy()
        scorer = _fit(kind, rows.filter(~here), features)
        raw[here] = scorer.log_odds(matrix(rows.filter(here), [each.name for each in features]))
    late = _latest(rows)
    return Contender(kind, raw, auc(lost_of(rows)[late], raw[late]))


def _calibrate(rows: pl.DataFrame, raw: Numbers) -> Calibration:
    lost, weights, stages, late = lost_of(rows), period_weights(rows), stages_of(rows), _latest(rows)
    line = fit_line(raw[late], stages[late], lost[late], weights[late])
    return fit_level(line, raw, stages, lost, weights)


def _fit(kind: str, rows: pl.DataFrame, features: Sequence[Feature]) -> RiskScorer:
    x = matrix(rows, [each.name for each in features])
    return CONTENDERS[kind](x, lost_of(rows), period_weights(rows), features, 0)


def _latest(rows: pl.DataFrame) -> NDArray[np.bool_]:
    return rows.select(pl.col("period") == pl.col("period").max().over("dated")).to_series().to_numpy()


def _check(rows: pl.DataFrame) -> None:
    lost = int(lost_of(rows).sum())
    if min(lost, rows.height - lost) < FEWEST_ROWS:
        raise TooFewRows(f"Training needs at least {FEWEST_ROWS} rows of each outcome.")
