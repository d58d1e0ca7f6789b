"""Judges every learner when time alone may have changed something: course by course, a few learners at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from coursepulse.aggregates.readers import RollupReader
from coursepulse.alerts.learner_alerts import LearnerAlerts
from coursepulse.alerts.learner_reader import Learner
from coursepulse.kit.clock import DAY, HOUR, Clock, Micros, to_micros
from coursepulse.stream.isolate import spare_others

#: Learners of one turn: nobody waits long for the lock that judging takes.
SLICE = 500

#: Courses that are begun at once: what their classes are like costs hardly more to read than for one.
COURSES = 20

#: What is said of a class moves with the class: those of its learners who do nothing are judged again after so long.
_DRIFT: Micros = HOUR


class CourseMarks(NamedTuple):
    """What of a course decides when its learners are to be judged.

    :param mark: changes when the lessons or the due dates of the course do
    """

    due: tuple[Micros, ...]
    mark: int


class CourseTimes:
    """When the learners of each course are to be judged next. Any thread may call it.

    :param grace: how long after a due date it counts as missed, by course
    """

    def __init__(self, grace: Callable[[str], Micros]) -> None:
        self._grace = grace
        self._lock = threading.Lock()
        self._marks: dict[str, CourseMarks] = {}
        self._next: dict[str, Micros] = {}
        self._swept: dict[str, Micros] = {}

    def note(self, marks: Mapping[str, CourseMarks]) -> None:
        """These are all courses. Those that are new or have changed are due."""
        with self._lock:
            for course, each in marks.items():
                if self._marks.get(course) != each:
                    self._next[course] = 0
            self._marks.update(marks)

    def change(self, *courses: str) -> None:
        """Courses are due now."""
        with self._lock:
            self._next.update(dict.fromkeys(courses, 0))

    def change_all(self) -> None:
        """What holds for a rule has changed: every course is due now."""
        with self._lock:
            self._next.update(dict.fromkeys(self._next, 0))

    def touch(self, courses: Collection[str]) -> None:
        """Courses have new events: what they say of a class is due in a while."""
        with self._lock:
            for course in courses:
                due = self._swept.get(course, 0) + _DRIFT
                self._next[course] = min(due, self._next.get(course, due))

    def take(self, now: Micros) -> list[str]:
        """Some courses that are due, those first that have waited longest. They are due again at the next midnight or
        due date.
        """
        with self._lock:
            due = [course for course, at in self._next.items() if at <= now]
            some = sorted(due, key=self._next.__getitem__)[:COURSES]
            for course in some:
                self._swept[course], self._next[course] = now, self._after(course, now)
            return some

    def _after(self, course: str, now: Micros) -> Micros:
        marks, grace = self._marks.get(course), self._grace(course)
        dates = marks.due if marks else ()
        moments = [moment for due in dates for moment in (due, due + grace) if moment > now]
        return min([*moments, now - now % DAY + DAY])


class LearnerSweep:
    """Goes through the courses that are due.

    What it knows of a course is in memory: after a start all are due, because time has passed.

    :param begun: called with courses whose learners are about to be judged
    """

    def __init__(
        self,
        alerts: LearnerAlerts,
        rollups: RollupReader,
        times: CourseTimes,
        clock: Clock,
        begun: Callable[[list[str]], None],
    ) -> None:
        self._alerts, self._rollups, self._times, self._clock = alerts, rollups, times, clock
        self._begun = begun
        self._catalog_changed = threading.Event()
        self._catalog_changed.set()
        self._left: list[Learner] = []

    def note_catalog(self) -> None:
        """Lessons or due dates may have changed."""
        self._catalog_changed.set()

    def turn(self) -> None:
        """Judge some learners who are due, if there are any.

        :raises StoreUnavailable: when a database does not answer; they are due at the next turn
        """
        self._alerts.catch_up()
        if self._catalog_changed.is_set():
            self._catalog_changed.clear()
            self._read_marks()
        courses = [] if self._left else self._times.take(self._clock())
        if courses:
            self._begin(courses)
        if self._left:
            spare_others("alerts of a learner", self._left[:SLICE], self._alerts.judge)
            del self._left[:SLICE]

    def _begin(self, courses: list[str]) -> None:
        self._begun(courses)
        try:
            self._left = self._alerts.everybody(courses)
        except BaseException:
            self._times.change(*courses)
            raise

    def _read_marks(self) -> None:
        try:
            rows = self._rollups.rows("course_marks", {})
        except BaseException:
            self._catalog_changed.set()
            raise
        marks = {
            row["course_id"]: CourseMarks(tuple(map(to_micros, row["due"])), row["mark"]) for row in rows
        }
        self._times.note({course: each for course, each in marks.items() if course})
