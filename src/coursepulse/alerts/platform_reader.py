"""Gathers what the conditions about the platform look at. It costs next to nothing, and needs no store to be up."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Protocol

from coursepulse.alerts.facts import PlatformFacts
from coursepulse.collect.dead_letters import Arrivals
from coursepulse.kit.clock import DAY, MINUTE, Micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.log.positions import Position

#: Dead letters of so long are "lately", and those of so long before are usual.
_LATELY, _BEFORE = 15 * MINUTE, DAY

#: Ends of the log that are remembered while the pipeline has not reached them; of more, every second one.
_MOST_ENDS = 1_000


class HasArrivals(Protocol):
    """Where refused events wait."""

    def arrivals(self, after: int) -> list[Arrivals]:
        """How many came after the one with this id, minute by minute."""


class HasEnds(Protocol):
    """A log that somebody reads."""

    def newest(self) -> tuple[Position, ...]:
        """The position of the newest block of each partition."""

    def committed(self, group: str, partition: int = 0) -> Position:
        """The position that a group has finished."""


class RefusedLately:
    """How many events were refused lately, and how many usually are."""

    def __init__(self, letters: HasArrivals) -> None:
        self._letters, self._after = letters, 0
        self._minutes: Counter[Micros] = Counter()

    def count(self, now: Micros) -> tuple[int, float]:
        """Of the last quarter of an hour, and of a quarter of an hour on the average of the day before that."""
        for each in self._letters.arrivals(self._after):
            self._minutes[each.minute_at] += each.number
            self._after = max(self._after, each.newest)
        lately = now - _LATELY
        self._minutes = Counter({at: n for at, n in self._minutes.items() if at > lately - _BEFORE})
        refused = sum(number for at, number in self._minutes.items() if at > lately)
        return refused, (self._minutes.total() - refused) * _LATELY / _BEFORE


class PipelineBacklog:
    """How long the oldest event waits that a group has not finished."""

    def __init__(self, log: HasEnds, group: str) -> None:
        self._log, self._group = log, group
        self._ends: deque[tuple[Micros, tuple[Position, ...]]] = deque()

    def age(self, now: Micros) -> Micros:
        """As old as the first look that saw it."""
        newest = self._log.newest()
        if not self._ends or self._ends[-1][1] != newest:
            self._ends.append((now, newest))
        while self._ends and all(map(self._has_finished, self._ends[0][1])):
            self._ends.popleft()
        if len(self._ends) > _MOST_ENDS:
            self._ends = deque(list(self._ends)[::2])
        return now - self._ends[0][0] if self._ends else 0

    def _has_finished(self, position: Position) -> bool:
        return position <= self._log.committed(self._group, position.partition)


class PlatformReader:
    """Looks at everything once.

    :param stores: by name, what asks a store a question that costs nothing and raises a CoursepulseError when it does
        not answer
    :param drifted: how much of what the model of risk looks at has drifted
    """

    def __init__(
        self,
        stores: Mapping[str, Callable[[], object]],
        refusals: RefusedLately,
        backlog: PipelineBacklog,
        drifted: Callable[[Micros], int] = lambda _: 0,
    ) -> None:
        self._stores, self._refusals, self._backlog = stores, refusals, backlog
        self._drifted = drifted

    def read(self, now: Micros) -> PlatformFacts:
        """How the platform is."""
        refused, usually = self._refusals.count(now)
        return PlatformFacts(
            now=now,
            stores={name: _trouble(ask) for name, ask in self._stores.items()},
            refused=refused,
            usually_refused=usually,
            behind=self._backlog.age(now),
            drifted=self._drifted(now),
        )


def _trouble(ask: Callable[[], object]) -> str:
    try:
        ask()
    except CoursepulseError as error:
        return str(error)
    return ""
