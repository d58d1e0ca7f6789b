"""Whom and which days the pipeline has touched, for jobs that follow at their own pace."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import date
from typing import TypeAlias

from coursepulse.stream.stages import AppliedBatch

#: course_id and pseudonym.
Learner: TypeAlias = tuple[str, bytes]


class ChangedKeys:
    """Collects from the pipeline's thread, hands out to the thread of the jobs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._students: set[bytes] = set()
        self._days: set[date] = set()
        self._learners: set[Learner] = set()
        self._applied: AppliedBatch | None = None

    def note(self, applied: AppliedBatch) -> None:
        """Remember what a batch touched."""
        learners = {learner for renewed in applied.renewed for learner in renewed.learners}
        days = {day for renewed in applied.renewed for day in renewed.days}
        with self._lock:
            self._days |= days
            self._learners |= learners
            self._applied = applied._replace(renewed=[])

    def followed(self, learners: Collection[Learner]) -> None:
        """The rollups of these learners are up to date; what is made of those is due now."""
        with self._lock:
            self._students.update(student for _, student in learners)

    def take_students(self, some: int) -> set[bytes]:
        """Up to so many of those who are due."""
        with self._lock:
            return {self._students.pop() for _ in range(min(some, len(self._students)))}

    def take_days(self) -> tuple[set[date], int]:
        """Every UTC day touched since the last call, and the cycle that touched it last."""
        with self._lock:
            taken, self._days = self._days, set()
            return taken, self._applied.position if self._applied else 0

    def take_learners(self) -> tuple[set[Learner], AppliedBatch | None]:
        """Everyone touched since the last call, by course, and the batch that was the last so far."""
        with self._lock:
            taken, self._learners = self._learners, set()
            return taken, self._applied

    def give_back(
        self,
        students: Collection[bytes] = (),
        days: Collection[date] = (),
        learners: Collection[Learner] = (),
    ) -> None:
        """What could not be done is due again."""
        with self._lock:
            self._students.update(students)
            self._days.update(days)
            self._learners.update(learners)
