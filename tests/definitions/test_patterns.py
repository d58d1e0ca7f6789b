"""Groups of people who study alike: found where they were planted, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from coursepulse.definitions.patterns import FEWEST, SMALLEST, STABLE, adjusted_rand, find_patterns


def test_planted_groups_are_found() -> None:
    rng = np.random.default_rng(3)
    group = rng.integers(0, 3, 240)
    habits = rng.normal(size=(240, 6))
    habits[group == 1, :3] += 3
    habits[group == 2, 3:] += 3
    found = find_patterns(habits)
    assert found is not None
    assert adjusted_rand(group, found.group) > 0.9
    assert found.stability >= STABLE
    assert sorted(np.sign(found.centers[:, 0]).tolist()) == [-1, -1, 1]


@pytest.mark.parametrize("seed", range(3))
def test_a_class_without_groups_has_none_however_its_habits_are_spread_or_go_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plain = rng.normal(size=(150, 6))
    together = plain + 2 * rng.normal(size=(150, 1))
    for habits in (plain, together, np.exp(together / 2), rng.exponential(size=(150, 6))):
        assert find_patterns(habits) is None


def test_a_small_class_or_a_small_group_is_never_described() -> None:
    rng = np.random.default_rng(4)
    habits = rng.normal(size=(FEWEST - 1, 3))
    habits[:15] += 8
    assert find_patterns(habits) is None
    large = rng.normal(size=(100, 3))
    large[: SMALLEST - 1] += 8
    found = find_patterns(large)
    assert found is None or np.bincount(found.group).min() >= SMALLEST


def test_two_divisions_are_alike_as_hubert_and_arabie_say() -> None:
    first, second = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    assert adjusted_rand(first, first) == 1
    assert adjusted_rand(first, 1 - first) == 1
    assert adjusted_rand(first, second) == pytest.approx(0.2424242)
