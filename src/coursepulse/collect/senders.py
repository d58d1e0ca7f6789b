"""What each sender sends, day by day: counts that say how good its data are, and nothing about anybody."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec
import structlog

from coursepulse.collect.request_context import RequestContext
from coursepulse.definitions.clocks import step_of
from coursepulse.kit.clock import DAY, Micros
from coursepulse.kit.errors import CoursepulseError

ACCEPTED, LATE, DUPLICATE = "accepted", "late", "duplicate"

#: Begin what is counted by reason and by step of the clock.
REFUSED, CLOCK = "refused:", "clock:"

_log = structlog.get_logger(__name__)


class SenderCount(msgspec.Struct, frozen=True, array_like=True):
    """How much of something came from a sender on a UTC day.

    :param day: days since 1970
    :param sender: name of the key
    :param what: one of the words above, or a prefix with what follows it
    """

    day: int
    sender: str
    what: str
    number: int


class SenderTally:
    """Counts until somebody takes the counts away. Any thread may call it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[int, str, str]] = Counter()

    def note(self, context: RequestContext) -> None:
        """A request has been answered."""
        found = Counter({ACCEPTED: len(context.candidates), LATE: context.late})
        found.update(REFUSED + each.reason.value for each in context.rejected)
        if context.ahead is not None:
            found[f"{CLOCK}{step_of(context.ahead)}"] += 1
        self.add(context.received_at, context.key.name, found)

    def add(self, at: Micros, sender: str, found: Counter[str]) -> None:
        """What a sender brought at a moment."""
        with self._lock:
            for what, number in found.items():
                if number:
                    self._counts[at // DAY, sender, what] += number

    def take(self) -> list[SenderCount]:
        """The counts since the last time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return [SenderCount(*key, number) for key, number in counts.items()]


class SenderBook:
    """Brings counts to where they are kept.

    :param sources: who counts
    :param keep: adds counts to those of before
    """

    def __init__(
        self,
        sources: Sequence[Callable[[], Iterable[SenderCount]]],
        keep: Callable[[Sequence[SenderCount]], None],
    ) -> None:
        self._sources, self._keep = sources, keep
        self._waiting: list[SenderCount] = []

    def write(self) -> None:
        """Keep what was counted; what cannot be kept now waits for the next time.

        :raises StoreUnavailable: when the store does not answer
        """
        for take in self._sources:
            self._waiting += take()
        if self._waiting:
            self._keep(add_up(self._waiting))
            self._waiting = []

    def close(self) -> None:
        """Keep what was counted last."""
        try:
            self.write()
        except CoursepulseError as error:
            _log.warning("sender_counts_lost", error=str(error))


def add_up(counts: Iterable[SenderCount]) -> list[SenderCount]:
    """Counts of the same thing as one."""
    found: Counter[tuple[int, str, str]] = Counter()
    for each in counts:
        found[each.day, each.sender, each.what] += each.number
    return [SenderCount(*key, number) for key, number in sorted(found.items())]
