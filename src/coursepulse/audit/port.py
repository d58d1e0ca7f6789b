"""Where audit entries go."""

from __future__ import annotations

from typing import Protocol

from coursepulse.audit.entry import Entry


class Trail(Protocol):
    """Takes entries, durably."""

    def write(self, entry: Entry) -> None:
        """Returns when the entry is safe.

        :raises StoreUnavailable: it is not; what it was to record must not happen
        """
