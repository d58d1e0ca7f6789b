"""Sorts records by day in constant memory, with one file per day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from coursepulse.formats.oulad import DayRecord

#: Records buffered before they are written: about 20 MB.
_HELD = 100_000

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(DayRecord).decode


class Buckets:
    """Records by day, in files of a folder that the caller removes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: defaultdict[str, list[bytes]] = defaultdict(list)
        self._holding = 0
        self._days: set[str] = set()
        self.count = 0

    def add(self, record: DayRecord) -> None:
        """Adds one record to its day."""
        self._held[record.day].append(_encode(record))
        self._holding += 1
        self.count += 1
        if self._holding >= _HELD:
            self._write()

    def _write(self) -> None:
        for day, lines in self._held.items():
            with (self._folder / day).open("ab") as file:
                file.write(b"\n".join(lines) + b"\n")
        self._days.update(self._held)
        self._held.clear()
        self._holding = 0

    def drain(self) -> Iterator[tuple[DayRecord, int]]:
        """Every record, day by day, with its number among equal ones."""
        self._write()
        for day in sorted(self._days):
            seen: Counter[bytes] = Counter()
            with (self._folder / day).open("rb") as file:
                for line in file:
                    yield _decode(line), seen[line]
                    seen[line] += 1
