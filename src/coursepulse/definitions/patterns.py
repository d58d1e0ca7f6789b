"""How people of a class study, as groups that come out again and again, or not at all. Pure.

Groups are shown only if they are more clearly apart than those of made-up classes without groups, whose habits are
spread and go together as in the real one, and if samples of the class fall into the same groups again (C. Hennig
(2007), "Cluster-wise assessment of cluster stability", Computational Statistics & Data Analysis 52). They say what
people did in some weeks, never what people are.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

#: Learners whose habits must be known, and the fewest in one group.
FEWEST, SMALLEST = 40, 10

#: The share of the class that a group must at least be.
SMALLEST_SHARE = 0.05

#: Samples of the class, and the mean Jaccard similarity from which Hennig calls a group valid and stable.
SAMPLES, STABLE = 50, 0.75

#: Made-up classes without groups, none of which may be as clearly divided.
REFERENCES = 39

#: More groups than this nobody could tell from each other.
_MOST = 4

#: So many learners are enough to find groups by.
_ENOUGH = 400


class Patterns(NamedTuple):
    """Groups of a class.

    :param group: of each learner, from 0
    :param centers: the mean of each group, in standard deviations from the mean of the class
    :param stability: the lowest mean Jaccard similarity of a group
    """

    group: Ints
    centers: Floats
    stability: float


class _Found(NamedTuple):
    """Groups of some points.

    :param clear: how much more clearly they are apart than those of made-up classes
    """

    centers: Floats
    stability: float
    clear: float


def find_patterns(habits: Floats) -> Patterns | None:
    """The groups of a class; None where there are none that hold.

    :param habits: learners by habits
    """
    if len(habits) < FEWEST:
        return None
    points = _standardise(habits)
    some = points[:: max(1, len(points) // _ENOUGH)]
    tried = [_try(some, number) for number in range(2, _MOST + 1)]
    best = max((each for each in tried if each), key=lambda each: each.clear, default=None)
    if best is None:
        return None
    group = _assign(points, best.centers)
    if not _large_enough(group, len(best.centers)):
        return None
    means = np.stack([points[group == each].mean(axis=0) for each in range(len(best.centers))])
    return Patterns(group, means, best.stability)


def _standardise(habits: Floats) -> Floats:
    spread = habits.std(axis=0)
    points = (habits - habits.mean(axis=0)) / np.where(spread > 0, spread, 1)
    clipped: Floats = np.clip(points, -3, 3)
    return clipped


def _try(points: Floats, number: int) -> _Found | None:
    """So many groups, if they hold."""
    rng = np.random.default_rng(number)
    centers = _cluster(points, number, rng)
    group, clear = _assign(points, centers), _clearness(points, centers)
    if not _large_enough(group, number):
        return None
    by_chance = [_clearness(made, _cluster(made, number, rng)) for made in _references(points, rng)]
    if max(by_chance) >= clear:
        return None
    similar = np.mean([_resample(points, group, number, rng) for _ in range(SAMPLES)], axis=0)
    stability = float(similar.min())
    more = clear - sum(by_chance) / len(by_chance)
    return _Found(centers, stability, more) if stability >= STABLE else None


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
    """The best of some runs of k-means (S. Lloyd, 1982), begun apart (D. Arthur and S. Vassilvitskii, 2007)."""
    runs = [_lloyd(points, _begin(points, number, rng)) for _ in range(3)]
    return min(runs, key=lambda centers: float(_distances(points, centers).min(axis=1).sum()))


def _begin(points: Floats, number: int, rng: np.random.Generator) -> Floats:
    centers: Floats = points[rng.integers(len(points))][None]
    while len(centers) < number:
        far = _distances(points, centers).min(axis=1) + 1e-12
        centers = np.vstack([centers, points[rng.choice(len(points), p=far / far.sum())]])
    return centers


def _lloyd(points: Floats, centers: Floats) -> Floats:
    for previous, moved in pairwise(_moves(points, centers)):
        if np.allclose(previous, moved):
            break
        centers = moved
    return centers


def _moves(points: Floats, centers: Floats) -> Iterator[Floats]:
    for _ in range(25):
        yield centers
        group = _assign(points, centers)
        found = [points[group == each] for each in range(len(centers))]
        centers = np.stack(
            [own.mean(axis=0) if len(own) else was for own, was in zip(found, centers, strict=True)]
        )


def _distances(points: Floats, centers: Floats) -> Floats:
    squares: Floats = ((points[:, None, :] - centers[None]) ** 2).sum(axis=2)
    return squares


def _assign(points: Floats, centers: Floats) -> Ints:
    group: Ints = _distances(points, centers).argmin(axis=1)
    return group


def _clearness(points: Floats, centers: Floats) -> float:
    """How much nearer learners are to their own group than to the next: the simplified silhouette of E. R. Hruschka,
    L. N. de Castro and R. J. G. B. Campello (2004), "Evolutionary algorithms for clustering gene-expression data".
    """
    apart = np.sqrt(np.sort(_distances(points, centers), axis=1))
    return float(((apart[:, 1] - apart[:, 0]) / np.maximum(apart[:, 1], 1e-12)).mean())


def _resample(points: Floats, group: Ints, number: int, rng: np.random.Generator) -> Floats:
    """How well a sample of the class finds each group again: its Jaccard similarity with the one most like it."""
    chosen = np.unique(rng.integers(0, len(points), len(points)))
    known, again = group[chosen], _assign(points[chosen], _cluster(points[chosen], number, rng))
    first, second = (labels[:, None] == np.arange(number) for labels in (known, again))
    both = first.T.astype(float) @ second
    either = first.sum(axis=0)[:, None] + second.sum(axis=0)[None] - both
    best: Floats = (both / np.maximum(either, 1)).max(axis=1)
    return best
