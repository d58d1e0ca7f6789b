"""Shapley values of trees, for many rows at once: what LightGBM computes row by row, from tables made once.

Of the path to a leaf, a row fulfils what the path asks of a feature, or does not: a pattern of as many bits as the path
has features. The values of a leaf depend on nothing else, so those of each pattern are computed once (Lundberg, Erion
and Lee 2018), and a row only looks them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import factorial
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

#: Rows that are worked on together: they fit into the cache of a core.
_CHUNK = 4096

#: Bits of `decision_type` in the text of LightGBM.
_DEFAULT_LEFT, _MISSING = 2, 12
_MISSING_IS_NAN, _MISSING_IS_ZERO = 8, 4
_ZERO = 1e-35


class TreeSplit(NamedTuple):
    """A question of a tree."""

    feature: int
    threshold: float
    default_left: bool
    missing: int


class _PathStep(NamedTuple):
    """A step of a path: which split, whether to the left, and the share of training rows that go that way."""

    split: int
    left: bool
    share: float


@dataclass(frozen=True)
class _PathLeaf:
    """A leaf.

    :param features: of its path, each once
    :param steps: by feature, the splits that must go this way
    :param values: by feature and pattern, what the feature adds
    """

    features: tuple[int, ...]
    steps: tuple[tuple[tuple[int, bool], ...], ...]
    values: Numbers


@dataclass(frozen=True)
class ShareTree:
    """A tree, ready to be asked.

    :param base: what the tree says of nobody in particular
    """

    splits: tuple[TreeSplit, ...]
    leaves: tuple[_PathLeaf, ...]
    base: float

    def add(self, x: Numbers, to: Numbers) -> None:
        """Add what each feature adds to each row, a line per feature; the last is the base."""
        left = [_goes_left(split, x) for split in self.splits]
        to[-1] += self.base
        for leaf in self.leaves:
            pattern = np.zeros(x.shape[1], dtype=np.intp)
            for bit, steps in enumerate(leaf.steps):
                pattern += np.multiply(_fulfils(steps, left), 1 << bit, dtype=np.intp)
            for feature, values in zip(leaf.features, leaf.values, strict=True):
                to[feature] += values[pattern]


def read_trees(text: str) -> tuple[ShareTree, ...]:
    """The trees of a model in the text format of LightGBM."""
    parts = text.partition("\nend of trees")[0].split("\nTree=")[1:]
    return tuple(_read_tree(dict(_lines(part))) for part in parts)


def tree_shares(trees: Sequence[ShareTree], x: Numbers) -> Numbers:
    """What each feature adds to the log-odds of each row; the last column is the base."""
    parts = [_shares_of(trees, x[begin : begin + _CHUNK]) for begin in range(0, len(x), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, x.shape[1] + 1))


def _shares_of(trees: Sequence[ShareTree], x: Numbers) -> Numbers:
    """The same of a few rows. Columns lie in one piece, as that is how they are read and added to."""
    columns = np.ascontiguousarray(x.T)
    shares = np.zeros((len(columns) + 1, len(x)))
    for tree in trees:
        tree.add(columns, shares)
    return shares.T


def _lines(part: str) -> Iterator[tuple[str, str]]:
    for line in part.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            yield name, value


def _read_tree(told: Mapping[str, str]) -> ShareTree:
    def numbers(name: str) -> list[float]:
        return [float(each) for each in told.get(name, "").split()]

    kinds = [int(each) for each in numbers("decision_type")]
    splits = tuple(
        TreeSplit(int(feature), threshold, bool(kind & _DEFAULT_LEFT), kind & _MISSING)
        for feature, threshold, kind in zip(
            numbers("split_feature"), numbers("threshold"), kinds, strict=True
        )
    )
    values, counts = numbers("leaf_value"), numbers("leaf_count")
    if not splits:
        return ShareTree((), (), values[0])
    children = [[int(each) for each in numbers(side)] for side in ("right_child", "left_child")]
    sizes = numbers("internal_count")

    def size(node: int) -> float:
        return sizes[node] if node >= 0 else counts[~node]

    leaves, base = list[_PathLeaf](), 0.0

    def walk(node: int, path: tuple[_PathStep, ...]) -> Iterator[tuple[int, tuple[_PathStep, ...]]]:
        if node < 0:
            yield ~node, path
            return
        for left in (False, True):
            child = children[left][node]
            yield from walk(child, (*path, _PathStep(node, left, size(child) / size(node))))

    for leaf, path in walk(0, ()):
        leaves.append(_make_leaf(values[leaf], path, splits))
        base += values[leaf] * float(np.prod([step.share for step in path]))
    return ShareTree(splits, tuple(leaves), base)


def _make_leaf(value: float, path: Sequence[_PathStep], splits: Sequence[TreeSplit]) -> _PathLeaf:
    by_feature: dict[int, list[_PathStep]] = {}
    for step in path:
        by_feature.setdefault(splits[step.split].feature, []).append(step)
    shares = [float(np.prod([step.share for step in steps])) for steps in by_feature.values()]
    steps = tuple(tuple((step.split, step.left) for step in each) for each in by_feature.values())
    return _PathLeaf(tuple(by_feature), steps, np.ascontiguousarray(value * _shapley(shares).T))


def _shapley(shares: Sequence[float]) -> Numbers:
    """By pattern: the value of each feature of a path whose leaf is worth 1."""
    number = len(shares)
    patterns = (np.arange(2**number)[:, None] >> np.arange(number)) & 1
    weights = [factorial(k) * factorial(number - k - 1) / factorial(number) for k in range(number)]
    found = np.zeros((2**number, number))
    for own in range(number):
        # Sums over all sets of other features that are known, by how many they are.
        sums = np.zeros((2**number, number))
        sums[:, 0] = 1
        for other in (nth for nth in range(number) if nth != own):
            grown = sums * shares[other]
            grown[:, 1:] += sums[:, :-1] * patterns[:, other, None]
            sums = grown
        found[:, own] = (sums @ weights) * (patterns[:, own] - shares[own])
    return found


def _goes_left(split: TreeSplit, x: Numbers) -> Flags:
    column = x[split.feature]
    missing = np.isnan(column)
    if split.missing != _MISSING_IS_NAN:
        column = np.where(missing, 0.0, column)
        missing = (
            np.abs(column) <= _ZERO
            if split.missing == _MISSING_IS_ZERO
            else np.zeros(len(column), dtype=bool)
        )
    below = column <= split.threshold
    left: Flags = below | missing if split.default_left else below & ~missing
    return left


def _fulfils(steps: Sequence[tuple[int, bool]], left: Sequence[Flags]) -> Flags:
    (first, way), *others = steps
    met: Flags = left[first] if way else ~left[first]
    for split, way in others:
        met = met & (left[split] if way else ~left[split])
    return met
