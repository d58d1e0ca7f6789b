"""The decision on access. What no rule allows is denied."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from coursepulse.access.viewer import Role, Viewer

#: Scopes of keys: to read metrics, to manage the platform's people, to file their requests, and to search the trail.
READ, ROSTER, PRIVACY, AUDIT = "read", "roster", "privacy", "audit"


class Action(StrEnum):
    """What a viewer wants to do with the subject."""

    READ = "read"
    #: Download what one may read, as a file.
    EXPORT = "export"
    #: Collect everything held about a person in one archive.
    ARCHIVE = "archive"
    ERASE = "erase"
    #: Change a student's consents.
    CONSENT = "consent"
    #: See who has seen a record.
    SEARCH_TRAIL = "search_trail"
    #: Accounts, keys, settings; of a course the thresholds of its alerts.
    CHANGE = "change"
    #: Open a record with a typed reason.
    BREAK_GLASS = "break_glass"


class StudentSubject(NamedTuple):
    """A student's record, whole or narrowed to one course.

    :param course_id: the course it is narrowed to; empty for the whole record
    :param enrolled: courses in which the student is enrolled now; only needed for instructors
    :param team_ids: the student's teams in the manager's organisation; only needed for managers
    :param shares: whether the student agreed that an employer may see their name; only needed for managers
    """

    student_id: bytes
    course_id: str = ""
    enrolled: frozenset[str] = frozenset()
    team_ids: frozenset[str] = frozenset()
    shares: bool = False


class CourseSubject(NamedTuple):
    """Totals of a course."""

    course_id: str


class TeamSubject(NamedTuple):
    """Totals of a team. Its members are counted; each is named only as a :class:`StudentSubject`."""

    team_id: str
    organisation_id: str


class CourseBoardSubject(NamedTuple):
    """The leaderboard of a course: students who joined, under the names they chose.

    :param attends: whether the student who asks is in the course now; only needed for students
    """

    course_id: str
    attends: bool = False


class TeamBoardSubject(NamedTuple):
    """The leaderboard of a team: members who joined and agreed to be seen by an employer."""

    team_id: str
    organisation_id: str


class PlatformSubject(NamedTuple):
    """Totals over all courses."""


class TrailSubject(NamedTuple):
    """The audit trail: who saw and changed what."""


class AccountsSubject(NamedTuple):
    """Accounts, keys and settings."""


Subject = (
    StudentSubject
    | CourseSubject
    | TeamSubject
    | CourseBoardSubject
    | TeamBoardSubject
    | PlatformSubject
    | TrailSubject
    | AccountsSubject
)


class DenialReason(StrEnum):
    """Why a viewer was denied. Written to the audit trail, never shown to the viewer."""

    NOT_YOURS = "not_yours"
    NOT_TAUGHT = "not_taught"
    NOT_ENROLLED = "not_enrolled"
    NOT_MANAGED = "not_managed"
    OTHER_ORGANISATION = "other_organisation"
    NOT_SHARED = "not_shared"
    NOT_OPENED = "not_opened"
    NO_SCOPE = "no_scope"
    NO_RULE = "no_rule"


class Allowed(NamedTuple):
    """The viewer may do it."""


class Denied(NamedTuple):
    """The viewer may not do it."""

    reason: DenialReason


Decision = Allowed | Denied


def decide(viewer: Viewer, action: Action, subject: Subject) -> Decision:
    """Whether ``viewer`` may do ``action`` to ``subject``, and if not, why."""
    rule = _RULES.get((viewer.role, action, type(subject)))
    reason = rule(viewer, subject) if rule else DenialReason.NO_RULE
    return Denied(reason) if reason else Allowed()


def _always(viewer: Viewer, subject: Subject) -> DenialReason | None:  # noqa: ARG001 - all rules have one signature
    return None


def _own_record(viewer: Viewer, subject: StudentSubject) -> DenialReason | None:
    own = viewer.student_id is not None and viewer.student_id == subject.student_id
    return None if own else DenialReason.NOT_YOURS


def _own_course(viewer: Viewer, subject: CourseSubject | CourseBoardSubject) -> DenialReason | None:
    return None if subject.course_id and subject.course_id in viewer.course_ids else DenialReason.NOT_TAUGHT


def _attended_course(viewer: Viewer, subject: CourseBoardSubject) -> DenialReason | None:  # noqa: ARG001
    return None if subject.attends else DenialReason.NOT_ENROLLED


def _shared_course(viewer: Viewer, subject: StudentSubject) -> DenialReason | None:
    """The part of a record about a course that the viewer teaches and the student is enrolled in."""
    if not subject.course_id or subject.course_id not in viewer.course_ids:
        return DenialReason.NOT_TAUGHT
    return None if subject.course_id in subject.enrolled else DenialReason.NOT_ENROLLED


def _shared_course_or_opened(viewer: Viewer, subject: StudentSubject) -> DenialReason | None:
    """An access grant opens the whole record, because an emergency is seldom about one course."""
    return None if subject.student_id in viewer.opened else _shared_course(viewer, subject)


def _opened(viewer: Viewer, subject: StudentSubject) -> DenialReason | None:
    return None if subject.student_id in viewer.opened else DenialReason.NOT_OPENED


def _own_team(viewer: Viewer, subject: TeamSubject | TeamBoardSubject) -> DenialReason | None:
    if not subject.organisation_id or subject.organisation_id != viewer.organisation_id:
        return DenialReason.OTHER_ORGANISATION
    return None if subject.team_id in viewer.team_ids else DenialReason.NOT_MANAGED


def _own_member(viewer: Viewer, subject: StudentSubject) -> DenialReason | None:
    if not subject.team_ids & viewer.team_ids:
        return DenialReason.NOT_MANAGED
    return None if subject.shares else DenialReason.NOT_SHARED


def _reading_key(viewer: Viewer, subject: Subject) -> DenialReason | None:  # noqa: ARG001
    return None if READ in viewer.scopes else DenialReason.NO_SCOPE


def _roster_key(viewer: Viewer, subject: Subject) -> DenialReason | None:  # noqa: ARG001
    return None if ROSTER in viewer.scopes else DenialReason.NO_SCOPE


def _privacy_key(viewer: Viewer, subject: Subject) -> DenialReason | None:  # noqa: ARG001
    return None if PRIVACY in viewer.scopes else DenialReason.NO_SCOPE


def _auditing_key(viewer: Viewer, subject: Subject) -> DenialReason | None:  # noqa: ARG001
    return None if AUDIT in viewer.scopes else DenialReason.NO_SCOPE


_RULES: dict[tuple[Role, Action, type], Callable[..., DenialReason | None]] = {
    (Role.STUDENT, Action.READ, StudentSubject): _own_record,
    (Role.STUDENT, Action.EXPORT, StudentSubject): _own_record,
    (Role.STUDENT, Action.ARCHIVE, StudentSubject): _own_record,
    (Role.STUDENT, Action.ERASE, StudentSubject): _own_record,
    (Role.STUDENT, Action.CONSENT, StudentSubject): _own_record,
    (Role.STUDENT, Action.SEARCH_TRAIL, StudentSubject): _own_record,
    # A student sees it on the screen and does not take the others' points away as a file.
    (Role.STUDENT, Action.READ, CourseBoardSubject): _attended_course,
    (Role.INSTRUCTOR, Action.READ, CourseSubject): _own_course,
    (Role.INSTRUCTOR, Action.EXPORT, CourseSubject): _own_course,
    (Role.INSTRUCTOR, Action.CHANGE, CourseSubject): _own_course,
    (Role.INSTRUCTOR, Action.READ, CourseBoardSubject): _own_course,
    (Role.INSTRUCTOR, Action.EXPORT, CourseBoardSubject): _own_course,
    (Role.INSTRUCTOR, Action.READ, StudentSubject): _shared_course_or_opened,
    # A grant allows reading, not downloading.
    (Role.INSTRUCTOR, Action.EXPORT, StudentSubject): _shared_course,
    (Role.INSTRUCTOR, Action.BREAK_GLASS, StudentSubject): _always,
    (Role.MANAGER, Action.READ, TeamSubject): _own_team,
    (Role.MANAGER, Action.EXPORT, TeamSubject): _own_team,
    (Role.MANAGER, Action.READ, TeamBoardSubject): _own_team,
    (Role.MANAGER, Action.EXPORT, TeamBoardSubject): _own_team,
    (Role.MANAGER, Action.READ, StudentSubject): _own_member,
    # What can be read can be copied anyway: a file of the same rows needs no further right.
    (Role.MANAGER, Action.EXPORT, StudentSubject): _own_member,
    (Role.ADMIN, Action.READ, CourseSubject): _always,
    (Role.ADMIN, Action.READ, TeamSubject): _always,
    (Role.ADMIN, Action.READ, PlatformSubject): _always,
    (Role.ADMIN, Action.READ, AccountsSubject): _always,
    (Role.ADMIN, Action.EXPORT, CourseSubject): _always,
    (Role.ADMIN, Action.EXPORT, TeamSubject): _always,
    (Role.ADMIN, Action.EXPORT, PlatformSubject): _always,
    (Role.ADMIN, Action.READ, StudentSubject): _opened,
    (Role.ADMIN, Action.EXPORT, StudentSubject): _opened,
    # A student's own request that arrived by other means is also a reason to open the record.
    (Role.ADMIN, Action.ARCHIVE, StudentSubject): _opened,
    (Role.ADMIN, Action.ERASE, StudentSubject): _opened,
    (Role.ADMIN, Action.SEARCH_TRAIL, TrailSubject): _always,
    (Role.ADMIN, Action.EXPORT, TrailSubject): _always,
    (Role.ADMIN, Action.CHANGE, AccountsSubject): _always,
    (Role.ADMIN, Action.CHANGE, CourseSubject): _always,
    (Role.ADMIN, Action.BREAK_GLASS, StudentSubject): _always,
    (Role.AUDITOR, Action.SEARCH_TRAIL, StudentSubject): _always,
    (Role.AUDITOR, Action.SEARCH_TRAIL, TrailSubject): _always,
    (Role.AUDITOR, Action.EXPORT, TrailSubject): _always,
    (Role.SERVICE, Action.READ, StudentSubject): _reading_key,
    (Role.SERVICE, Action.READ, CourseSubject): _reading_key,
    (Role.SERVICE, Action.READ, TeamSubject): _reading_key,
    (Role.SERVICE, Action.READ, CourseBoardSubject): _reading_key,
    (Role.SERVICE, Action.READ, TeamBoardSubject): _reading_key,
    (Role.SERVICE, Action.READ, PlatformSubject): _reading_key,
    # For a program a file is no different from any other answer.
    (Role.SERVICE, Action.EXPORT, StudentSubject): _reading_key,
    (Role.SERVICE, Action.EXPORT, CourseSubject): _reading_key,
    (Role.SERVICE, Action.EXPORT, TeamSubject): _reading_key,
    (Role.SERVICE, Action.EXPORT, CourseBoardSubject): _reading_key,
    (Role.SERVICE, Action.EXPORT, TeamBoardSubject): _reading_key,
    (Role.SERVICE, Action.EXPORT, PlatformSubject): _reading_key,
    # The platform forwards its students' requests.
    (Role.SERVICE, Action.ARCHIVE, StudentSubject): _privacy_key,
    (Role.SERVICE, Action.ERASE, StudentSubject): _privacy_key,
    (Role.SERVICE, Action.CONSENT, StudentSubject): _roster_key,
    (Role.SERVICE, Action.SEARCH_TRAIL, StudentSubject): _auditing_key,
    (Role.SERVICE, Action.SEARCH_TRAIL, TrailSubject): _auditing_key,
    (Role.SERVICE, Action.EXPORT, TrailSubject): _auditing_key,
}
