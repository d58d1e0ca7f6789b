"""Which students, learners and days the pipeline has changed, for those who follow it at their own pace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Generic, TypeAlias, TypeVar

from coursepulse.stream.stages import AppliedBatch

#: course_id and pseudonym.
Learner: TypeAlias = tuple[str, bytes]

Key = TypeVar("Key", bound=Any)


class Due(Generic[Key]):
    """Keys that wait to be worked on, each once. Any thread may add; one takes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[Key] = set()
        self._in_work = 0

    @property
    def unfinished(self) -> int:
        """How many wait or are being worked on."""
        with self._lock:
            return len(self._keys) + self._in_work

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, keys: Iterable[Key]) -> None:
        """These are due, whether they were already or not."""
        with self._lock:
            self._keys.update(keys)

    @contextmanager
    def turn(self, some: int | None = None) -> Iterator[set[Key]]:
        """Take up to ``some`` keys, or all. If the turn fails, everything that is in the set by then is due again."""
        taken = self._take(some)
        try:
            yield taken
        except BaseException:
            self.add(taken)
            raise
        finally:
            with self._lock:
                self._in_work = 0

    @contextmanager
    def newest(self, some: int) -> Iterator[list[Key]]:
        """:meth:`turn` of the highest keys, in descending order."""
        with self.turn() as every:
            ordered = sorted(every, reverse=True)
            self.add(ordered[some:])
            every.intersection_update(ordered[:some])
            yield ordered[:some]

    def _take(self, some: int | None) -> set[Key]:
        with self._lock:
            if some is None or some >= len(self._keys):
                taken, self._keys = self._keys, set()
            else:
                taken = {self._keys.pop() for _ in range(some)}
            self._in_work = len(taken)
            return taken


class ChangedKeys:
    """What batches have changed, sorted by who follows.

    :param students: the rollups of their learners are up to date, so what is made of those is due
    :param on_followed: is told of those learners
    """

    def __init__(self, on_followed: Callable[[Collection[Learner]], None] = lambda _: None) -> None:
        self._on_followed = on_followed
        self.days, self.learners, self.students = Due[date](), Due[Learner](), Due[bytes]()
        self._applied: AppliedBatch | None = None

    @property
    def applied(self) -> AppliedBatch | None:
        """The newest batch whose learners are all due, or have been."""
        return self._applied

    def note(self, applied: AppliedBatch) -> None:
        """A batch has been applied. Called by the pipeline."""
        self.learners.add(learner for renewed in applied.renewed for learner in renewed.learners)
        self._applied = applied._replace(renewed=[])
        # After that: a follower that takes a day finds the batch that changed it, or a newer one.
        self.days.add(day for renewed in applied.renewed for day in renewed.days)

    def followed(self, learners: Collection[Learner]) -> None:
        """The rollups of these learners are up to date."""
        self.students.add(student for _, student in learners)
        if learners:
            self._on_followed(learners)
