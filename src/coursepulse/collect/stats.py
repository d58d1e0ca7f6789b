"""What the door counts about itself: cheap enough for every request."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class StepTime(NamedTuple):
    """How often a step ran, and for how many seconds in all."""

    calls: int
    seconds: float


class Stats:
    """Counts since the start. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._nanoseconds: Counter[str] = Counter()
        self._events: Counter[str] = Counter()

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Adds the time of the block, also when it ends by an error, to ``step``."""
        began = time.perf_counter_ns()
        try:
            yield
        finally:
            took = time.perf_counter_ns() - began
            with self._lock:
                self._calls[step] += 1
                self._nanoseconds[step] += took

    def count(self, outcome: str, events: int) -> None:
        """Adds events that came to an end: ``accepted``, or the reason of their rejection."""
        if events:
            with self._lock:
                self._events[outcome] += events

    def steps(self) -> dict[str, StepTime]:
        """Time by step, in the order in which each first ran."""
        with self._lock:
            return {step: StepTime(n, self._nanoseconds[step] / 1e9) for step, n in self._calls.items()}

    def events(self) -> dict[str, int]:
        """Events by outcome."""
        with self._lock:
            return dict(self._events)
