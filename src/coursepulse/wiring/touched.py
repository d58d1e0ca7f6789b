"""Which students and days the pipeline has touched, for jobs that follow at their own pace."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import date

from coursepulse.kit.clock import DAY, Micros, utc_date
from coursepulse.stream.pipeline import Applied


class Touched:
    """Collects from the pipeline's thread, hands out to the thread of the jobs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._students: set[bytes] = set()
        self._days: set[date] = set()
        self._cycle = 0

    def note(self, applied: Applied) -> None:
        """Remember what a batch touched."""
        students = {event.student_id for event in applied.fresh}
        days = {utc_date(at) for at in _one_per_day(applied)}
        with self._lock:
            self._students |= students
            self._days |= days
            self._cycle = max(self._cycle, applied.position)

    def take_students(self) -> set[bytes]:
        """Everyone touched since the last call."""
        with self._lock:
            taken, self._students = self._students, set()
            return taken

    def take_days(self) -> tuple[set[date], int]:
        """Every UTC day touched since the last call, and the cycle that touched it last."""
        with self._lock:
            taken, self._days = self._days, set()
            return taken, self._cycle

    def give_back(self, students: Collection[bytes] = (), days: Collection[date] = ()) -> None:
        """What could not be done is due again."""
        with self._lock:
            self._students.update(students)
            self._days.update(days)


def _one_per_day(applied: Applied) -> list[Micros]:
    """A moment of each day: turning every event's time into a date would cost more than the batch."""
    return [day * DAY for day in {event.at // DAY for event in applied.fresh}]
