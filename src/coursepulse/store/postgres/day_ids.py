"""Which ids a day may hold: Bloom filters in memory, so that hardly any id is looked up in vain.

A filter never misses an added id, and reports one in 400 others as known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

#: Ids in the first filter of a day and in its largest; each holds four times as many as the one before.
_FIRST, _LARGEST = 1 << 12, 1 << 22

#: Bits for each id, and how many of them an id sets.
_BITS, _PROBES = 16, 4

#: Bytes of all filters together: 32 million ids. Beyond that, the least recently used days are dropped.
_MOST_BYTES = 1 << 26

_Words = NDArray[np.uint64]


class DayIds:
    """The ids of the days that are known in full. Days are numbered since 1970."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._days: dict[int, _Day] = {}

    def knows(self, day: int) -> bool:
        """Whether all ids of a day are known."""
        return day in self._days

    def learn(self, day: int, ids: bytes) -> None:
        """Set all ids of a day, concatenated."""
        known = self._days[day] = _Day()
        known.add(_hash(ids))

    def add(self, day: int, ids: Collection[bytes]) -> None:
        """Add ids to a day, if it is known."""
        known = self._days.pop(day, None)
        if known is not None:
            known.add(_hash(b"".join(ids)))
            self._days[day] = known  # now the most recently used
            self._shrink()

    def find(self, day: int, ids: list[bytes]) -> list[bytes]:
        """Those of ``ids`` that a day may hold: all of them if the day is not known."""
        known = self._days.get(day)
        if known is None:
            return ids
        if not known.filters:
            return []
        return [ids[place] for place in known.find(_hash(b"".join(ids)))]

    def forget(self, days: Iterable[int]) -> None:
        """Drop these days."""
        for day in days:
            self._days.pop(day, None)

    def _shrink(self) -> None:
        size = sum(each.size for each in self._days.values())
        while size > self._most_bytes and len(self._days) > 1:
            oldest = next(iter(self._days))
            size -= self._days.pop(oldest).size


class _Filter:
    """Room for a number of ids."""

    def __init__(self, capacity: int) -> None:
        self.room = capacity
        self.words = np.zeros(capacity * _BITS // 64, np.uint64)

    def add(self, hashes: _Words) -> None:
        for word, bit in self._probes(hashes):
            np.bitwise_or.at(self.words, word, bit)
        self.room -= len(hashes)

    def find(self, hashes: _Words) -> NDArray[np.intp]:
        places = np.arange(len(hashes))
        for word, bit in self._probes(hashes):
            # Most ids are ruled out by their first bits: the others need not be read.
            places = places[(self.words[word[places]] & bit[places]) != 0]
        return places

    def _probes(self, hashes: _Words) -> Iterable[tuple[NDArray[np.intp], _Words]]:
        bits = np.uint64(len(self.words) * 64 - 1)
        step = (hashes >> np.uint64(32)) | np.uint64(1)
        for number in range(_PROBES):
            probe = (hashes + np.uint64(number) * step) & bits
            yield (probe >> np.uint64(6)).astype(np.intp), np.uint64(1) << (probe & np.uint64(63))


class _Day:
    def __init__(self) -> None:
        self.filters: list[_Filter] = []
        self.size = 0

    def add(self, hashes: _Words) -> None:
        while len(hashes):
            if not self.filters or not self.filters[-1].room:
                grown = _Filter(min(_FIRST << 2 * len(self.filters), _LARGEST))
                self.filters.append(grown)
                self.size += grown.words.nbytes
            last = self.filters[-1]
            some, hashes = hashes[: last.room], hashes[last.room :]
            last.add(some)

    def find(self, hashes: _Words) -> list[int]:
        found = [one.find(hashes) for one in self.filters]
        return [int(place) for place in np.unique(np.concatenate(found))]


def _hash(ids: bytes) -> _Words:
    """64 well mixed bits of each id (the finaliser of SplitMix64): version 7 UUIDs begin alike."""
    halves = np.frombuffer(ids, np.uint64).reshape(-1, 2)
    mixed: _Words = halves[:, 0] ^ (halves[:, 1] * np.uint64(0x9E3779B97F4A7C15))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return mixed
