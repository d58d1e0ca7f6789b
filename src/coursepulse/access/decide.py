"""The one decision on rights. What no rule allows is denied."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from coursepulse.access.viewer import Role, Viewer

#: The scope of a key that may read metrics.
READ = "read"


class Action(StrEnum):
    """What somebody wants to do with the subject."""

    READ = "read"


class Person(NamedTuple):
    """A student's record, whole or narrowed to one course.

    :param course_id: the course it is narrowed to, empty for the whole record
    :param enrolled: courses in which the student is enrolled now; only asked about for instructors
    """

    student_id: bytes
    course_id: str = ""
    enrolled: frozenset[str] = frozenset()


class Course(NamedTuple):
    """A course with everyone in it."""

    course_id: str


class Platform(NamedTuple):
    """Totals over all courses."""


Subject = Person | Course | Platform


class Reason(StrEnum):
    """Why a viewer was denied. For the audit trail: the answer to the viewer never says it."""

    NOT_YOURS = "not_yours"
    NOT_TAUGHT = "not_taught"
    NOT_ENROLLED = "not_enrolled"
    NO_SCOPE = "no_scope"
    NO_RULE = "no_rule"


class Allowed(NamedTuple):
    """Go ahead."""


class Denied(NamedTuple):
    """Not this viewer."""

    reason: Reason


Decision = Allowed | Denied


def decide(viewer: Viewer, action: Action, subject: Subject) -> Decision:
    """Whether ``viewer`` may do ``action`` to ``subject``, and if not, why."""
    rule = _RULES.get((viewer.role, action))
    return rule(viewer, subject) if rule else Denied(Reason.NO_RULE)


def _student_reads(viewer: Viewer, subject: Subject) -> Decision:
    if not isinstance(subject, Person):
        return Denied(Reason.NO_RULE)
    own = viewer.student_id is not None and viewer.student_id == subject.student_id
    return Allowed() if own else Denied(Reason.NOT_YOURS)


def _instructor_reads(viewer: Viewer, subject: Subject) -> Decision:
    """A student's record only as far as it concerns a course that the viewer teaches."""
    if isinstance(subject, Platform):
        return Denied(Reason.NO_RULE)
    if not subject.course_id or subject.course_id not in viewer.course_ids:
        return Denied(Reason.NOT_TAUGHT)
    if isinstance(subject, Person) and subject.course_id not in subject.enrolled:
        return Denied(Reason.NOT_ENROLLED)
    return Allowed()


def _admin_reads(viewer: Viewer, subject: Subject) -> Decision:  # noqa: ARG001 - a rule sees what every rule sees
    return Allowed()


def _service_reads(viewer: Viewer, subject: Subject) -> Decision:  # noqa: ARG001
    return Allowed() if READ in viewer.scopes else Denied(Reason.NO_SCOPE)


_RULES: dict[tuple[Role, Action], Callable[[Viewer, Subject], Decision]] = {
    (Role.STUDENT, Action.READ): _student_reads,
    (Role.INSTRUCTOR, Action.READ): _instructor_reads,
    (Role.ADMIN, Action.READ): _admin_reads,
    (Role.SERVICE, Action.READ): _service_reads,
}
