"""Figures by course, and by group: does the model serve some people worse than others?

Groups come from outside (the roster, or a file), only for this report. They are no features.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coursepulse.insight.risk.dataset import lost_of
from coursepulse.insight.risk.metrics import auc, ece, recall_at

Numbers: TypeAlias = NDArray[np.float64]

#: Predictions and lost students, below which figures of a part say nothing and are not given.
FEWEST_PREDICTIONS = 200
FEWEST_LOST = 30

#: From this probability on, somebody counts as found.
FOUND = 0.5


class PartQuality(NamedTuple):
    """Figures of a part of the predictions.

    :param of: what divides them, ``course`` or a group attribute
    """

    of: str
    name: str
    predictions: int
    lost: float
    auc: float
    ece: float
    recall: float


def by_course(rows: pl.DataFrame, risk: Numbers) -> list[PartQuality]:
    """A row for each course that is large enough."""
    return [*_parts("course", rows["course"], rows, risk)]


def by_group(rows: pl.DataFrame, risk: Numbers, groups: pl.DataFrame) -> list[PartQuality]:
    """A row for each value of each attribute.

    :param groups: ``student``, ``course``, and the attributes
    """
    keys = ["student", "course"]
    joined = rows.select(keys).join(groups.unique(keys), on=keys, how="left", maintain_order="left")
    names = [name for name in groups.columns if name not in keys]
    return [part for name in names for part in _parts(name, joined[name], rows, risk)]


def gaps(parts: list[PartQuality]) -> dict[str, tuple[float, float]]:
    """By attribute: the largest differences of ECE and of recall between any two of its groups."""
    found: dict[str, tuple[float, float]] = {}
    for of in dict.fromkeys(part.of for part in parts):
        eces, recalls = zip(*((one.ece, one.recall) for one in parts if one.of == of), strict=True)
        found[of] = (max(eces) - min(eces), max(recalls) - min(recalls))
    return found


def _parts(of: str, values: pl.Series, rows: pl.DataFrame, risk: Numbers) -> Iterator[PartQuality]:
    lost = lost_of(rows)
    for value in sorted(values.drop_nulls().unique()):
        here = (values == value).fill_null(False).to_numpy()
        size, gone = int(here.sum()), int(lost[here].sum())
        if size >= FEWEST_PREDICTIONS and min(gone, size - gone) >= FEWEST_LOST:
            figures = auc(lost[here], risk[here]), ece(lost[here], risk[here])
            yield PartQuality(
                of, str(value), size, gone / size, *figures, recall_at(lost[here], risk[here], FOUND)
            )
