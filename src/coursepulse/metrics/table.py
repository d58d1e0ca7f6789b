"""An answer: rows that never change, and how fresh they are."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import msgspec

from coursepulse.kit.clock import Micros
from coursepulse.kit.csv_text import write_csv
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.small_groups import SUPPRESSED


class Table(NamedTuple):
    """Rows of one metric; every row has exactly the ``columns``.

    :param latest_data_at: time of the newest event that the rows could see, or None before the first
    :param previous: the rows of the equal period before, for a comparable metric; where today is part of the period, of
        the period that is equal to its whole days
    :param whole: the rows of these whole days; None where today is not part of the period
    :param total: how many rows there are, when only a page of them was asked for
    :param small_group: the size below which numbers are hidden from who asked; None when nothing is
    :param suppressed: with ``small_group``, for each row whether something in it is hidden, which then is None
    :param previous_suppressed: the same for the period before
    :param lacks_consent: what the student has not agreed to, and why there are no rows or only what rests on contract
    :param exportable: whether who asked may carry the rows away as a file
    :param reaches_back: whether there are data from the first day of the period before on: else a comparison with it
        would only say that something has begun
    """

    metric: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    start: date
    end: date
    latest_data_at: Micros | None
    definition_version: str
    previous: tuple[tuple[Any, ...], ...] | None = None
    whole: tuple[tuple[Any, ...], ...] | None = None
    total: int | None = None
    small_group: int | None = None
    suppressed: tuple[bool, ...] = ()
    previous_suppressed: tuple[bool, ...] = ()
    lacks_consent: Purpose | None = None
    exportable: bool = True
    reaches_back: bool = True

    def records(self) -> list[dict[str, Any]]:
        """The rows as dictionaries; where small groups are hidden, each says whether it hides something."""
        return self._records(self.rows, self.suppressed)

    def before(self) -> list[dict[str, Any]]:
        """The rows of the equal period before, as dictionaries."""
        return self._records(self.previous or (), self.previous_suppressed)

    def over(self) -> list[dict[str, Any]]:
        """The rows of the days that are over, which those of the period before are equal to."""
        return self.records() if self.whole is None else self._records(self.whole, (False,) * len(self.whole))

    def _records(self, rows: tuple[tuple[Any, ...], ...], flags: tuple[bool, ...]) -> list[dict[str, Any]]:
        plain = [dict(zip(self.columns, row, strict=True)) for row in rows]
        if self.small_group is None:
            return plain
        return [row | {SUPPRESSED: flag} for row, flag in zip(plain, flags, strict=True)]


def to_csv(table: Table) -> str:
    """The rows as CSV (RFC 4180): the same values as in JSON, nothing for null, lists as JSON.

    Where small groups are hidden, a last column ``suppressed`` says in which rows.
    """
    if table.small_group is None:
        return write_csv([table.columns, *msgspec.to_builtins(table.rows)])
    rows = [(*row, flag) for row, flag in zip(table.rows, table.suppressed, strict=True)]
    return write_csv([(*table.columns, SUPPRESSED), *msgspec.to_builtins(rows)])
