"""Where models are trained: in this process, or outside of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import polars as pl

from coursepulse.insight.features import Feature
from coursepulse.insight.risk.train import Trained, train
from coursepulse.kit.errors import CoursepulseError


class TrainingFailed(CoursepulseError):
    """A training outside of this process came to nothing."""


class TrainsModels(Protocol):
    """Makes a model of rows."""

    def train(self, rows: pl.DataFrame, features: Sequence[Feature]) -> Trained:
        """Train on rows of :func:`make_rows`.

        :raises TooFewRows: when there is too little history
        :raises TrainingFailed: when it came to nothing
        """


class EmbeddedTrainer:
    """In this process."""

    def train(self, rows: pl.DataFrame, features: Sequence[Feature]) -> Trained:
        return train(rows, features)
