"""What came of it: learning gain, outcomes against what was to be expected, time to complete, whether acting helped.

Every estimate comes with an interval of 95 %. Tests simulate many small campuses whose truth is known, and count how
often the interval holds it.
"""

from __future__ import annotations

from typing import NamedTuple


class Estimate(NamedTuple):
    """A number and the interval of 95 % around it."""

    value: float
    low: float
    high: float


#: The standard normal quantile of an interval of 95 %.
Z95 = 1.959963984540054
