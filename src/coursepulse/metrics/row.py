"""What queries return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

#: One row as a store returns it, by column name.
Row: TypeAlias = dict[str, Any]

#: The rows of each query that a metric reads, by name of the query.
Parts: TypeAlias = Mapping[str, Sequence[Row]]

#: Column of queries that answer for several periods at once: which of them a row is about, from 1.
NTH = "nth"


def select_period(parts: Parts, nth: int) -> Parts:
    """The rows about one of several periods; a query that does not tell them apart is about all."""
    return {name: [row for row in rows if row.get(NTH, nth) == nth] for name, rows in parts.items()}
