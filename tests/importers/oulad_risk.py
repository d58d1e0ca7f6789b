"""The risk rule of the product on the real data of OULAD, by the protocol under which others were measured.

Label: Fail or Withdrawn. Judged are those who are registered at the end of a day, by what was known then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from coursepulse.definitions.risk import Bucket, judge_risk
from coursepulse.events.event import Envelope, Event
from coursepulse.formats import oulad
from coursepulse.formats import oulad_tables as tables
from coursepulse.importers.oulad import TABLES
from coursepulse.importers.oulad_catalog import build_courses, build_lookups
from coursepulse.importers.reading import read_table
from coursepulse.kit.clock import to_micros
from coursepulse.kit.ids import NIL, to_bytes
from tests.reference.catalog import AssessmentKey, CourseCatalog
from tests.reference.risk_inputs import gather_inputs


class Judged(NamedTuple):
    """One learner on one day, and what became of them."""

    score: int
    bucket: Bucket
    lost: bool


class Oulad:
    """Registrations and results of one presentation as events, by course. Most courses of the files have no clicks."""

    def __init__(self, folder: Path, presentation: str) -> None:
        files = {table: folder / f"{table}.csv.gz" for table in TABLES}
        lookups = build_lookups(files)
        courses = build_courses(files, lookups)
        self.courses = [course for course in courses if course.course_id.endswith(presentation)]
        self._events: dict[str, list[Event]] = {course.course_id: [] for course in self.courses}
        for _, row, _ in read_table(files["studentRegistration"], tables.StudentRegistration):
            self._add(oulad.registration_records(row) if row else [])
        for _, result, _ in read_table(files["studentAssessment"], tables.StudentAssessment):
            self._add(oulad.assessment_records(result, lookups) if result else [])
        self._lost = {
            (tables.course_of(row.code_module, row.code_presentation), to_bytes(row.id_student, "student"))
            for _, row, _ in read_table(files["studentInfo"], tables.StudentInfo)
            if row and row.final_result in ("Fail", "Withdrawn")
        }
        self._catalog = CourseCatalog(
            due={
                AssessmentKey(course.course_id, work.assessment_id): to_micros(work.due_at)
                for course in self.courses
                for work in course.assessments
                if work.due_at
            }
        )

    def _add(self, found: oulad.DayRecords) -> None:
        for fact in found if isinstance(found, list) else []:
            if fact.course_id in self._events:
                self._events[fact.course_id].append(to_event(oulad.event_of(fact, 0)))

    def judge(self, day: int) -> Iterator[Judged]:
        """Everybody who is registered at the end of a day, counted from the start of their course."""
        for course in self.courses:
            assert course.starts_on is not None
            end = datetime.combine(course.starts_on + timedelta(days=day), time.max, UTC)
            facts = gather_inputs(
                self._events[course.course_id], self._catalog, course.course_id, to_micros(end)
            )
            for student, each in facts.items():
                risk = judge_risk(each)
                yield Judged(risk.score, risk.bucket, (course.course_id, student) in self._lost)


def to_event(envelope: Envelope) -> Event:
    context = envelope.context
    payload = envelope.payload
    return Event(
        to_bytes(envelope.event_id, "event"),
        envelope.event_type,
        to_micros(envelope.timestamp),
        to_bytes(envelope.student_id, "student"),
        NIL,
        context.course_id,
        context.lesson_id,
        assessment_id=context.assessment_id,
        score=payload.get("score"),
    )


def area_under_curve(judged: Sequence[Judged]) -> float:
    """How often somebody who was lost has the higher score of two; ties count half."""
    tally: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for each in judged:
        tally[each.score][each.lost] += 1
    kept_below, won = 0, 0.0
    for score in sorted(tally):
        kept, lost = tally[score]
        won += lost * (kept_below + kept / 2)
        kept_below += kept
    return won / (kept_below * sum(lost for _, lost in tally.values()))


def precision_and_recall(judged: Iterable[Judged]) -> tuple[float, float]:
    """Of the bucket ``struggling``."""
    rows = list(judged)
    named = [each.lost for each in rows if each.bucket is Bucket.STRUGGLING]
    return sum(named) / len(named), sum(named) / sum(each.lost for each in rows)
