"""Headline numbers: one value each, beside the equal period before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coursepulse.dashboards.ask import Record
from coursepulse.dashboards.card import Column
from coursepulse.dashboards.format import Change, Kind, change, show
from coursepulse.dashboards.text import say
from coursepulse.privacy.small_groups import SUPPRESSED


class Figure(NamedTuple):
    """One headline number.

    :param before: the same number of the equal period before; None when it is not known
    :param compared: False for a number that has no period, such as a streak
    :param trend: the value day by day, for the small line below it
    :param suppressed: the value is hidden, because it is about too few people
    """

    name: str
    value: float | None
    before: float | None
    kind: Kind
    compared: bool = True
    trend: tuple[float, ...] = ()
    suppressed: bool = False

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return say("small.cell") if self.suppressed else show(self.value, self.kind)

    @property
    def stands_alone(self) -> bool:
        """Whether there is a value, and nothing to compare it with."""
        return self.compared and self.value is not None and self.before is None and not self.suppressed

    def change(self, days: int) -> Change | None:
        """The comparison with the ``days`` before; None where there is nothing to compare with."""
        return change(self.value, self.before, days, self.kind)


def is_hidden(row: Record, name: str) -> bool:
    """Whether a value of a row of a metric is missing because it is about too few people."""
    return bool(row.get(SUPPRESSED)) and row.get(name) is None


def trend_of(values: Sequence[float | None]) -> tuple[float, ...]:
    """The values of a small line; none when one of them is hidden, because a gap would look like nothing."""
    known = tuple(float(value) for value in values if value is not None)
    return known if len(known) == len(values) else ()


#: What the JSON and CSV of headline numbers hold.
COLUMNS = (Column("name"), Column("value", Kind.NUMBER), Column("before", Kind.NUMBER), Column("kind"))


def path(values: Sequence[float], width: float = 100, height: float = 24) -> str:
    """The SVG path of a small line through ``values``, at least two, highest at the top."""
    low, high = min(0.0, *values), max(values)
    scale = (height - 2) / (high - low) if high > low else 0.0
    step = width / (len(values) - 1)
    points = [f"{n * step:.1f} {height - 1 - (value - low) * scale:.1f}" for n, value in enumerate(values)]
    return "M" + "L".join(points)
