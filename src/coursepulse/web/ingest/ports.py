"""What taking in events may use of the server."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from coursepulse.collect.collector import Collector
from coursepulse.web.http.ports import Writes


class Withdrawer(Protocol):
    """Takes events back by their ids, and says how many there were."""

    def withdraw(self, events: Collection[bytes], tell: Callable[[set[bytes]], None]) -> int:
        """Take back those of these events that are stored; returns how many there were.

        :param tell: writes down whose they are, before anything is taken back
        """


class IngestServices(Writes, Protocol):
    """Takes events in. Dead letters are for the key that sent them, and for the machine."""

    @property
    def collector(self) -> Collector:
        """Takes events, and keeps what it refused."""

    @property
    def withdrawals(self) -> Withdrawer | None:
        """Takes events back; None where this process only collects."""
