"""The models that compete. Each gives log-odds as a sum: one share for each feature, and a base.

Both are stored as text: a logistic regression as JSON, trees in the text format of LightGBM. Loading executes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from coursepulse.insight.features import Feature
from coursepulse.insight.risk.tree_shares import ShareTree, read_trees, tree_shares
from coursepulse.kit.errors import CoursepulseError

Numbers: TypeAlias = NDArray[np.float64]

#: Trees stay small, and each leaf is many students.
_TREES = 160
_LEAF = 150
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 12,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "max_bin": 63,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
}
#: From so many rows on, tables pay off.
_MANY = 500

#: How much the coefficients of the logistic regression are held back.
_PENALTY = 0.02


class ExtraMissing(CoursepulseError):
    """Training and prediction need the extra `insight` (pip install 'coursepulse[insight]') and the library libgomp."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class RiskScorer(Protocol):
    """What every model can do. ``x`` has one column for each of its features; unknown is NaN."""

    @property
    def kind(self) -> str:
        """Its name among the contenders."""
        ...

    def shares(self, x: Numbers) -> Numbers:
        """Log-odds of each row as shares of the features, with the base in the last column."""
        ...

    def log_odds(self, x: Numbers) -> Numbers:
        """The sum of the shares."""
        ...

    def as_text(self) -> str:
        """The model in its open format."""
        ...


class _LogisticLine(msgspec.Struct, frozen=True):
    """A logistic regression over standardised features; an unknown value counts as the mean."""

    means: list[float]
    spreads: list[float]
    weights: list[float]
    base: float


@dataclass(frozen=True)
class LogisticModel:
    """A logistic regression."""

    line: _LogisticLine
    kind: str = "logistic"

    def shares(self, x: Numbers) -> Numbers:
        parts = np.nan_to_num((x - self.line.means) / self.line.spreads) * self.line.weights
        return np.column_stack([parts, np.full(len(x), self.line.base)])

    def log_odds(self, x: Numbers) -> Numbers:
        total: Numbers = self.shares(x).sum(axis=1)
        return total

    def as_text(self) -> str:
        return msgspec.json.encode(self.line).decode()


@dataclass(frozen=True)
class BoostedModel:
    """Trees of LightGBM, as text; read when first asked."""

    text: str
    kind: str = "boosted"

    @cached_property
    def _booster(self) -> Any:
        return _lightgbm().Booster(model_str=self.text)

    @cached_property
    def _trees(self) -> tuple[ShareTree, ...]:
        return read_trees(self.text)

    def shares(self, x: Numbers) -> Numbers:
        """By LightGBM for few rows; the same from tables for many, which takes a sixth of the time."""
        if len(x) >= _MANY:
            return tree_shares(self._trees, x)
        return np.asarray(self._booster.predict(x, pred_contrib=True, num_threads=1), dtype=np.float64)

    def log_odds(self, x: Numbers) -> Numbers:
        return np.asarray(self._booster.predict(x, raw_score=True, num_threads=1), dtype=np.float64)

    def as_text(self) -> str:
        return self.text


@dataclass(frozen=True)
class BlendedModel:
    """The mean of the log-odds of both, and so of their shares."""

    logistic: LogisticModel
    boosted: BoostedModel
    kind: str = "blended"

    def shares(self, x: Numbers) -> Numbers:
        return (self.logistic.shares(x) + self.boosted.shares(x)) / 2

    def log_odds(self, x: Numbers) -> Numbers:
        return (self.logistic.log_odds(x) + self.boosted.log_odds(x)) / 2

    def as_text(self) -> str:
        """The line of JSON of the one, and below it the text of the other."""
        return f"{self.logistic.as_text()}\n{self.boosted.as_text()}"


def fit_logistic(
    x: Numbers, lost: Numbers, weights: Numbers, features: Sequence[Feature], seed: int = 0
) -> LogisticModel:
    """Fit a logistic regression."""
    del features, seed
    try:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - an extra
    except ImportError:
        raise ExtraMissing from None
    known = ~np.isnan(x)
    count = np.maximum(known.sum(axis=0), 1)
    means = np.nansum(x, axis=0) / count
    spreads = np.sqrt(np.nansum((x - means) ** 2, axis=0) / count)
    spreads[spreads == 0] = 1.0
    z = np.nan_to_num((x - means) / spreads)
    fitted = LogisticRegression(C=_PENALTY, max_iter=500).fit(z, lost, sample_weight=weights)
    return LogisticModel(
        _LogisticLine(means.tolist(), spreads.tolist(), fitted.coef_[0].tolist(), float(fitted.intercept_[0]))
    )


def fit_boosted(
    x: Numbers, lost: Numbers, weights: Numbers, features: Sequence[Feature], seed: int = 0
) -> BoostedModel:
    """Grow trees whose risk can only rise, or only fall, with a feature that has a direction."""
    parameters = {
        **_PARAMETERS,
        "seed": seed,
        "monotone_constraints": [each.direction for each in features],
        "min_data_in_leaf": min(_LEAF, max(5, len(lost) // 100)),
    }
    library = _lightgbm()
    data = library.Dataset(x, lost, weight=weights, feature_name=[each.name for each in features])
    return BoostedModel(library.train(parameters, data, _TREES).model_to_string())


def fit_blended(
    x: Numbers, lost: Numbers, weights: Numbers, features: Sequence[Feature], seed: int = 0
) -> BlendedModel:
    """Fit both."""
    return BlendedModel(
        fit_logistic(x, lost, weights, features, seed), fit_boosted(x, lost, weights, features, seed)
    )


def read_scorer(kind: str, text: str) -> RiskScorer:
    """The model that :meth:`RiskScorer.as_text` wrote.

    :raises CoursepulseError: for a kind that is none
    """
    if kind == "boosted":
        return BoostedModel(text)
    if kind == "logistic":
        return LogisticModel(msgspec.json.decode(text, type=_LogisticLine))
    if kind == "blended":
        line, _, trees = text.partition("\n")
        return BlendedModel(LogisticModel(msgspec.json.decode(line, type=_LogisticLine)), BoostedModel(trees))
    raise CoursepulseError(f"There is no kind of model {kind!r}; known are {', '.join(CONTENDERS)}.")


#: Every contender, by its kind.
CONTENDERS: Mapping[str, Callable[[Numbers, Numbers, Numbers, Sequence[Feature], int], RiskScorer]] = {
    "logistic": fit_logistic,
    "boosted": fit_boosted,
    "blended": fit_blended,
}


def _lightgbm() -> Any:
    try:
        import lightgbm  # noqa: PLC0415 - an extra
    except (ImportError, OSError):  # the latter without the system's libgomp
        raise ExtraMissing from None
    return lightgbm
