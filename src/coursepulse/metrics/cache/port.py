"""Where cached results are kept: in memory (:mod:`coursepulse.metrics.cache.memory`), or elsewhere by this port."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from coursepulse.kit.clock import SECOND, Micros
from coursepulse.metrics.table import Table

#: How old a result may be that somebody is shown.
OLDEST: Micros = 5 * SECOND


class DataMark(NamedTuple):
    """How far the numbers are. Between two equal marks nothing has changed that rows are made of.

    :param served: position of the log up to which the numbers of days are made
    :param learners: the same for the numbers of learners
    :param beside: counts what changes them beside the log, such as a new catalog
    """

    served: int
    learners: int
    beside: int = 0


class CachedResult(NamedTuple):
    """One answer.

    :param mark: how far the numbers were before it was read; the rows are as new as that, or newer
    :param made_at: when reading began
    :param seconds: how long it took to make
    """

    table: Table
    mark: DataMark
    made_at: Micros
    seconds: float


class StoredResults(NamedTuple):
    """How much is kept."""

    results: int
    bytes: int


class ResultStore(Protocol):
    """Keeps results for :data:`OLDEST`, or shorter when there is no room.

    A key is 32 bytes. A result is plain data: texts, numbers, days, moments, UUIDs and null, in tuples and lists. An
    adapter outside of this process encodes it as it sees fit, and answers None for what it cannot read. Any thread may
    call.
    """

    def get(self, key: bytes) -> CachedResult | None:
        """The result under a key, if it is still there."""

    def put(self, key: bytes, result: CachedResult) -> None:
        """Keep a result in the place of an older one."""

    def clear(self) -> None:
        """Keep nothing of what was put so far."""

    def size(self) -> StoredResults:
        """How much is kept now."""


class SharedChanges(Protocol):
    """Tells every server that shares the results what no version counts: each question hears of it with its mark."""

    def forget(self) -> None:
        """Consents, rights or people have changed.

        :raises StoreUnavailable: when it cannot be told; nobody may be shown a result of before then either
        """

    def renew(self) -> None:
        """Numbers have changed beside the log.

        :raises StoreUnavailable: when it cannot be told
        """
