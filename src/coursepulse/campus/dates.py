"""The first and last day on which something holds, both included; a missing day means no limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from coursepulse.campus.verdicts import RowFault, Trouble


def check_dates(noun: str, starts_on: date | None, ends_on: date | None) -> Iterator[Trouble]:
    """What is wrong with a pair of days."""
    if starts_on and ends_on and ends_on < starts_on:
        yield Trouble(
            RowFault.ENDS_BEFORE_START,
            "$.ends_on",
            f"The {noun} ends on {ends_on}, before it starts on {starts_on}.",
        )
