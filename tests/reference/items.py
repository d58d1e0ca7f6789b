"""Item analysis: the reference for the metric ``course_items``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import StatisticsError, correlation, fmean, quantiles
from typing import NamedTuple, TypeAlias

from coursepulse.events.event import Event
from tests.reference.order import in_order

#: With fewer learners nothing is said.
FEWEST = 10

#: By learner: right or not, in attempt 1, by the first answer with a verdict.
Answers: TypeAlias = Mapping[bytes, bool]


class Item(NamedTuple):
    """What is said of one question, in per cent and points."""

    answered: int
    right_pct: float
    point_biserial: float | None
    discrimination: float | None


def items(events: Iterable[Event], course: str) -> dict[tuple[str, str], Item]:
    """Each question of a course, by assessment and question."""
    by_assessment: dict[str, dict[str, dict[bytes, bool]]] = defaultdict(lambda: defaultdict(dict))
    for event in in_order(events):
        counts = event.event_type == "quiz_answer" and event.attempt == 1 and event.correct is not None
        if counts and event.course_id == course and event.assessment_id and event.question_id:
            answers = by_assessment[event.assessment_id][event.question_id]
            answers.setdefault(event.student_id, bool(event.correct))
    return {
        (assessment, question): _item(question, questions)
        for assessment, questions in by_assessment.items()
        for question in questions
    }


def _item(question: str, questions: Mapping[str, Answers]) -> Item:
    own = questions[question]
    everybody = {student for answers in questions.values() for student in answers}
    all_of = {
        student: [each[student] for each in questions.values() if student in each] for student in everybody
    }
    totals = {student: fmean(told) for student, told in all_of.items() if len(told) > 1}
    compared = [student for student in own if student in totals]
    rest = {
        student: (sum(all_of[student]) - own[student]) / (len(all_of[student]) - 1) for student in compared
    }
    enough = len(compared) >= FEWEST
    return Item(
        len(own),
        100 * fmean(own.values()),
        _correlate([(own[each], rest[each]) for each in compared]) if enough else None,
        _differ(own, totals) if enough else None,
    )


def _correlate(pairs: list[tuple[bool, float]]) -> float | None:
    try:
        return 100 * correlation(*zip(*((float(right), rest) for right, rest in pairs), strict=True))
    except StatisticsError:
        return None  # all did alike


def _differ(own: Answers, totals: Mapping[bytes, float]) -> float | None:
    marks = quantiles(totals.values(), n=100, method="inclusive")
    low, high = marks[26], marks[72]
    if high <= low:
        return None
    upper = [own[each] for each in own if each in totals and totals[each] >= high]
    lower = [own[each] for each in own if each in totals and totals[each] <= low]
    return 100 * (fmean(upper) - fmean(lower)) if upper and lower else None
