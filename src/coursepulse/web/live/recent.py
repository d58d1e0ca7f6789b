"""The latest changes, for pages whose connection was gone when they came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from coursepulse.web.live.subjects import EVERYTHING, Watched, find_told

#: Subjects kept altogether, about 5 MB: some seconds under full load, and hours on a quiet server.
_MOST_SUBJECTS = 30_000


class _Change(NamedTuple):
    number: int
    subjects: frozenset[str]


class RecentChanges:
    """Numbers changes from 1 and keeps the latest. Any thread may add.

    A mark is the number with the name of this run of the server in front: after a restart the numbers begin again, and
    a mark from before tells nothing.

    :param run: the name of this run
    """

    def __init__(self, run: str, most: int = _MOST_SUBJECTS) -> None:
        self._run, self._most = run, most
        self._lock = threading.Lock()
        self._changes: deque[_Change] = deque()
        self._number = self._kept = 0

    @property
    def number(self) -> int:
        """The latest number."""
        return self._number

    def add(self, subjects: Iterable[str]) -> tuple[int, frozenset[str]]:
        """Something has changed; returns its number, and the subjects."""
        change = frozenset(subjects)
        with self._lock:
            self._number += 1
            self._changes.append(_Change(self._number, change))
            self._kept += len(change)
            while self._kept > self._most:
                self._kept -= len(self._changes.popleft().subjects)
            return self._number, change

    def forget(self, run: str) -> None:
        """Begin a new run: no mark of before tells anything."""
        with self._lock:
            self._run = run
            self._changes.clear()
            self._kept = 0

    def mark(self, number: int) -> str:
        """The mark of a number."""
        return f"{self._run}-{number}"

    def since(self, mark: str, watched: Watched) -> frozenset[str]:
        """What somebody with this mark is to be told; :data:`EVERYTHING` when that is not known any more."""
        run, _, text = mark.rpartition("-")
        seen = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1
        with self._lock:
            missed = list(takewhile(lambda change: change.number > seen, reversed(self._changes)))
            if run != self._run or not self._number - len(missed) <= seen <= self._number:
                return frozenset({EVERYTHING})
        return frozenset().union(*(find_told(change.subjects, watched) for change in missed))
