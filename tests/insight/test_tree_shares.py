"""Shapley values from tables are those that LightGBM computes row by row."""

from __future__ import annotations

import numpy as np
import pytest

from coursepulse.insight.risk.models import BoostedModel
from coursepulse.insight.risk.tree_shares import read_trees, tree_shares


def read_by_lightgbm(text: str, x: np.ndarray) -> np.ndarray:
    """The shares that LightGBM computes. Imported here: every process that collects the tests reads this file."""
    import lightgbm

    return np.asarray(lightgbm.Booster(model_str=text).predict(x, pred_contrib=True))


def grown(seed: int, missing: float = 0.0, **parameters: object) -> tuple[str, np.ndarray]:
    """A small model as text, and rows that it has and has not seen."""
    import lightgbm

    random = np.random.default_rng(seed)
    x = random.normal(size=(900, 6)).round(1)
    x[random.random(x.shape) < missing] = np.nan
    x[:, 4] = random.integers(0, 3, 900)
    lost = (np.nan_to_num(x[:, 0]) * np.nan_to_num(x[:, 1]) + random.normal(size=900) > 0.2).astype(float)
    usual = {"objective": "binary", "num_leaves": 12, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(usual | parameters, lightgbm.Dataset(x, lost), 12)
    return booster.model_to_string(), np.concatenate([x, random.normal(size=(300, 6)) * 3])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("parameters", [{}, {"zero_as_missing": True}, {"use_missing": False}])
def test_they_are_those_of_lightgbm(seed: int, parameters: dict[str, object]) -> None:
    text, x = grown(seed, 0.0 if parameters else 0.3, **parameters)
    theirs = read_by_lightgbm(text, x)
    np.testing.assert_allclose(tree_shares(read_trees(text), x), theirs, atol=1e-12)


def test_a_tree_that_asks_nothing_is_the_base_alone() -> None:
    text, x = grown(1, min_data_in_leaf=5000)
    shares = tree_shares(read_trees(text), x)
    np.testing.assert_allclose(shares, read_by_lightgbm(text, x))
    assert not shares[:, :-1].any()


def test_nobody_has_no_shares() -> None:
    text, x = grown(2)
    assert tree_shares(read_trees(text), x[:0]).shape == (0, 7)


def test_few_rows_and_many_are_told_the_same() -> None:
    text, x = grown(3, 0.3)
    model = BoostedModel(text)
    np.testing.assert_allclose(model.shares(x)[:20], model.shares(x[:20]), atol=1e-12)
    np.testing.assert_allclose(model.shares(x).sum(axis=1), model.log_odds(x), atol=1e-9)
