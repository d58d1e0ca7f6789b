"""Judges learners: those with new events at once, and all of them when time alone may have changed something."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from typing import TypeAlias

import structlog

from coursepulse.alerts.alert import AlertSubject
from coursepulse.alerts.book import AlertBook
from coursepulse.alerts.facts import LearnerFacts
from coursepulse.alerts.known import KnownAlerts
from coursepulse.alerts.learner_reader import Learner, LearnerReader
from coursepulse.alerts.rule import Finding, LearnerCondition, Rule, Values
from coursepulse.kit.clock import SECOND, Clock, Micros, uptime
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.stream.changed_keys import Due
from coursepulse.stream.isolate import spare_others

_log = structlog.get_logger(__name__)

#: The numbers that hold for a rule in a course.
ValuesOf: TypeAlias = Callable[[Rule, str], Values]

#: Between two judgements of touched learners: the query about one of them costs as much as about a hundred.
_PACE: Micros = 4 * SECOND // 10

_Find: TypeAlias = Callable[[LearnerFacts, Values], list[Finding]]

_Findings: TypeAlias = dict[AlertSubject, list[Finding]]


class LearnerAlerts:
    """The rules about learners, applied to some of them.

    One judgement at a time: of two about one learner, the one that knows more must be the last.

    :param rules: those without a LearnerCondition are passed over
    """

    def __init__(
        self,
        reader: LearnerReader,
        known: KnownAlerts,
        rules: Iterable[Rule],
        values: ValuesOf,
        clock: Clock,
        elapsed: Clock = uptime,
    ) -> None:
        self._reader, self._known, self._book = reader, known, AlertBook(known)
        self._rules = [
            (rule, rule.condition.find) for rule in rules if isinstance(rule.condition, LearnerCondition)
        ]
        self._values, self._clock = values, clock
        self._elapsed, self._judged_at = elapsed, -_PACE
        self._due = Due[Learner]()
        self._turn = threading.Lock()

    def touch(self, learners: Collection[Learner]) -> None:
        """Judge learners whose rows have just been renewed, and those who had to wait.

        What comes faster than that is judged together; what cannot be judged now, :meth:`catch_up` judges.
        """
        self._due.add(learner for learner in learners if learner[0])
        if not len(self._due) or self._elapsed() < self._judged_at + _PACE:
            return
        try:
            self.catch_up()
        except StoreUnavailable as error:
            _log.warning("alerts_wait", error=str(error))
        self._judged_at = self._elapsed()

    def catch_up(self) -> None:
        """Judge the learners who were touched and could not be judged.

        :raises StoreUnavailable: when a database does not answer; they are due at the next turn
        """
        with self._due.turn() as due:
            spare_others("alerts of a learner", list(due), self.judge)

    def judge(self, learners: Collection[Learner]) -> None:
        """Bring the alerts about these learners up to date.

        :raises StoreUnavailable: when a database does not answer
        """
        if not learners or not self._rules:
            return
        with self._turn:
            now = self._clock()
            facts = list(self._reader.read(learners, now))
            subjects = [AlertSubject(*learner) for learner in learners]
            for rule, find in self._rules:
                self._book.judge(rule, subjects, self._find(rule, find, facts), now)

    def everybody(self, courses: Collection[str]) -> list[Learner]:
        """All who ever were in some courses, and all who have alerts.

        :raises StoreUnavailable: when a database does not answer
        """
        now = self._clock()
        told = self._known.subjects(courses, now)
        about = {(each.course_id, each.student_id) for each in told if each.student_id is not None}
        return sorted({*self._reader.everybody(courses, now), *about})

    def _find(self, rule: Rule, find: _Find, facts: Iterable[LearnerFacts]) -> _Findings:
        found: _Findings = {}
        for each in facts:
            if findings := find(each, self._values(rule, each.course_id)):
                found[AlertSubject(each.course_id, each.student_id)] = findings
        return found
