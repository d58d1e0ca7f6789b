"""Gathers what the conditions about learners look at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import TypeAlias

from coursepulse.aggregates.learner_rows import Judge, LearnerRow
from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.row import Row
from coursepulse.alerts.classes import Class, Classes, merge
from coursepulse.alerts.facts import WEEKS, LearnerFacts, Overdue
from coursepulse.definitions.risk import judge_risk
from coursepulse.kit.clock import Micros, to_days, to_micros, utc_date
from coursepulse.kit.ids import to_text
from coursepulse.metrics.asked import LimitsAt, no_limits

#: course_id and pseudonym.
Learner: TypeAlias = tuple[str, bytes]

#: Learners of one query: a server takes parameters of up to 128 KiB.
_SOME = 1_000

#: The day on which a lesson was completed that was not.
_NEVER = 65_535


class LearnerReader:
    """Reads the rows of learners, and of their classes only now and then.

    :param limits: by moment, how courses that have set their own limits judge risk
    """

    def __init__(self, rollups: RollupReader, classes: Classes, limits: LimitsAt = no_limits) -> None:
        self._rollups, self._classes, self._limits = rollups, classes, limits

    def read(self, learners: Collection[Learner], now: Micros) -> Iterator[LearnerFacts]:
        """What is known of those of these learners who are in their course and agreed to analytics.

        :raises StoreUnavailable: when a database does not answer
        """
        ordered = iter(sorted(learners))
        while some := list(islice(ordered, _SOME)):
            # Their rows first: of a class that fills up at this moment, no learner is known before the others are.
            rows = self._rows(some)
            classes = self._classes.of({course for course, _ in some}, now)
            judge = Judge(now, merge(classes.values()), self._limits(now))
            yield from _gather(some, rows, classes, judge, now)

    def everybody(self, courses: Collection[str], now: Micros) -> list[Learner]:
        """All who ever enrolled or learned in some courses, but in none that is over.

        :raises StoreUnavailable: when a database does not answer
        """
        classes = self._classes.renew(courses, now)
        going_on = [course for course, each in classes.items() if not each.over]
        rows = self._rollups.frames(("class_learners",), {"courses": going_on})["class_learners"]
        return list(rows.iter_rows())

    def _rows(self, learners: list[Learner]) -> list[Row]:
        values = {
            "courses": sorted({course for course, _ in learners}),
            "students": sorted({to_text(student) for _, student in learners}),
        }
        return self._rollups.rows("learner_facts", values)


def _gather(
    learners: list[Learner], rows: list[Row], classes: Mapping[str, Class], judge: Judge, now: Micros
) -> Iterator[LearnerFacts]:
    wanted = set(learners)
    for row in rows:
        is_here = row["joined_at"] is not None and not row["gone"]
        if is_here and (row["course_id"], row["student"]) in wanted:
            of = classes[row["course_id"]]
            yield describe(_complete(row, of), judge, of, now)


def _complete(row: Row, of: Class) -> Row:
    return row | {"completion_pct": _completion(row, of.lessons), "over": of.over}


def describe(row: Row, judge: Judge, of: Class, now: Micros) -> LearnerFacts:
    """What a row of ``learner_facts``, or one of ``learner_rows`` with the same columns, tells of a learner.

    :param row: its ``days`` may go on after ``now``
    """
    learner = LearnerRow(row, tuple(row["scores"]))
    inputs, latest = judge.inputs(learner), row["last_activity_at"]
    return LearnerFacts(
        course_id=row["course_id"],
        student_id=row["student"],
        now=now,
        joined_at=to_micros(row["joined_at"]),
        last_learned_at=None if latest is None else to_micros(latest),
        inputs=inputs,
        risk=judge_risk(inputs),
        overdue=tuple(Overdue(work, to_micros(due)) for work, due in judge.overdue(learner)),
        weeks=_weeks(row["days"], row["micros"], to_days(utc_date(now)) + 1),
        classmates=of.classmates,
    )


def _completion(row: Row, lessons: frozenset[str] | None) -> float | None:
    if not lessons:
        return None
    done = [name for name, on in zip(row["lessons"], row["completed_on"], strict=True) if on != _NEVER]
    return 100 * len(lessons.intersection(done)) / len(lessons)


def _weeks(days: Sequence[int], sums: Sequence[int], end: int) -> tuple[float, ...]:
    """Seconds in each of the last weeks of seven days, given the sums at the end of some days."""
    places = [bisect_left(days, end - 7 * week) for week in range(WEEKS + 1)]
    marks = [sums[place - 1] if place else 0 for place in places]
    return tuple((later - earlier) / 1e6 for later, earlier in pairwise(marks))
