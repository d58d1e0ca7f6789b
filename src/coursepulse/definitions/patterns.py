"""How people of a class study, as groups that come out again and again, or not at all. Pure.

Groups are shown only if they are further apart than the habits of the whole class would make them by chance, and if
samples of the class fall into the same groups (Hennig 2007). They say what people did, never what people are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

#: Learners whose weeks must be known, and the fewest in one group.
FEWEST, SMALLEST = 40, 10

#: The share of the class that a group must at least be.
SMALLEST_SHARE = 0.08

#: Samples of the class, and how alike the groups in them must be (adjusted Rand index).
SAMPLES, STABLE = 20, 0.8

#: Made-up classes without groups, none of which may be as clearly divided.
REFERENCES = 19

#: More groups than this nobody could tell from each other.
_MOST = 4

#: So many learners are enough to find groups by.
_ENOUGH = 400


class Patterns(NamedTuple):
    """Groups of a class.

    :param group: of each learner, from 0
    :param centers: the mean of each group, in standard deviations from the mean of the class
    :param stability: the mean adjusted Rand index of the samples
    """

    group: Ints
    centers: Floats
    stability: float


def find_patterns(habits: Floats) -> Patterns | None:
    """The groups of a class; None where there are none that hold.

    :param habits: learners by habits
    """
    if len(habits) < FEWEST:
        return None
    points = _standardise(habits)
    some = points[:: max(1, len(points) // _ENOUGH)]
    found = [held for number in range(2, _MOST + 1) if (held := _try(some, number))]
    if not found:
        return None
    centers, stability, _ = max(found, key=lambda each: each[2])
    group = _assign(points, centers)
    if not _large_enough(group, len(centers)):
        return None
    return Patterns(
        group, np.stack([points[group == each].mean(axis=0) for each in range(len(centers))]), stability
    )


def _standardise(habits: Floats) -> Floats:
    spread = habits.std(axis=0)
    points = (habits - habits.mean(axis=0)) / np.where(spread > 0, spread, 1)
    clipped: Floats = np.clip(points, -3, 3)
    return clipped


def _try(points: Floats, number: int) -> tuple[Floats, float, float] | None:
    """Centers of so many groups with their stability and how clearly they divide, if they hold."""
    rng = np.random.default_rng(number)
    centers = _cluster(points, number, rng)
    group, clear = _assign(points, centers), _clearness(points, centers)
    if not _large_enough(group, number):
        return None
    if any(_clearness(made, _cluster(made, number, rng)) >= clear for made in _references(points, rng)):
        return None
    stability = float(np.mean([_resample(points, group, number, rng) for _ in range(SAMPLES)]))
    return (centers, stability, clear) if stability >= STABLE else None


def _large_enough(group: Ints, number: int) -> bool:
    sizes = np.bincount(group, minlength=number)
    return bool(sizes.min() >= max(SMALLEST, SMALLEST_SHARE * len(group)))


def _references(points: Floats, rng: np.random.Generator) -> Iterator[Floats]:
    """Classes whose habits are spread and go together as in this one, but without groups (a normal copula)."""
    ranks = points.argsort(axis=0).argsort(axis=0)
    normal = np.sort(rng.normal(size=len(points)))[ranks]
    together = np.corrcoef(normal.T) + 1e-9 * np.eye(points.shape[1])
    ordered = np.sort(points, axis=0)
    for _ in range(REFERENCES):
        drawn = rng.multivariate_normal(np.zeros(points.shape[1]), together, len(points))
        yield np.take_along_axis(ordered, drawn.argsort(axis=0).argsort(axis=0), axis=0)


def _cluster(points: Floats, number: int, rng: np.random.Generator) -> Floats:
    """The best of some runs of k-means (Lloyd 1982), begun apart (Arthur and Vassilvitskii 2007)."""
    runs = [_lloyd(points, _begin(points, number, rng)) for _ in range(3)]
    return min(runs, key=lambda centers: float(_distances(points, centers).min(axis=1).sum()))


def _begin(points: Floats, number: int, rng: np.random.Generator) -> Floats:
    centers: Floats = points[rng.integers(len(points))][None]
    while len(centers) < number:
        far = _distances(points, centers).min(axis=1) + 1e-12
        centers = np.vstack([centers, points[rng.choice(len(points), p=far / far.sum())]])
    return centers


def _lloyd(points: Floats, centers: Floats) -> Floats:
    for _ in range(25):
        group = _assign(points, centers)
        moved = np.stack(
            [
                points[group == each].mean(axis=0) if (group == each).any() else centers[each]
                for each in range(len(centers))
            ]
        )
        if np.allclose(moved, centers):
            break
        centers = moved
    return centers


def _distances(points: Floats, centers: Floats) -> Floats:
    squares: Floats = ((points[:, None, :] - centers[None]) ** 2).sum(axis=2)
    return squares


def _assign(points: Floats, centers: Floats) -> Ints:
    group: Ints = _distances(points, centers).argmin(axis=1)
    return group


def _clearness(points: Floats, centers: Floats) -> float:
    """How much nearer learners are to their own group than to the next (simplified silhouette; Hruschka 2004)."""
    apart = np.sqrt(np.sort(_distances(points, centers), axis=1))
    return float(((apart[:, 1] - apart[:, 0]) / np.maximum(apart[:, 1], 1e-12)).mean())


def _resample(points: Floats, group: Ints, number: int, rng: np.random.Generator) -> float:
    sample = points[rng.integers(0, len(points), len(points))]
    return adjusted_rand(group, _assign(points, _cluster(sample, number, rng)))


def adjusted_rand(first: Ints, second: Ints) -> float:
    """How alike two divisions are: 1 the same, 0 as chance would have it (Hubert and Arabie 1985)."""
    table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(table, (first, second), 1)

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    chance = rows * columns / max(pairs(np.array([len(first)], dtype=np.float64)), 1)
    most = (rows + columns) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)
