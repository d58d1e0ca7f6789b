"""The table of the Open edX format: event names and their mapping functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coursepulse.events.reasons import RejectionReason
from coursepulse.formats.openedx import graded, video, visits
from coursepulse.formats.openedx.line import Result, TrackingLine, name_of, read_line
from coursepulse.formats.outcome import Refused, Skip, Skipped, invalid, missing

#: The function for each event name. Lines of other events are skipped: there are hundreds of kinds, mostly noise.
MAPPERS: dict[str, Callable[[TrackingLine], Result]] = {
    **dict.fromkeys(video.EVENTS, video.map_video),
    "problem_check": graded.map_problem,
    "edx.grades.problem.submitted": graded.map_problem_grade,
    "edx.grades.subsection.grade_calculated": graded.map_subsection_grade,
    **dict.fromkeys(graded.REGRADES, graded.map_regrade),
    "edx.course.grade.passed.first_time": graded.map_passed,
    "edx.course.grade.now_passed": graded.map_passed,
    "edx.course.grade.now_failed": graded.map_course_grade,
    "edx.grades.course.grade_calculated": graded.map_course_grade,
    "problem_show": graded.map_help,
    "showanswer": graded.map_help,
    "edx.problem.hint.demandhint_displayed": graded.map_help,
    "edx.problem.hint.feedback_displayed": graded.map_help,
    "edx.certificate.created": graded.map_certificate,
    "edx.course.enrollment.activated": graded.map_enrolment,
    "edx.course.enrollment.deactivated": graded.map_enrolment,
    "edx.course.enrollment.mode_changed": graded.map_enrolment,
    "edx.completion.block_completion.changed": visits.map_completion,
    "edx.forum.thread.created": visits.map_forum,
    "edx.forum.thread.viewed": visits.map_forum,
    "edx.forum.response.created": visits.map_forum,
    "edx.forum.comment.created": visits.map_forum,
    "seq_next": visits.map_sequence,
    "seq_prev": visits.map_sequence,
    "seq_goto": visits.map_sequence,
    "edx.ui.lms.sequence.next_selected": visits.map_sequence,
    "edx.ui.lms.sequence.previous_selected": visits.map_sequence,
    "edx.ui.lms.sequence.tab_selected": visits.map_sequence,
    "edx.ui.lms.outline.selected": visits.map_outline,
    "edx.ui.lms.sequence.outline.selected": visits.map_outline,
    "edx.ui.lms.link_clicked": visits.map_outline,
    "page_close": visits.map_close,
    "book": visits.map_textbook,
    **{
        f"edx.special_exam.{kind}.attempt.{step}": graded.map_exam
        for kind in ("timed", "practice", "proctored")
        for step in ("created", "submitted")
    },
    **{
        f"edx.completion_aggregator.{verb}.sequential": visits.map_completion
        for verb in ("completion", "progress")
    },
}

#: Lines that duplicate a better one: staff's view of a regrade, and the creation of an exam just before its start.
_TWINS = frozenset(
    {
        "problem_rescore",
        "edx.special_exam.timed.attempt.started",
        "edx.special_exam.practice.attempt.started",
        "edx.special_exam.proctored.attempt.started",
    }
)

#: Events whose ``event`` field may be anything: a form, a page's parameters, nothing.
_UNREAD = frozenset({"problem_check", "page_close", "problem_show", "showanswer"})


def from_line(record: Any) -> Result:
    """The events of one decoded line of a tracking log: none, one, or for a checked problem several."""
    if not isinstance(record, dict):
        return invalid("$", "A line of a tracking log is a JSON object.")
    name = name_of(record)
    if not name:
        return missing("$.event_type")
    mapper = _mapper_of(name)
    if mapper is None:
        return Skipped(Skip.TWIN if name in _TWINS else Skip.NOT_MAPPED)
    line = read_line(record)
    if not isinstance(line, TrackingLine):
        return line
    if isinstance(line.data, str) and line.data and mapper is not visits.map_page and name not in _UNREAD:
        # The platform truncates long events, which leaves broken JSON.
        return Refused(
            RejectionReason.MALFORMED, "$.event", "The event is text that is not JSON; was it cut off?"
        )
    return mapper(line)


def _mapper_of(name: str) -> Callable[[TrackingLine], Result] | None:
    if name.startswith("/"):
        return visits.map_page
    return visits.map_textbook if name.startswith(visits.TEXTBOOK) else MAPPERS.get(name)
