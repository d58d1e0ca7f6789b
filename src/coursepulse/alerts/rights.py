"""Which alerts a viewer may see: a look at an alert about a student is a look at that student's record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from coursepulse.access.decide import (
    Action,
    Allowed,
    CourseSubject,
    PlatformSubject,
    StudentSubject,
    Subject,
    decide,
)
from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import Alert
from coursepulse.alerts.rule import About, Audience
from coursepulse.store.postgres.relations import ByEvents, Relations


class AlertRights:
    """Turns alerts into subjects of :func:`~coursepulse.access.decide.decide`, by what holds now.

    :param by_events: who is in a course by its events, for those that the roster does not list
    """

    def __init__(self, relations: Relations, by_events: ByEvents) -> None:
        self._relations, self._by_events = relations, by_events

    def visible(self, viewer: Viewer, alerts: Sequence[Alert]) -> list[bool]:
        """Which of some alerts the viewer may see.

        :raises StoreUnavailable: then nobody may see anything
        """
        enrolled, teams = self._enrolled(viewer, alerts), self._teams(viewer)
        return [_may(viewer, alert, _subject(alert, enrolled, teams)) for alert in alerts]

    def _enrolled(self, viewer: Viewer, alerts: Sequence[Alert]) -> Mapping[str, frozenset[bytes]]:
        """Who is in each course, if an instructor of it asks: nobody else's rights depend on it."""
        if viewer.role is not Role.INSTRUCTOR:
            return {}
        students: dict[str, set[bytes]] = defaultdict(set)
        for alert in alerts:
            if alert.student_id and alert.course_id in viewer.course_ids:
                students[alert.course_id].add(alert.student_id)
        return {
            course: self._relations.enrolled(course, some, self._by_events)
            for course, some in students.items()
        }

    def _teams(self, viewer: Viewer) -> Mapping[str, Mapping[bytes, bool]]:
        """The members of each of a manager's teams, and whether each lets an employer see them."""
        if viewer.role is not Role.MANAGER:
            return {}
        return {team: self._relations.members(team) for team in sorted(viewer.team_ids)}


def _may(viewer: Viewer, alert: Alert, subject: Subject) -> bool:
    # Alerts are about students, not for them: nobody sees one about themselves, in whatever role.
    if viewer.role is Role.STUDENT or (alert.student_id and alert.student_id == viewer.student_id):
        return False
    # What a student lets an employer see has been named to the student, and the rules keep to it.
    if viewer.role is Role.MANAGER and Audience.MANAGERS not in alert.audience:
        return False
    return isinstance(decide(viewer, Action.READ, subject), Allowed)


def _subject(
    alert: Alert, enrolled: Mapping[str, frozenset[bytes]], teams: Mapping[str, Mapping[bytes, bool]]
) -> Subject:
    student, course = alert.student_id, alert.course_id
    if alert.about is About.PLATFORM:
        return PlatformSubject()
    if student is None:
        return CourseSubject(course)
    own = frozenset(team for team, members in teams.items() if student in members)
    shares = any(teams[team][student] for team in own)
    courses = frozenset({course} if student in enrolled.get(course, ()) else ())
    return StudentSubject(student, course, courses, own, shares)
