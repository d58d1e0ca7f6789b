"""Cards that could not be read: counted, and said once, because an open page asks for its cards again and again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

import structlog

from coursepulse.kit.errors import StoreUnavailable

_log = structlog.get_logger(__name__)


class CardFaults:
    """Takes note of each failure; any thread may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Counter[tuple[str, str]] = Counter()
        self._said: set[tuple[str, type[Exception]]] = set()

    def note(self, card: str, error: Exception) -> None:
        """A card could not be read. The log tells of each kind of error of a card once, with where it happened."""
        with self._lock:
            self._counted[card, _cause(error)] += 1
            new = (card, type(error)) not in self._said
            self._said.add((card, type(error)))
        if new:
            _log.error("card_failed", card=card, exc_info=error)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How often, by card and cause, since the start."""
        with self._lock:
            return dict(self._counted)


def _cause(error: Exception) -> str:
    return "store" if isinstance(error, StoreUnavailable) else "error"
