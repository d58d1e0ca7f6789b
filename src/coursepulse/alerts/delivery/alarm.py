"""When a job has something to do. In between it asks no store: an idle server must cost next to nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from coursepulse.kit.clock import MINUTE, Micros

#: Another process may have put something into the outbox: looked at this often in any case.
_LOOK: Micros = MINUTE


class Alarm:
    """Rings when somebody says so, and at the next moment that the store knew of.

    :param next_at: asks the store for that moment
    """

    def __init__(self, next_at: Callable[[], Micros | None]) -> None:
        self._next_at = next_at
        self._at: Micros = 0
        self._rung = threading.Event()

    def ring(self) -> None:
        """There is something to do now."""
        self._rung.set()

    def take(self, now: Micros) -> bool:
        """Whether there is something to do; if so, the alarm is off until it rings again."""
        if not self._rung.is_set() and now < self._at:
            return False
        # First: a ring while the work is under way is for the next turn.
        self._rung.clear()
        return True

    def set(self, now: Micros) -> None:
        """The work is done, as far as it was due."""
        self._at = min(self._next_at() or now + _LOOK, now + _LOOK)
