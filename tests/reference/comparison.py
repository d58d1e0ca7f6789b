"""Headline numbers come with the previous equal period."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class ComparedPeriod(NamedTuple):
    """UTC days from ``start`` to before ``end``."""

    start: date
    end: date


def previous_period(period: ComparedPeriod) -> ComparedPeriod:
    """The equally long period that ends where this one begins."""
    return ComparedPeriod(period.start - (period.end - period.start), period.start)


def relative_change(current: float, previous: float) -> float | None:
    """The change as a share of ``previous`` (0.5 = half more); None when that was 0."""
    return (current - previous) / previous if previous else None
