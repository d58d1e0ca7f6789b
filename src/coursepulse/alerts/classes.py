"""Facts about classes, for rules that compare a learner with the others: read from time to time, and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias

from coursepulse.aggregates import readers
from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.alerts.facts import WEEKS, Classmates
from coursepulse.alerts.learner_rules import is_away, rests
from coursepulse.definitions.risk import FEWEST, HEARD, has_met
from coursepulse.kit.clock import MINUTE, Micros, from_micros, utc_date
from coursepulse.kit.sql import Queries
from coursepulse.metrics.readers import CampusReader
from coursepulse.store.postgres.connect import Pool

#: What alerts ask of ClickHouse.
QUERIES: Mapping[str, str] = {**readers.QUERIES, **Queries("coursepulse.alerts.clickhouse")}

#: Which of some courses had their last day before a day.
Ended: TypeAlias = Callable[[list[str], date], list[str]]

#: A class changes slowly: what is said of it may be so old.
_KEEP: Micros = 5 * MINUTE

#: Courses of one query: a server takes parameters of up to 128 KiB.
_SOME = 200

_NOBODY = Classmates(0, 0, (0.0,) * WEEKS)


class EndedCourses:
    """:data:`Ended`, by what the catalog in PostgreSQL says.

    :param pool: connections of the service
    """

    def __init__(self, pool: Pool) -> None:
        self._campus = CampusReader(pool)

    def __call__(self, courses: list[str], day: date) -> list[str]:
        """:raises StoreUnavailable: when PostgreSQL does not answer"""
        rows = self._campus.rows("ended_courses", {"courses": courses, "day": day})
        return [row["course_id"] for row in rows]


class Class(NamedTuple):
    """One class, as it was at a moment.

    :param rows: the rows of the queries that :class:`~coursepulse.aggregates.learner_rows.Judge` is made of
    :param lessons: those of the catalog; None while it has none
    """

    read_at: Micros
    rows: QueryRows
    lessons: frozenset[str] | None
    classmates: Classmates
    over: bool

    def holds(self, now: Micros) -> bool:
        """Whether it still says what the class is like.

        A few learners may be the first of many who come at this moment, and other rules hold for a few.
        """
        age = now - self.read_at
        return (
            self.classmates.learners >= FEWEST
            and 0 <= age < _KEEP
            and utc_date(now) == utc_date(self.read_at)
        )

    def verdicts(self, now: Micros) -> tuple[object, ...]:
        """What of it decides about learners who do nothing: when this changes, all of them are to be judged again."""
        counts = frozenset(row["assessment_id"] for row in self.rows["due_rows"] if _counts(row, now))
        heard = any(row["share"] >= HEARD for row in self.rows["heard_rows"])
        mates = self.classmates
        return counts, heard, self.over, is_away(mates), rests(mates, WEEKS - 1)


class Classes:
    """Classes by course.

    :param changed: called with a course in which learners who do nothing are to be judged again
    """

    def __init__(self, rollups: RollupReader, ended: Ended, changed: Callable[[str], None]) -> None:
        self._rollups, self._ended, self._changed = rollups, ended, changed
        self._known: dict[str, Class] = {}

    def of(self, courses: Collection[str], now: Micros) -> dict[str, Class]:
        """What these classes are like.

        :raises StoreUnavailable: when a database does not answer
        """
        stale = [course for course in courses if not self._holds(course, now)]
        before = {course: self._known[course] for course in stale if course in self._known}
        fresh = self.renew(stale, now)
        for course, old in before.items():
            if old.verdicts(now) != fresh[course].verdicts(now):
                self._changed(course)
        return {course: self._known[course] for course in courses}

    def renew(self, courses: Collection[str], now: Micros) -> dict[str, Class]:
        """What these classes are like at this moment.

        :raises StoreUnavailable: when a database does not answer
        """
        ordered = sorted(courses)
        for first in range(0, len(ordered), _SOME):
            self._known |= self._read(ordered[first : first + _SOME], now)
        return {course: self._known[course] for course in courses}

    def _holds(self, course: str, now: Micros) -> bool:
        known = self._known.get(course)
        return known is not None and known.holds(now)

    def _read(self, courses: list[str], now: Micros) -> dict[str, Class]:
        today = utc_date(now)
        values = {"courses": courses, "end": today + timedelta(days=1)}
        found = self._rollups.read(("due_rows", "cohort_rows", "classmates", "class_lessons"), values)
        over = set(self._ended(courses, today))
        dues, marks, mates, lessons = (_by_course(rows) for rows in found.values())
        return {
            course: Class(
                now,
                {"due_rows": dues[course], "cohort_rows": marks[course], "heard_rows": mates[course]},
                _lessons(lessons[course]),
                _classmates(mates[course]),
                course in over,
            )
            for course in courses
        }


def merge(classes: Collection[Class]) -> QueryRows:
    """The rows of several classes together."""
    names = ("due_rows", "cohort_rows", "heard_rows")
    return {name: [row for each in classes for row in each.rows[name]] for name in names}


def _by_course(rows: Collection[Row]) -> dict[str, list[Row]]:
    sorted_: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        sorted_[row["course_id"]].append(row)
    return sorted_


def _classmates(rows: list[Row]) -> Classmates:
    for row in rows:
        return Classmates(row["learners"], row["active"], tuple(micros / 1e6 for micros in row["micros"]))
    return _NOBODY


def _lessons(rows: list[Row]) -> frozenset[str] | None:
    return next((frozenset(row["lessons"]) for row in rows), None)


def _counts(row: Row, now: Micros) -> bool:
    passed = row["due"] is not None and row["due"] <= from_micros(now)
    return passed and has_met(row["expected"], row["met"])
