"""Cached results in the memory of this process."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence

from cachetools import TTLCache

from coursepulse.kit.clock import Micros
from coursepulse.metrics.cache.port import OLDEST, CachedResult, StoredResults
from coursepulse.metrics.table import Table

#: Rows that are measured of a table; the others count as much as these on average.
_MEASURED = 200


class MemoryResults:
    """A :class:`~coursepulse.metrics.cache.port.ResultStore`; what has not been asked for longest makes room.

    :param most_bytes: about so much is kept
    """

    def __init__(self, most_bytes: int, clock: Callable[[], Micros]) -> None:
        self._lock = threading.Lock()
        self._most = most_bytes
        self._kept: TTLCache[bytes, CachedResult] = TTLCache(
            most_bytes, OLDEST, timer=clock, getsizeof=lambda result: measure(result.table)
        )

    def get(self, key: bytes) -> CachedResult | None:
        with self._lock:
            return self._kept.get(key)

    def put(self, key: bytes, result: CachedResult) -> None:
        # One that fills the cache alone would push out everything else.
        if measure(result.table) <= self._most // 4:
            with self._lock:
                self._kept[key] = result

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def size(self) -> StoredResults:
        with self._lock:
            self._kept.expire()
            return StoredResults(len(self._kept), int(self._kept.currsize))


def measure(table: Table) -> int:
    """About how many bytes a table takes. Values that rows share count in each."""
    return (
        sys.getsizeof(table)
        + _measure_rows(table.rows)
        + _measure_rows(table.previous or ())
        + _measure_rows(table.whole or ())
    )


def _measure_rows(rows: Sequence[object]) -> int:
    some = rows[:: 1 + len(rows) // _MEASURED]
    return sum(map(_measure_value, some)) * len(rows) // len(some) if some else 0


def _measure_value(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return sys.getsizeof(value) + sum(map(_measure_value, inner))
