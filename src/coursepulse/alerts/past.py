"""What was known of learners at the end of past days, to try rules on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import TypeAlias

from coursepulse.aggregates.learner_rows import Judge
from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.row import Row
from coursepulse.alerts.classes import Classes, Ended, merge
from coursepulse.alerts.facts import LearnerFacts
from coursepulse.alerts.learner_reader import Learner, describe
from coursepulse.kit.clock import DAY, Micros, utc_date
from coursepulse.metrics.asked import LimitsAt, no_limits

#: Of each learner the days with events, and the sums of learning at their ends.
_Sums: TypeAlias = dict[Learner, tuple[list[int], list[int]]]


class PastLearners:
    """The same facts as :class:`coursepulse.alerts.learner_reader.LearnerReader` gathers, as of the ends of past days.

    Enrolments, due dates and lessons are those of the catalog now: it keeps no history.

    :param ended: which courses had their last day before a day
    :param limits: by moment, how courses that have set their own limits judged risk then
    """

    def __init__(self, rollups: RollupReader, ended: Ended, limits: LimitsAt = no_limits) -> None:
        self._rollups, self._ended, self._limits = rollups, ended, limits

    def days(self, since: Micros, until: Micros) -> Iterator[tuple[Micros, list[LearnerFacts]]]:
        """The last moment of each day that is over, and of the present one ``until``, each with what was known then.

        :raises StoreUnavailable: when a database does not answer
        """
        courses = sorted(row["course_id"] for row in self._rollups.rows("history_courses", {}))
        if not courses:
            return
        sums = self._sums(courses)
        for start in range(since - since % DAY, until, DAY):
            now = min(start + DAY - 1, until)
            yield now, list(self._facts(courses, sums, now))

    def _sums(self, courses: list[str]) -> _Sums:
        rows = self._rollups.rows("history_days", {"courses": courses})
        return {(row["course_id"], row["student_id"].bytes): (row["days"], row["micros"]) for row in rows}

    def _facts(self, courses: Collection[str], sums: _Sums, now: Micros) -> Iterator[LearnerFacts]:
        # Of its own for each day: classes that are kept are those of one moment.
        classes = Classes(self._rollups, self._ended, lambda _: None).of(courses, now)
        judge = Judge(now, merge(classes.values()), self._limits(now))
        over = [course for course, each in classes.items() if each.over]
        for row in self._rows(courses, over, now):
            days, micros = sums.get((row["course_id"], row["student_id"].bytes), ([], []))
            known = row | {"student": row["student_id"].bytes, "days": days, "micros": micros}
            yield describe(known, judge, classes[row["course_id"]], now)

    def _rows(self, courses: Collection[str], over: Collection[str], now: Micros) -> list[Row]:
        end = utc_date(now) + timedelta(days=1)
        asked = {"courses": list(courses), "students": [], "over": list(over), "start": end, "end": end}
        return [row for row in self._rollups.rows("learner_rows", asked) if not row["gone"]]
