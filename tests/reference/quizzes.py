"""Quizzes: tries, passes, scores, and questions that were right the first time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from coursepulse.definitions.stats import mean
from coursepulse.events.event import Event
from tests.reference.attempts import Attempt, Result, keep_first, keep_last
from tests.reference.catalog import PASS_MARK, AssessmentKey, CourseCatalog
from tests.reference.course_day import CourseDay
from tests.reference.order import in_order


class Quizzes(NamedTuple):
    """One student's quizzes in one course, to date.

    :param attempts: each at its first event
    :param results: one per attempt that was handed in since the last regrade, and that
    :param passed: assessments with a passing result
    """

    attempts: tuple[Attempt, ...]
    results: tuple[Result, ...]
    passed: frozenset[str]

    @property
    def average(self) -> float | None:
        """Mean over the assessments of the best score, per cent; None without a score."""
        return mean(best_scores(self.results).values())


class QuestionKey(NamedTuple):
    """A question within its assessment."""

    assessment: AssessmentKey
    question_id: str


class FirstTry(NamedTuple):
    """Learners who answered a question in attempt 1, and how many were right at once."""

    answered: int
    correct: int

    @property
    def share(self) -> float:
        """0..1: those who were right are among those who answered."""
        return self.correct / self.answered


def collect_quizzes(days: Iterable[CourseDay], catalog: CourseCatalog) -> dict[tuple[bytes, str], Quizzes]:
    """The quizzes of each (student, course) with an attempt or a result."""
    groups: dict[tuple[bytes, str], list[CourseDay]] = defaultdict(list)
    for day in days:
        if day.quiz_attempts or day.quiz_results:
            groups[day.student_id, day.course_id].append(day)
    return {key: _gather(key[1], group, catalog) for key, group in groups.items()}


def _gather(course_id: str, days: list[CourseDay], catalog: CourseCatalog) -> Quizzes:
    results = keep_last(result for day in days for result in day.quiz_results)
    return Quizzes(
        keep_first(attempt for day in days for attempt in day.quiz_attempts),
        results,
        frozenset(each.assessment_id for each in results if is_passing(each, course_id, catalog)),
    )


def is_passing(result: Result, course_id: str, catalog: CourseCatalog) -> bool:
    """The platform's word, else the pass mark. False means not passed yet; nobody is called failed."""
    if result.passed is not None:
        return result.passed
    mark = catalog.pass_marks.get(AssessmentKey(course_id, result.assessment_id), PASS_MARK)
    return result.score is not None and result.score >= mark


def best_scores(results: Iterable[Result]) -> dict[str, float]:
    """The best score of each assessment that has one, per cent."""
    best: dict[str, float] = {}
    for result in results:
        if result.score is not None:
            best[result.assessment_id] = max(best.get(result.assessment_id, 0.0), result.score)
    return best


def first_tries(events: Iterable[Event]) -> dict[QuestionKey, FirstTry]:
    """Each question that somebody answered in attempt 1. Repeats of the answer do not count."""
    decided: dict[tuple[QuestionKey, bytes], bool] = {}
    for event in in_order(events):
        if event.event_type == "quiz_answer" and event.attempt == 1 and event.correct is not None:
            assessment = AssessmentKey(event.course_id, event.assessment_id)
            if event.assessment_id and event.question_id:
                key = QuestionKey(assessment, event.question_id)
                decided.setdefault((key, event.student_id), event.correct)
    answers: dict[QuestionKey, list[bool]] = defaultdict(list)
    for (question, _), correct in decided.items():
        answers[question].append(correct)
    return {question: FirstTry(len(each), sum(each)) for question, each in answers.items()}
