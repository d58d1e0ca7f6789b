"""How long each metric takes to answer. In memory: it begins anew with each start."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

from coursepulse.aggregates.row import Row

#: Answers of each metric that are remembered, the latest ones.
_KEPT = 200


class QueryTimes:
    """Takes the time of each answer; any thread may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_KEPT))
        self._asked: defaultdict[str, int] = defaultdict(int)

    def note(self, metric: str, seconds: float) -> None:
        """A metric has been answered."""
        with self._lock:
            self._seconds[metric].append(seconds)
            self._asked[metric] += 1

    def rows(self) -> list[Row]:
        """One row per metric, the slowest first."""
        with self._lock:
            known = {metric: (self._asked[metric], sorted(each)) for metric, each in self._seconds.items()}
        rows = [_describe(metric, *each) for metric, each in known.items()]
        return sorted(rows, key=lambda row: (-row["p95"], row["metric"]))


def _describe(metric: str, asked: int, seconds: list[float]) -> Row:
    return {
        "metric": metric,
        "asked": asked,
        "median": _at(seconds, 0.5),
        "p95": _at(seconds, 0.95),
        "slowest": _at(seconds, 1),
    }


def _at(ranked: list[float], level: float) -> float:
    """In milliseconds, the value below which so many are, or at which they are."""
    place = max(0, -(-round(level * 100) * len(ranked) // 100) - 1)
    return round(1000 * ranked[place], 1)
