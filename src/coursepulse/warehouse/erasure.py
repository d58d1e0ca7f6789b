"""What an erasure means for the warehouse: the next export is without the student, and its receipt says when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from coursepulse.kit.clock import Clock, from_micros
from coursepulse.privacy.erasable import DataSubject, Erased, ErasureMode

#: The line of the warehouse in a receipt.
STORE = "warehouse"


class WarehouseErasure:
    """Promises that the next export is without the student; that export keeps the promise and notes it.

    :param next_export: when one is planned after a moment
    """

    def __init__(self, next_export: Callable[[datetime], datetime], clock: Clock) -> None:
        self._next, self._clock = next_export, clock

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:  # noqa: ARG002
        due = self._next(from_micros(self._clock()))
        return [Erased(STORE, 0, f"rows leave all files with the next export, planned for {_show(due)}")]


def kept(begun: datetime) -> str:
    """What the line says once it is done."""
    return f"rows are gone from all files since the export of {_show(begun)}"


def _show(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
