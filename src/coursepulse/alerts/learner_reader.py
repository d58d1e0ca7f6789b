"""Gathers what the conditions about learners look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import TypeAlias

from coursepulse.aggregates.learner_rows import Judge, LearnerRow, read_learners
from coursepulse.aggregates.readers import RollupReader
from coursepulse.alerts.classes import Class, Classes, merge
from coursepulse.alerts.facts import LearnerFacts, Overdue
from coursepulse.definitions.risk import judge_risk
from coursepulse.kit.clock import Micros, to_micros, utc_date
from coursepulse.kit.ids import to_text

#: course_id and pseudonym.
Learner: TypeAlias = tuple[str, bytes]

#: Learners of one query: a server takes parameters of up to 128 KiB.
_SOME = 1_000


class LearnerReader:
    """Reads the rows of learners, and of their classes only now and then."""

    def __init__(self, rollups: RollupReader, classes: Classes) -> None:
        self._rollups, self._classes = rollups, classes

    def read(self, learners: Iterable[Learner], now: Micros) -> Iterator[LearnerFacts]:
        """What is known of those of these learners who are in their course and agreed to analytics.

        :raises StoreUnavailable: when a database does not answer
        """
        ordered = iter(sorted(learners))
        while some := list(islice(ordered, _SOME)):
            yield from self._gather(some, now)

    def students(self, course: str) -> list[bytes]:
        """Everybody who ever enrolled or learned in a course.

        :raises StoreUnavailable: when ClickHouse does not answer
        """
        frame = self._rollups.frames(("class_students",), {"course": course})["class_students"]
        return frame["student_id"].to_list()

    def _gather(self, learners: list[Learner], now: Micros) -> Iterator[LearnerFacts]:
        classes = self._classes.of({course for course, _ in learners}, now)
        judge, wanted = Judge(now, merge(classes.values())), set(learners)
        for learner in self._rows(learners, classes, now):
            course, student = learner.row["course_id"], learner.row["student_id"].bytes
            if learner.here and (course, student) in wanted:
                yield _describe(learner, judge, classes[course], now)

    def _rows(self, learners: list[Learner], classes: dict[str, Class], now: Micros) -> list[LearnerRow]:
        today = utc_date(now)
        values = {
            "courses": sorted(classes),
            "students": sorted({to_text(student) for _, student in learners}),
            "over": sorted(course for course, each in classes.items() if each.over),
            "start": today,
            "end": today + timedelta(days=1),
        }
        return read_learners({"learner_rows": self._rollups.rows("learner_rows", values)})


def _describe(learner: LearnerRow, judge: Judge, of: Class, now: Micros) -> LearnerFacts:
    row, inputs = learner.row, judge.inputs(learner)
    latest = row["last_activity_at"]
    return LearnerFacts(
        course_id=row["course_id"],
        student_id=row["student_id"].bytes,
        now=now,
        joined_at=to_micros(row["joined_at"]),
        last_learned_at=None if latest is None else to_micros(latest),
        inputs=inputs,
        risk=judge_risk(inputs),
        overdue=tuple(Overdue(work, to_micros(due)) for work, due in judge.overdue(learner)),
        weeks=tuple(row["weeks"]),
        classmates=of.classmates,
    )
