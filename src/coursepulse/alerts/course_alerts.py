"""Judges courses: those with new events each minute, those that are silent, and all of them once a day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from coursepulse.alerts.alert import AlertSubject
from coursepulse.alerts.book import AlertBook
from coursepulse.alerts.course_reader import CourseReader, Rhythms
from coursepulse.alerts.facts import CourseFacts
from coursepulse.alerts.known import KnownAlerts
from coursepulse.alerts.rule import CourseCondition, Finding, Rule, Values
from coursepulse.kit.clock import Clock
from coursepulse.stream.changed_keys import Due
from coursepulse.stream.isolate import spare_others

#: Courses that are read together.
_SOME = 50


class CourseAlerts:
    """The rules about courses.

    :param rules: those without a CourseCondition are passed over
    """

    def __init__(
        self,
        reader: CourseReader,
        rhythms: Rhythms,
        known: KnownAlerts,
        rules: Iterable[Rule],
        values: Callable[[Rule, str], Values],
        clock: Clock,
    ) -> None:
        self._reader, self._rhythms, self._book = reader, rhythms, AlertBook(known)
        self._rules = [
            (rule, rule.condition.find) for rule in rules if isinstance(rule.condition, CourseCondition)
        ]
        self._values, self._clock = values, clock
        self._due = Due[str]()

    def hear(self, courses: Collection[str]) -> None:
        """Courses have new events."""
        self._rhythms.hear(courses, self._clock())
        self._due.add(courses)

    def expect(self, courses: Collection[str]) -> None:
        """Courses are to be judged, whether they have new events or not."""
        self._due.add(courses)

    def turn(self) -> None:
        """Judge the courses that are due.

        :raises StoreUnavailable: when a database does not answer; they are due at the next turn
        """
        now = self._clock()
        self._rhythms.load(now)
        self._due.add(self._rhythms.quiet(now))
        while len(self._due):
            with self._due.turn(_SOME) as some:
                spare_others("alerts of a course", list(some), self._judge)

    def _judge(self, courses: Collection[str]) -> None:
        now = self._clock()
        facts = self._reader.read(courses, now)
        subjects = [AlertSubject(course) for course in courses]
        for rule, find in self._rules:
            found = self._find(rule, find, facts)
            self._book.judge(rule, subjects, found, now)

    def _find(
        self, rule: Rule, find: Callable[[CourseFacts, Values], list[Finding]], facts: Iterable[CourseFacts]
    ) -> dict[AlertSubject, list[Finding]]:
        return {
            AlertSubject(each.course_id): find(each, self._values(rule, each.course_id)) for each in facts
        }
