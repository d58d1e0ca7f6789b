"""Gathers from events what the risk rule looks at. Only what was known at ``now`` counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from coursepulse.definitions.risk import HEARD, RiskInputs, has_met
from coursepulse.events.event import Event
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.clock import Micros, utc_date
from tests.reference.assignments import collect_assignments
from tests.reference.catalog import CourseCatalog
from tests.reference.course_day import CourseDay, unite_parts
from tests.reference.enrolment import ENROLMENTS, NO_ROSTER, Roster, follow_roster
from tests.reference.lessons import collect_progress, completion_percent
from tests.reference.order import in_order
from tests.reference.parts import parts
from tests.reference.quizzes import best_scores, collect_quizzes
from tests.reference.stats import quantile
from tests.reference.video import Watch, collect_watches, mean_watched

#: The rhythm of somebody whose rhythm is not known yet, and the slowest that anybody is granted, in days.
SLOWEST = 7.0


class _Learner(NamedTuple):
    """One learner in the course; ``progress`` in per cent, None while the course has no known lesson."""

    enrolled_at: Micros
    days: list[CourseDay]
    watches: list[Watch]
    progress: float | None
    handed_in: frozenset[str]
    declared: bool


class _Class(NamedTuple):
    """What a learner is judged against. ``due``: of the due dates those that count.

    :param today: the UTC day, as of which all is judged
    """

    reached: list[float]
    heard: bool
    graded: bool
    due: list[tuple[str, Micros]]
    today: date
    over: bool


def gather_inputs(
    events: Iterable[Event],
    catalog: CourseCatalog,
    course_id: str,
    now: Micros,
    left_out: Collection[bytes] = (),
    roster: Roster = NO_ROSTER,
) -> dict[bytes, RiskInputs]:
    """The inputs of every learner who is enrolled in a course at ``now``.

    :param left_out: staff and test users, who are not judged and not compared with
    """
    told = in_order(follow_roster(events, roster))
    known = [event for event in told if event.course_id == course_id and event.at <= now]
    decided = {student for student, course in roster if course == course_id}
    learners = _learners(known, catalog, course_id, left_out, decided)
    everybody = _class(learners.values(), catalog, course_id, now)
    return {student: _facts(learner, everybody, catalog) for student, learner in learners.items()}


def _class(learners: Collection[_Learner], catalog: CourseCatalog, course_id: str, now: Micros) -> _Class:
    today = utc_date(now)
    heard = sum(any(map(_is_heard, each.days)) for each in learners)
    return _Class(
        reached=[each.progress for each in learners if each.progress is not None],
        heard=heard >= HEARD * len(learners),
        graded=any(key.course_id == course_id for key in catalog.due.keys() | catalog.pass_marks.keys()),
        due=[
            (key.assessment_id, at)
            for key, at in catalog.due.items()
            if key.course_id == course_id and at <= now and _counts(key.assessment_id, at, learners)
        ],
        today=today,
        over=course_id in catalog.ends and catalog.ends[course_id] < today,
    )


def _is_heard(day: CourseDay) -> bool:
    """Something else than handing in: a visit in which something was learned, or a lesson."""
    return bool((day.visits and day.learning_events) or day.lessons_started or day.lessons_completed)


def _counts(assessment_id: str, due: Micros, learners: Iterable[_Learner]) -> bool:
    met = [assessment_id in each.handed_in for each in learners if each.enrolled_at < due]
    return has_met(len(met), sum(met))


def _learners(
    events: Sequence[Event],
    catalog: CourseCatalog,
    course_id: str,
    left_out: Collection[bytes],
    decided: Collection[bytes],
) -> dict[bytes, _Learner]:
    rows = list(parts(events).values())
    all_days = list(unite_parts(rows).values())
    lessons = catalog.lessons.get(course_id, ())
    days: dict[bytes, list[CourseDay]] = defaultdict(list)
    for day in all_days:
        days[day.student_id].append(day)
    declared = {event.student_id for event in events if event.event_type == "course_complete"}
    watches: dict[bytes, list[Watch]] = defaultdict(list)
    for key, watch in collect_watches(rows, catalog).items():
        watches[key.student_id].append(watch)
    return {
        student: _Learner(
            enrolled_at,
            days[student],
            watches[student],
            completion_percent(collect_progress(days[student])[student, course_id], lessons),
            _handed_in(days[student]),
            student in declared,
        )
        for student, enrolled_at in find_enrolled(events, decided).items()
        if student not in left_out
    }


def find_enrolled(events: Sequence[Event], decided: Collection[bytes] = ()) -> dict[bytes, Micros]:
    """Who is in the course and since when: the first enrolment, or learning where none was ever sent.

    :param events: of one course, in order, the enrolments of the roster among them
    :param decided: students on the roster: learning enrols none of them
    """
    enrolled: dict[bytes, Micros] = {}
    learned: dict[bytes, Micros] = {}
    latest: dict[bytes, str] = {}
    for event in events:
        if event.event_type == "course_enroll":
            enrolled.setdefault(event.student_id, event.at)
        if event.event_type in ENROLMENTS:
            latest[event.student_id] = event.event_type
        if TYPES[event.event_type].learning and event.student_id not in decided:
            learned.setdefault(event.student_id, event.at)
    return {s: at for s, at in (learned | enrolled).items() if latest.get(s) != "course_unenroll"}


def _facts(learner: _Learner, everybody: _Class, catalog: CourseCatalog) -> RiskInputs:
    active = sorted(day.day for day in learner.days if day.learning_events)
    due = {name for name, at in everybody.due if learner.enrolled_at < at}
    return RiskInputs(
        days_enrolled=(everybody.today - utc_date(learner.enrolled_at)).days,
        days_silent=(everybody.today - active[-1]).days if active else None,
        rhythm=usual_gap(active),
        heard=everybody.heard,
        graded=everybody.graded,
        due_passed=len(due),
        missed=len(due - learner.handed_in),
        scores=_scores(learner.days, catalog),
        progress=learner.progress,
        progress_p15=quantile(everybody.reached, 0.15) if everybody.reached else None,
        progress_p50=quantile(everybody.reached, 0.5) if everybody.reached else None,
        coverage=mean_watched(learner.watches),
        completed=learner.declared or learner.progress == 100,
        over=everybody.over,
    )


def usual_gap(active: Sequence[date]) -> float:
    """The median distance in days between active days in order, within 1..7."""
    gaps = [(later - earlier).days for earlier, later in pairwise(active)]
    return min(SLOWEST, max(1.0, float(median(gaps)))) if gaps else SLOWEST


def _handed_in(days: Sequence[CourseDay]) -> frozenset[str]:
    """A result counts: nobody is graded, by the platform or by hand, for what was not handed in."""
    results = {each.assessment_id for day in days for each in (*day.quiz_results, *day.grades)}
    return frozenset(results | {each.assessment_id for day in days for each in day.submissions})


def _scores(days: Sequence[CourseDay], catalog: CourseCatalog) -> tuple[float, ...]:
    """The best score of each assessment, in the order in which it was first reached; of one moment the lower first."""
    results = [result for each in collect_quizzes(days, catalog).values() for result in each.results]
    results += [grade for each in collect_assignments(days).values() for grade in each.grades]
    best = best_scores(results)
    reached: dict[str, float] = {}
    for result in sorted(results, key=lambda each: (each.at, -1.0 if each.score is None else each.score)):
        if result.score is not None and result.score == best[result.assessment_id]:
            reached.setdefault(result.assessment_id, result.score)
    return tuple(reached.values())
