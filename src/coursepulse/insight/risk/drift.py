"""Whether the world has changed since a model was trained: the population stability index of features and outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]

#: Bands of a feature, each with a tenth of the training rows.
_BANDS = 10

#: So small a share stands for none, so that the index stays finite.
_LEAST = 1e-4

#: How much more than others a row may count, so that a few rare ones do not decide.
_MOST_WEIGHT = 10.0

#: From here on, a feature has drifted: the usual reading of the index.
DRIFTED = 0.25


class FeatureSpread(msgspec.Struct, frozen=True):
    """How a feature was spread in training: shares of rows between ``edges``, and last of rows where it is unknown."""

    edges: list[float]
    shares: list[float]


def spread_of(values: pl.Series) -> FeatureSpread:
    """How a column is spread, over bands that hold a tenth of it each."""
    known = values.cast(pl.Float64).drop_nulls().to_numpy()
    if not len(known):
        return FeatureSpread([], [0.0, 1.0])
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BANDS + 1)[1:-1])).tolist()
    return FeatureSpread(edges, _shares(values, edges))


def psi(then: FeatureSpread, values: pl.Series, weights: Numbers | None = None) -> float:
    """The index: 0 for the same spread; above :data:`DRIFTED` it is another one."""
    return _index(then.shares, _shares(values, then.edges, weights))


def drift(
    then: dict[str, FeatureSpread], rows: pl.DataFrame, weights: Numbers | None = None
) -> dict[str, float]:
    """The index of every feature, the largest first."""
    found = {name: psi(spread, rows[name], weights) for name, spread in then.items()}
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def weights_like(then: FeatureSpread | None, values: pl.Series) -> Numbers:
    """Weights with which values are spread as they were then; none is far above the others."""
    if then is None:
        return np.ones(len(values))
    numbers = values.cast(pl.Float64)
    band = np.searchsorted(then.edges, numbers.fill_null(0).to_numpy(), side="left")
    band = np.where(numbers.is_null().to_numpy(), len(then.edges) + 1, band)
    now = np.bincount(band, minlength=len(then.shares)) / max(1, len(values))
    return np.minimum(np.asarray(then.shares)[band] / np.maximum(now[band], _LEAST), _MOST_WEIGHT)


def outcome_drift(then: float, now: float) -> float:
    """The index of the share of the lost."""
    return _index([then, 1 - then], [now, 1 - now])


def _shares(values: pl.Series, edges: Sequence[float], weights: Numbers | None = None) -> list[float]:
    numbers = values.cast(pl.Float64)
    unknown = numbers.is_null().to_numpy()
    weights = np.ones(len(values)) if weights is None else weights
    band = np.searchsorted(edges, numbers.drop_nulls().to_numpy(), side="left")
    counts = np.bincount(band, weights[~unknown], minlength=len(edges) + 1)
    whole = max(float(weights.sum()), _LEAST)
    return [float(each) / whole for each in (*counts, weights[unknown].sum())]


def _index(then: Sequence[float], now: Sequence[float]) -> float:
    before, after = (np.maximum(each, _LEAST) for each in (then, now))
    return float(((after - before) * np.log(after / before)).sum())
