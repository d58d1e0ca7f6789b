"""What named queries return: rows, or columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import polars as pl

#: One row as a store returns it, by column name.
Row: TypeAlias = dict[str, Any]

#: The rows of each query that a metric reads, by name of the query.
QueryRows: TypeAlias = Mapping[str, Sequence[Row]]

#: The same as columns.
QueryFrames: TypeAlias = Mapping[str, pl.DataFrame]

#: The rows of a metric, or one frame for a metric with more of them than anybody looks at.
Rows: TypeAlias = list[Row] | pl.DataFrame

#: Column of queries that answer for several periods at once: which of them a row is about, from 1.
NTH = "nth"


def select_period(found: QueryRows, nth: int) -> QueryRows:
    """The rows about one of several periods; a query that does not tell them apart is about all."""
    return {name: [row for row in rows if row.get(NTH, nth) == nth] for name, rows in found.items()}


def only(rows: pl.DataFrame, students: pl.DataFrame) -> pl.DataFrame:
    """The rows about some students."""
    return rows.join(students, on="student_id", how="semi", maintain_order="left")


def to_rows(rows: Rows) -> list[Row]:
    """The rows of a frame as a store returns them: with pseudonyms as UUID."""
    if not isinstance(rows, pl.DataFrame):
        return rows
    # Column by column: asking each value whether it is a pseudonym took half the time of a class of thousands.
    columns = [_plain(column) for column in rows.iter_columns()]
    return [dict(zip(rows.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(column: pl.Series) -> list[Any]:
    values = column.to_list()
    if column.dtype != pl.Binary:
        return values
    return [None if value is None else UUID(bytes=value) for value in values]
