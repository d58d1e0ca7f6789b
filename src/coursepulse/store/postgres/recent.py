"""Recently stored event ids: nearly every duplicate arrives within seconds."""

from __future__ import annotations

from collections.abc import Iterable

#: Ids in each of two generations, some 90 bytes each.
_MANY = 50_000


class Recent:
    """The ids stored last: at least ``many`` of them, and fewer than twice as many plus one batch."""

    def __init__(self, many: int = _MANY) -> None:
        self._many = many
        self._older: set[bytes] = set()
        self._newer: set[bytes] = set()

    def add(self, ids: Iterable[bytes]) -> None:
        """Add ids."""
        self._newer.update(ids)
        if len(self._newer) >= self._many:
            self._older, self._newer = self._newer, set()

    def find(self, ids: set[bytes]) -> set[bytes]:
        """Those of ``ids`` that are known."""
        return ids & self._newer | ids & self._older
