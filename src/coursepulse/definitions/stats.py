"""An average that does not depend on the order of the values."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum


def mean(values: Iterable[float]) -> float | None:
    """The mean, or None of nothing. Exactly rounded, so that order cannot show."""
    known = list(values)
    return fsum(known) / len(known) if known else None
