"""Problems, grades, enrolments, certificates and completed courses."""

from __future__ import annotations

import re
from typing import Any

from coursepulse.formats.openedx.line import Result, TrackingLine
from coursepulse.formats.openedx.places import block_of, type_of
from coursepulse.formats.outcome import Skip, Skipped, missing
from coursepulse.formats.values import first, fit_id, mapping, number, present, text

#: The names that inputs give their choices. Text typed by a learner is never kept.
_CHOICE = re.compile(r"choice_\w{1,40}")
_BIGGEST = 1_000_000


def map_problem(line: TrackingLine) -> Result:
    """One checked problem: an answer per question, and the submission with its grade."""
    if line.source == "browser":
        return Skipped(
            Skip.TWIN, "problem_check of the browser"
        )  # the server's line for the same click has the grade
    problem = text(line.fields.get("problem_id"))
    if not problem:
        return missing("$.event.problem_id")
    assessment = fit_id(block_of(problem))
    attempt = _attempt(line.fields.get("attempts"))
    answers = mapping(line.fields.get("answers"))
    events = [
        line.event(
            "quiz_answer",
            _answer(question, mapping(verdict), answers, attempt),
            part=question,
            assessment_id=assessment,
        )
        for question, verdict in sorted(mapping(line.fields.get("correct_map")).items())
    ]
    score = _points(line.fields.get("grade"), line.fields.get("max_grade"))
    passed = None if score else line.fields.get("success") == "correct"
    payload = score | present(passed=passed, attempt=attempt)
    return [*events, line.event("quiz_submit", payload, assessment_id=assessment)]


def _answer(question: str, verdict: Any, answers: Any, attempt: int) -> dict[str, Any]:
    given = answers.get(question)
    choices = given if isinstance(given, list) else [given]
    named = all(isinstance(choice, str) and _CHOICE.fullmatch(choice) for choice in choices)
    return present(
        question_id=fit_id(question),
        answer_id=",".join(choices)[:128] if named else None,
        is_correct=verdict.get("correctness") == "correct",
        attempt=attempt,
    )


def _attempt(value: Any) -> int:
    found = number(first(value))
    return int(found) if found is not None and 1 <= found <= 10_000 else 1


def _points(earned: Any, possible: Any) -> dict[str, Any]:
    got, most = number(earned), number(possible)
    if got is None or most is None or not 0 < most <= _BIGGEST:
        return {}
    return {"score": min(max(got, 0.0), _BIGGEST), "max_score": most}


def map_problem_grade(line: TrackingLine) -> Result:
    """A grade from a block that has no ``problem_check`` of its own, such as drag and drop."""
    problem = text(line.fields.get("problem_id"))
    if not problem:
        return missing("$.event.problem_id")
    if type_of(problem) in ("problem", ""):
        return Skipped(Skip.TWIN)
    score = _points(line.fields.get("weighted_earned"), line.fields.get("weighted_possible"))
    if not score:
        return Skipped(Skip.NO_ACTIVITY)
    return [line.event("quiz_submit", score, assessment_id=fit_id(block_of(problem)))]


def map_subsection_grade(line: TrackingLine) -> Result:
    """The grade of a subsection, recomputed after each answer: the last one counts."""
    block = text(line.fields.get("block_id"))
    if not block:
        return missing("$.event.block_id")
    score = _points(line.fields.get("weighted_total_earned"), line.fields.get("weighted_total_possible"))
    if not score:
        return Skipped(Skip.NO_ACTIVITY)
    return [
        line._replace(session="").event("assignment_graded", score, assessment_id=fit_id(block_of(block)))
    ]


def map_enrolment(line: TrackingLine) -> Result:
    """An enrolment begins or ends, through the learner or staff."""
    if not line.course_id:
        return missing("$.event.course_id")
    if line.name.endswith(".deactivated"):
        return [line.event("course_unenroll", {})]
    return [line.event("course_enroll", present(mode=text(line.fields.get("mode"))[:128]))]


def map_passed(line: TrackingLine) -> Result:
    """The course grade reached the pass mark."""
    return [line._replace(session="").event("course_complete", {"passed": True})]


def map_course_grade(line: TrackingLine) -> Result:
    """The current grade of a course, or that it is below the pass mark. Not a result: every answer changes it."""
    failed = line.name.endswith("now_failed")
    event_type = "x_openedx_course_failed" if failed else "x_openedx_course_grade"
    return [line.event(event_type, {})]


#: Lines that change the gradebook's result for everything a learner did at a problem.
REGRADES = frozenset(
    {
        "edx.grades.problem.rescored",
        "edx.grades.problem.score_overridden",
        "edx.grades.problem.state_deleted",
    }
)


def map_regrade(line: TrackingLine) -> Result:
    """A score that staff set, removed or recomputed: the gradebook's result from now on."""
    problem = text(line.fields.get("problem_id"))
    if not problem:
        return missing("$.event.problem_id")
    fields = line.fields
    earned = fields.get("new_weighted_earned", fields.get("weighted_earned"))
    score = _points(earned, fields.get("new_weighted_possible", fields.get("weighted_possible")))
    if not score and not line.name.endswith("state_deleted"):
        return Skipped(Skip.NO_ACTIVITY)
    graded = line._replace(session="")
    payload = score | {"regrade": True}
    return [graded.event("quiz_submit", payload, assessment_id=fit_id(block_of(problem)))]


def map_exam(line: TrackingLine) -> Result:
    """A timed or proctored exam, begun or handed in. It is a subsection, whose grade it has."""
    exam = text(line.fields.get("exam_content_id"))
    if not exam:
        return missing("$.event.exam_content_id")
    event_type = "quiz_start" if line.name.endswith(".created") else "quiz_submit"
    attempt = _attempt(line.fields.get("attempt_id"))
    return [line.event(event_type, {"attempt": attempt}, assessment_id=fit_id(block_of(exam)))]


def map_help(line: TrackingLine) -> Result:
    """A hint or the answer is shown: not an attempt or an answer."""
    shown = "x_openedx_hint" if ".hint." in line.name else "x_openedx_show_answer"
    return [line.event(shown, {})]


def map_certificate(line: TrackingLine) -> Result:
    """A certificate was created."""
    certificate = fit_id(text(line.fields.get("certificate_id")))
    return [line._replace(session="").event("certificate_issued", present(certificate_id=certificate))]
