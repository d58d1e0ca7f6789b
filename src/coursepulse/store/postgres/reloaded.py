"""Settings of courses in memory, as PostgreSQL has them: other processes may change them too."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Reloaded(Generic[T]):
    """Any thread may read and load it.

    :param read: asks PostgreSQL
    :param value: what holds until it is loaded
    """

    def __init__(self, read: Callable[[], T], value: T) -> None:
        self._read, self.value = read, value
        self._told, self._lock = value, threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    def on_changed(self, callback: Callable[[], None]) -> None:
        """Call this whenever something else has been loaded than before."""
        self._callbacks.append(callback)

    def load(self) -> None:
        """Read it again.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        with self._lock:  # what was read later must not give way to what was read before
            self.value = value = self._read()
        if value == self._told:
            return
        for callback in self._callbacks:
            callback()
        # Not before: when one has failed, all of them are due the next time.
        self._told = value
