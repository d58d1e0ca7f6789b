"""Rows of ``logstore_standard_log`` as events, with the table of Moodle's event names."""

from __future__ import annotations

from collections.abc import Callable

from coursepulse.formats.moodle import shared
from coursepulse.formats.moodle.entry import LogEntry, Result, read_entry
from coursepulse.formats.moodle.fields import Row, is_yes
from coursepulse.formats.moodle.site import ASSIGN, FORUM, QUIZ, Site
from coursepulse.formats.outcome import Skip, Skipped
from coursepulse.formats.values import number, present, text

#: ``completionstate``: complete, and complete with a pass. 3 is complete with a fail, which counts as incomplete.
COMPLETE = frozenset({"1", "2"})


def from_log(row: Row, site: Site) -> Result:
    """The events of one row of the log."""
    entry = read_entry(row)
    if not isinstance(entry, LogEntry):
        return entry
    mapper = MAPPERS.get(entry.name) or (_map_view if _is_view(entry) else None)
    found = mapper(entry, site) if mapper else Skipped(Skip.NOT_MAPPED)
    return found._replace(kind=entry.name) if isinstance(found, Skipped) else found


def _is_view(entry: LogEntry) -> bool:
    """Whether a learner views an activity, of any plugin."""
    action = entry.name.rpartition("\\")[2]
    return bool(entry.kind) and action in _VIEWS


_VIEWS = frozenset(
    {"course_module_viewed", "chapter_viewed", "content_page_viewed", "sco_launched", "page_viewed"}
)


def _map_view(entry: LogEntry, site: Site) -> Result:
    if entry.kind == FORUM:
        return entry.event("forum_view")
    if entry.kind in (QUIZ, ASSIGN):
        return entry.event("lesson_start", assessment_id=entry.cm)
    if not site.is_lesson(entry.kind):
        return entry.event("lesson_start")
    return entry.event("lesson_start", lesson_id=entry.cm)


def _map_visit(entry: LogEntry, _site: Site) -> Result:
    return entry.event("lesson_start")


def _map_log_in(entry: LogEntry, _site: Site) -> Result:
    return entry.event("session_start")


def _map_log_out(entry: LogEntry, _site: Site) -> Result:
    return entry.event("session_end")


def _map_enrolled(entry: LogEntry, _site: Site) -> Result:
    if not entry.course_id:
        return Skipped(Skip.NO_ACTIVITY)
    aside = entry._replace(session="")
    mode = text(entry.other.get("enrol"))[:128]
    # A report does not contain the row.
    key = shared.enrolment_key(entry.thing) if entry.thing else ""
    return aside.event("course_enroll", present(mode=mode), key=key)


def _map_left(entry: LogEntry, _site: Site) -> Result:
    """The end of one enrolment, unless the learner has another one in the course."""
    held = entry.other.get("userenrolment")
    last = held.get("lastenrol", True) if isinstance(held, dict) else True
    if not entry.course_id or not last:
        return Skipped(Skip.NO_ACTIVITY)
    key = shared.leaving_key(entry.thing) if entry.thing else ""
    return entry._replace(session="").event("course_unenroll", key=key)


def _map_completion(entry: LogEntry, site: Site) -> Result:
    if text(entry.other.get("completionstate")) not in COMPLETE or not site.is_lesson(site.kind_of(entry.cm)):
        return Skipped(Skip.NO_ACTIVITY)
    key = shared.completion_key(entry.cm, entry.learner)
    return entry.event("lesson_complete", key=key, lesson_id=entry.cm)


def _map_course_completed(entry: LogEntry, _site: Site) -> Result:
    key = shared.course_completion_key(entry.course_id, entry.learner)
    return entry._replace(session="").event("course_complete", key=key)


def _map_graded(entry: LogEntry, site: Site) -> Result:
    """A grade of the gradebook. Its assessment and maximum are known only from the table of grade items."""
    item = site.items.get(text(entry.other.get("itemid")))
    if item is None or item.type not in ("mod", "manual"):
        return Skipped(Skip.NOT_MAPPED if item is None else Skip.NO_ACTIVITY)
    overridden = is_yes(str(int(bool(entry.other.get("overridden")))))
    final = number(entry.other.get("finalgrade"))
    found = shared.grade(item, entry.learner, final, entry.at, site, overridden=overridden)
    return found or Skipped(Skip.NO_ACTIVITY if final is None else Skip.TWIN)


def _map_attempt(entry: LogEntry, site: Site) -> Result:
    """Begins or resumes an attempt, which is the same attempt."""
    if entry.actor != entry.learner:
        return Skipped(Skip.NO_ACTIVITY)
    begins = entry.name.endswith("attempt_started")
    attempt = site.number_of(entry.learner, entry.cm, entry.thing)
    key = shared.attempt_key(entry.thing) if begins else ""
    return entry.event("quiz_start", present(attempt=attempt), key=key, assessment_id=entry.cm)


def _map_submitted(entry: LogEntry, site: Site) -> Result:
    attempt = site.number_of(entry.learner, entry.cm, entry.thing)
    return entry.event("quiz_submit", present(attempt=attempt), assessment_id=entry.cm)


def _map_reviewed(entry: LogEntry, _site: Site) -> Result:
    """Views the result of an attempt. Viewing another person's attempt is a teacher's action, which is skipped."""
    if entry.actor != entry.learner:
        return Skipped(Skip.NO_ACTIVITY)
    return entry.event("lesson_start", assessment_id=entry.cm)


def _map_assignment(entry: LogEntry, _site: Site) -> Result:
    return entry.event("assignment_start", assessment_id=entry.cm)


def _map_assignment_submitted(entry: LogEntry, site: Site) -> Result:
    # A report does not contain the row.
    key = shared.submission_key(entry.thing, entry.at) if entry.thing else ""
    said = present(attempt=site.submissions.get(entry.thing))
    return entry.event("assignment_submit", said, key=key, assessment_id=entry.cm)


def _map_submission_graded(entry: LogEntry, _site: Site) -> Result:
    return entry._replace(session="").event("assignment_graded", assessment_id=entry.cm)


def _map_thread(entry: LogEntry, _site: Site) -> Result:
    made = entry.name.endswith("discussion_created")
    return entry.event("forum_post" if made else "forum_view", present(thread_id=entry.thing))


def _map_reply(entry: LogEntry, _site: Site) -> Result:
    return entry.event("forum_reply", present(thread_id=text(entry.other.get("discussionid"))))


def _map_live(entry: LogEntry, _site: Site) -> Result:
    left = entry.name.endswith("meeting_left")
    event_type = "live_session_leave" if left else "live_session_join"
    return entry.event(event_type, present(live_session_id=entry.cm))


def _map_certificate(entry: LogEntry, _site: Site) -> Result:
    aside = entry._replace(session="")
    return aside.event("certificate_issued", present(certificate_id=entry.thing))


def _twin(_entry: LogEntry, _site: Site) -> Result:
    return Skipped(Skip.TWIN)


Mapper = Callable[[LogEntry, Site], Result]

#: The function for each event name, besides views of activities. Other events are skipped: there are hundreds of kinds.
MAPPERS: dict[str, Mapper] = {
    r"\core\event\user_loggedin": _map_log_in,
    r"\core\event\user_loggedout": _map_log_out,
    r"\core\event\course_viewed": _map_visit,
    r"\core\event\user_enrolment_created": _map_enrolled,
    r"\core\event\user_enrolment_deleted": _map_left,
    r"\core\event\course_module_completion_updated": _map_completion,
    r"\core\event\course_completed": _map_course_completed,
    r"\core\event\user_graded": _map_graded,
    r"\mod_quiz\event\attempt_started": _map_attempt,
    r"\mod_quiz\event\attempt_viewed": _map_attempt,
    r"\mod_quiz\event\attempt_summary_viewed": _map_attempt,
    r"\mod_quiz\event\attempt_submitted": _map_submitted,
    r"\mod_quiz\event\attempt_reviewed": _map_reviewed,
    r"\mod_assign\event\submission_form_viewed": _map_assignment,
    r"\mod_assign\event\assessable_submitted": _map_assignment_submitted,
    r"\mod_assign\event\submission_graded": _map_submission_graded,
    r"\mod_forum\event\discussion_created": _map_thread,
    r"\mod_forum\event\discussion_viewed": _map_thread,
    r"\mod_forum\event\post_created": _map_reply,
    r"\mod_bigbluebuttonbn\event\meeting_joined": _map_live,
    r"\mod_bigbluebuttonbn\event\bigbluebuttonbn_meeting_joined": _map_live,
    r"\mod_bigbluebuttonbn\event\meeting_left": _map_live,
    r"\mod_bigbluebuttonbn\event\bigbluebuttonbn_meeting_left": _map_live,
    r"\mod_zoom\event\join_meeting_button_clicked": _map_live,
    r"\mod_customcert\event\issue_created": _map_certificate,
    r"\tool_certificate\event\certificate_issued": _map_certificate,
    # Each of these duplicates another row of the same click.
    r"\mod_assign\event\submission_status_viewed": _twin,
    r"\mod_forum\event\assessable_uploaded": _twin,
    r"\mod_quiz\event\attempt_graded": _twin,
}
