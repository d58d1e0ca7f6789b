"""Groups of people who study alike: found where they were planted, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from coursepulse.definitions.patterns import FEWEST, SMALLEST, STABLE, find_patterns


def test_planted_groups_are_found() -> None:
    rng = np.random.default_rng(3)
    group = rng.integers(0, 3, 240)
    habits = rng.normal(size=(240, 6))
    habits[group == 1, :3] += 3
    habits[group == 2, 3:] += 3
    found = find_patterns(habits)
    assert found is not None
    kinds = [np.bincount(found.group[group == each], minlength=3) for each in range(3)]
    assert sum(each.max() for each in kinds) > 0.95 * 240
    assert len({int(each.argmax()) for each in kinds}) == 3
    assert STABLE <= found.stability <= 1
    assert sorted(np.sign(found.centers[:, 0]).tolist()) == [-1, -1, 1]


@pytest.mark.parametrize("seed", range(2))
def test_a_class_without_groups_has_none_however_its_habits_are_spread_or_go_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plain = rng.normal(size=(150, 6))
    together = plain + 2 * rng.normal(size=(150, 1))
    for habits in (plain, together, np.exp(together / 2), rng.exponential(size=(150, 6))):
        assert find_patterns(habits) is None


def test_groups_that_samples_of_the_class_do_not_find_again_are_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(5)
    habits = rng.normal(size=(120, 4))
    habits[:60] += 2
    assert find_patterns(habits) is not None
    monkeypatch.setattr("coursepulse.definitions.patterns.STABLE", 0.999)
    assert find_patterns(habits) is None


def test_a_small_class_or_a_small_group_is_never_described() -> None:
    rng = np.random.default_rng(4)
    habits = rng.normal(size=(FEWEST - 1, 3))
    habits[:15] += 8
    assert find_patterns(habits) is None
    large = rng.normal(size=(100, 3))
    large[: SMALLEST - 1] += 8
    assert find_patterns(large) is None
    large[: SMALLEST + 5] += 8
    found = find_patterns(large)
    assert found is not None
    assert np.bincount(found.group).min() == SMALLEST + 5


def test_nothing_is_found_where_all_are_alike() -> None:
    assert find_patterns(np.ones((80, 3))) is None
