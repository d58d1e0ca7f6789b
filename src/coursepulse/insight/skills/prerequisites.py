"""Which skill comes before which, as far as the students' abilities say so again and again.

A skill comes before another if hardly anybody has the second without the first, while many have the first without the
second (the logic of knowledge spaces; Doignon and Falmagne 1985). An order that does not come out of nearly every
sample of the students again is not shown.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from coursepulse.definitions.mastery.answers import Floats

Flags: TypeAlias = npt.NDArray[np.bool_]

#: People who must have been tested in both skills.
ENOUGH = 50

#: Samples of the students, and the share of them that must show the same order.
SAMPLES, STABLE = 200, 0.95


class Order(NamedTuple):
    """One skill comes before another.

    :param stability: the share of the samples that show it
    :param people: how many students were tested in both
    """

    before: int
    after: int
    stability: float
    people: int


def find_orders(mastered: Floats) -> list[Order]:
    """All stable orders without those that follow from others.

    :param mastered: students by skills: 1 mastered, 0 not, nan not tested
    """
    skills = mastered.shape[1]
    found = {
        (a, b): order
        for a in range(skills)
        for b in range(skills)
        if a != b and (order := _test(mastered[:, a], mastered[:, b], a, b))
    }
    return [
        order
        for (a, b), order in sorted(found.items())
        if not any((a, c) in found and (c, b) in found for c in range(skills))
    ]


def _test(first: Floats, second: Floats, a: int, b: int) -> Order | None:
    both = ~np.isnan(first) & ~np.isnan(second)
    people = int(both.sum())
    if people < ENOUGH:
        return None
    has_first, has_second = first[both] > 0, second[both] > 0
    if not _comes_before(np.stack([has_first, has_second])[None])[0]:
        return None
    rows = np.random.default_rng(people).integers(0, people, (SAMPLES, people))
    samples = np.stack([has_first[rows], has_second[rows]], axis=1)
    stability = float(_comes_before(samples).mean())
    return Order(a, b, stability, people) if stability >= STABLE else None


def _comes_before(samples: Flags) -> Flags:
    """By sample: of those with the second skill few lack the first, by far fewer than of all; the reverse is common."""
    first, second = samples[:, 0], samples[:, 1]
    with_second = np.maximum(second.sum(axis=1), 1)
    lacking = (second & ~first).sum(axis=1) / with_second
    expected = (~first).mean(axis=1)
    only_first = (first & ~second).mean(axis=1)
    before: Flags = (lacking <= 0.1) & (lacking <= 0.3 * expected) & (only_first >= 0.1) & (expected >= 0.1)
    return before
