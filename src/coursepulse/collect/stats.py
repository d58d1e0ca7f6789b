"""What the collector counts about itself: cheap enough for every request."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import NamedTuple

import msgspec

from coursepulse.kit import traces


class StepTime(NamedTuple):
    """How often a step ran, and for how many seconds in all."""

    calls: int
    seconds: float


class Report(msgspec.Struct, frozen=True):
    """Counts since the start.

    :param events: events by outcome
    :param steps: time by step, in the order in which each first ran
    :param cpu_seconds: processor time of the ingest worker's process
    """

    events: dict[str, int] = {}
    steps: dict[str, StepTime] = {}
    cpu_seconds: float = 0.0

    def __add__(self, more: Report) -> Report:
        """The counts of two who count different things."""
        return Report(self.events | more.events, self.steps | more.steps, self.cpu_seconds + more.cpu_seconds)


class Stats:
    """Counts since the start. Every method may be called from any thread.

    :param of: what the steps make up; the name of the spans above theirs
    """

    def __init__(self, of: str) -> None:
        self._of = of
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._nanoseconds: Counter[str] = Counter()
        self._events: Counter[str] = Counter()

    def start(self) -> Laps:
        """Begins to time steps that follow each other."""
        return Laps(self, self._of)

    def add_step(self, step: str, nanoseconds: int) -> None:
        """Adds one run of a step."""
        with self._lock:
            self._calls[step] += 1
            self._nanoseconds[step] += nanoseconds

    def count(self, outcome: str, events: int) -> None:
        """Adds events that came to an end: ``accepted``, or the reason of their rejection."""
        if events:
            with self._lock:
                self._events[outcome] += events

    def report(self) -> Report:
        """The counts as of now."""
        with self._lock:
            steps = {step: StepTime(n, self._nanoseconds[step] / 1e9) for step, n in self._calls.items()}
            return Report(dict(self._events), steps)


class Laps:
    """A stopwatch: each step begins where the one before ended. As a context it is also a span, if any are sent."""

    __slots__ = ("_at", "_span", "_stats", "_tracer")

    def __init__(self, stats: Stats, of: str) -> None:
        self._stats, self._tracer = stats, traces.current()
        self._at = time.perf_counter_ns()
        self._span = self._tracer.open(of, self._at) if self._tracer else None

    def __enter__(self) -> Laps:
        return self

    def __exit__(self, *_: object) -> None:
        if self._tracer and self._span:
            self._tracer.close(self._span, time.perf_counter_ns())

    def skip(self) -> None:
        """What has passed since the last step belongs to none."""
        self._at = time.perf_counter_ns()

    def end(self, step: str) -> None:
        """The step ``step`` ends here. A step that an error ends is not counted."""
        now = time.perf_counter_ns()
        self._stats.add_step(step, now - self._at)
        if self._tracer and self._span:
            self._tracer.add(self._span, step, self._at, now)
        self._at = now
