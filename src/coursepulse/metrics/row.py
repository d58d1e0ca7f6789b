"""What queries return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

#: One row as a store returns it, by column name.
Row: TypeAlias = dict[str, Any]

#: The rows of each query that a metric reads, by name of the query.
Parts: TypeAlias = Mapping[str, Sequence[Row]]
