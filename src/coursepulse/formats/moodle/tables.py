"""Rows of tables other than the log: enrolments, attempts, completions and grades."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from coursepulse.events.event import Context, Envelope
from coursepulse.formats.moodle import shared
from coursepulse.formats.moodle.entry import Result, session_of
from coursepulse.formats.moodle.fields import Row, course_of, is_yes, later, person_of, when
from coursepulse.formats.moodle.log import COMPLETE
from coursepulse.formats.moodle.note import item_of
from coursepulse.formats.moodle.site import ASSIGN, QUIZ, Site, end_of
from coursepulse.formats.outcome import Refused, Skip, Skipped, invalid
from coursepulse.formats.values import derive_id, number, present

_MOST = 1_000_000.0


def from_table(table: str, row: Row, site: Site) -> Result:
    """The events of one row of a table about learners' activity.

    :param table: without its prefix
    """
    if not person_of(row.get("userid", "")):
        return Skipped(Skip.ANONYMOUS, table)
    match table:
        case "user_enrolments":
            found = _from_enrolment(row, site)
        case "quiz_attempts":
            found = _from_attempt(row, site)
        case "assign_submission":
            found = _from_submission(row, site)
        case "course_modules_completion":
            found = _from_completion(row, site)
        case "course_completions":
            found = _from_course_completion(row)
        case _:
            found = _from_grade(row, site)
    return found._replace(kind=table) if isinstance(found, Skipped) else found


def _from_enrolment(row: Row, site: Site) -> Result:
    """An enrolment, and its end: it was suspended, or expired before the newest row of these files was written."""
    way = site.enrols.get(row.get("enrolid", ""))
    course_id = course_of(way.get("courseid", "")) if way else ""
    if way is None or not course_id:
        return invalid("$.enrolid", f"`{row.get('enrolid', '')[:32]}` is not in the table enrol.")
    at = when(row, "timecreated", "timestart", "timemodified")
    if isinstance(at, Refused):
        return at
    student, context = row["userid"], Context(course_id=course_id)
    key = row.get("id") or derive_id("moodle", row.get("enrolid"), student)
    mode = present(mode=way.get("enrol", "")[:128])
    began = _event("course_enroll", at, student, context, shared.enrolment_key(key), payload=mode)
    ended = end_of(row, site.latest)
    if ended is None or site.holds(student, course_id):
        return [began]
    return [
        began,
        _event("course_unenroll", max(at, ended), student, context, shared.leaving_key(key)),
    ]


def _from_attempt(row: Row, site: Site) -> Result:
    """An attempt: begun, and handed in with its score. An abandoned or open attempt is only begun."""
    if is_yes(row.get("preview", "")):
        return Skipped(Skip.NO_ACTIVITY)
    quiz = site.quizzes.get(row.get("quiz", ""))
    if quiz is None:
        return invalid("$.quiz", f"`{row.get('quiz', '')[:32]}` is not in the table quiz.")
    began = when(row, "timestart", "timemodified")
    if isinstance(began, Refused):
        return began
    student, identifier = row["userid"], row.get("id", "")
    thing = site.activity(QUIZ, row["quiz"])
    context = Context(course_id=course_of(quiz.get("course", "")), assessment_id=thing)
    session = session_of(student)
    said = present(attempt=site.number_of(student, thing, identifier))
    key = shared.attempt_key(identifier)
    events = [_event("quiz_start", began, student, context, key, session=session, payload=said)]
    ended = later(row.get("timefinish", ""))
    if ended and row.get("state", "finished") in ("finished", "submitted"):
        payload = said | _score(row, quiz)
        key = derive_id("moodle", "handed in", identifier, ended, payload.get("score"))
        events.append(_event("quiz_submit", ended, student, context, key, session=session, payload=payload))
    return events


def _from_submission(row: Row, site: Site) -> Result:
    """Work handed in. Drafts and group submissions are skipped: a group names no single learner."""
    if row.get("status", "") != "submitted":
        return Skipped(Skip.NO_ACTIVITY)
    assign = site.assigns.get(row.get("assignment", ""))
    if assign is None:
        return invalid("$.assignment", f"`{row.get('assignment', '')[:32]}` is not in the table assign.")
    at = when(row, "timemodified", "timecreated")
    if isinstance(at, Refused):
        return at
    student = row["userid"]
    said = present(attempt=site.submissions.get(row.get("id", "")))
    context = Context(
        course_id=course_of(assign.get("course", "")), assessment_id=site.activity(ASSIGN, row["assignment"])
    )
    key = shared.submission_key(row.get("id", ""), at)
    return [_event("assignment_submit", at, student, context, key, session=session_of(student), payload=said)]


def _score(row: Row, quiz: Row) -> dict[str, float]:
    got, most = number(row.get("sumgrades")), number(quiz.get("sumgrades"))
    if got is None or most is None or not 0 < most <= _MOST:
        return {}
    return {"score": min(max(got, 0.0), _MOST), "max_score": most}


def _from_completion(row: Row, site: Site) -> Result:
    cm = row.get("coursemoduleid", "")
    module = site.modules.get(cm)
    if row.get("completionstate", "") not in COMPLETE or not site.is_lesson(site.kind_of(cm)):
        return Skipped(Skip.NO_ACTIVITY)
    if module is None:
        return invalid("$.coursemoduleid", f"`{cm[:32]}` is not in the table course_modules.")
    at = when(row, "timemodified")
    if isinstance(at, Refused):
        return at
    context = Context(course_id=module.course_id, lesson_id=cm)
    student = row["userid"]
    return [_event("lesson_complete", at, student, context, shared.completion_key(cm, student))]


def _from_course_completion(row: Row) -> Result:
    if not is_yes(row.get("timecompleted", "")):
        return Skipped(Skip.NO_ACTIVITY)
    at = when(row, "timecompleted")
    if isinstance(at, Refused):
        return at
    student, course_id = row["userid"], course_of(row.get("course", ""))
    key = shared.course_completion_key(course_id, student)
    return [_event("course_complete", at, student, Context(course_id=course_id), key)]


def _from_grade(row: Row, site: Site) -> Result:
    """A final grade as in the gradebook, including hidden and overridden ones."""
    item = item_of(row) if "grademax" in row else site.items.get(row.get("itemid", ""))
    if item is None:
        return invalid("$.itemid", f"`{row.get('itemid', '')[:32]}` is not in the table grade_items.")
    final = number(row.get("finalgrade"))
    if final is None or item.type not in ("mod", "manual"):
        return Skipped(Skip.NO_ACTIVITY)
    overridden = is_yes(row.get("overridden", ""))
    at = when(row, "timemodified", "overridden", "timecreated")
    if isinstance(at, Refused):
        return at
    if overridden:
        at = max(at, later(row["overridden"]) or at)
    return shared.grade(item, row["userid"], final, at, site, overridden=overridden) or Skipped(
        Skip.TWIN if item.kind == QUIZ else Skip.NO_ACTIVITY
    )


def _event(
    event_type: str,
    at: datetime,
    student: str,
    context: Context,
    key: str,
    *,
    session: str = "",
    payload: Mapping[str, float] | None = None,
) -> Envelope:
    return Envelope(
        event_id=key,
        event_type=event_type,
        timestamp=at,
        student_id=student,
        session_id=session,
        context=context,
        payload=dict(payload or {}),
    )
