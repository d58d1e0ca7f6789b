"""A trained model: a scorer with its calibration, and reasons that add up to what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from coursepulse.insight.features import FEATURES, Feature, features_hash
from coursepulse.insight.risk.calibration import Calibration, probability_of, stages_of
from coursepulse.insight.risk.dataset import CourseKind, matrix
from coursepulse.insight.risk.models import RiskScorer, read_scorer
from coursepulse.kit.errors import CoursepulseError

Numbers: TypeAlias = NDArray[np.float64]

_STALE = "The stored model was made with other features; train a new one."

_SCORER, _META = "scorer.txt", "model.json"


class _Meta(msgspec.Struct, frozen=True):
    kind: str
    features: list[str]
    features_hash: str
    calibration: Calibration
    kinds: tuple[CourseKind, ...]


class StaleModel(CoursepulseError):
    """A stored model was made with features that this release no longer computes in the same way."""


@dataclass(frozen=True)
class RiskModel:
    """Adds up in calibrated log-odds: base + shares of all features = log-odds of the probability.

    :param kinds: of the courses that it has learned from; it says nothing of others
    """

    scorer: RiskScorer
    features: tuple[Feature, ...]
    calibration: Calibration
    kinds: tuple[CourseKind, ...] = tuple(CourseKind)

    @property
    def names(self) -> list[str]:
        """The columns it reads."""
        return [each.name for each in self.features]

    def probabilities(self, rows: pl.DataFrame) -> Numbers:
        """The chance of each row to be lost."""
        return self.calibration.probability(self.scorer.log_odds(matrix(rows, self.names)), stages_of(rows))

    def shares(self, rows: pl.DataFrame) -> Numbers:
        """What each feature adds to the calibrated log-odds; the last column is the base."""
        slopes = self.calibration.slopes(stages_of(rows))[:, None]
        shares: Numbers = slopes * self.scorer.shares(matrix(rows, self.names))
        shares[:, -1] += self.calibration.level
        return shares

    def files(self) -> dict[str, bytes]:
        """The model in open formats: text of the scorer, and JSON."""
        meta = _Meta(self.scorer.kind, self.names, features_hash(self.features), self.calibration, self.kinds)
        return {_SCORER: self.scorer.as_text().encode(), _META: msgspec.json.encode(meta)}


def read_model(files: Mapping[str, bytes], known: Sequence[Feature] = FEATURES) -> RiskModel:
    """The model that :meth:`RiskModel.files` wrote.

    :raises StaleModel: when its features have changed since
    """
    try:
        meta = msgspec.json.decode(files[_META], type=_Meta)
    except msgspec.ValidationError:  # of an earlier release
        raise StaleModel(_STALE) from None
    by_name = {each.name: each for each in known}
    features = tuple(by_name[name] for name in meta.features if name in by_name)
    if features_hash(features) != meta.features_hash:
        raise StaleModel(_STALE)
    scorer = read_scorer(meta.kind, files[_SCORER].decode())
    return RiskModel(scorer, features, meta.calibration, meta.kinds)


def total(shares: Numbers) -> Numbers:
    """The probabilities that shares add up to."""
    return probability_of(shares.sum(axis=1))
