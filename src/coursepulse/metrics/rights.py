"""Which rows a viewer may see: what a decision depends on, read when it is made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from coursepulse.access.decide import (
    Action,
    Allowed,
    CourseBoardSubject,
    CourseSubject,
    PlatformSubject,
    StudentSubject,
    Subject,
    TeamBoardSubject,
    TeamSubject,
    decide,
)
from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.aggregates.readers import RollupReader
from coursepulse.kit.clock import Clock, utc_date
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import NIL, to_text
from coursepulse.metrics.metric import Metric, Param, Scope
from coursepulse.metrics.query import Query
from coursepulse.store.postgres.relations import ByEvents, Relations

#: Students that are asked for by name.
_FEW = 100


class Rights:
    """Turns queries and rows into subjects of :func:`~coursepulse.access.decide.decide`."""

    def __init__(self, rollups: RollupReader, relations: Relations, clock: Clock) -> None:
        self._rollups, self._relations, self._clock = rollups, relations, clock
        self._courses = set[str]()

    def subject(self, metric: Metric, query: Query, viewer: Viewer) -> Subject:
        """What a query is about."""
        if metric.about_one:
            return self._person(viewer, query)
        if metric.scope is Scope.TEAM:
            kind = TeamBoardSubject if metric.board else TeamSubject
            return kind(query.team, self._relations.organisation(query.team))
        if metric.board:
            return CourseBoardSubject(query.course, self._attends(viewer, query.course))
        if metric.scope is not Scope.PLATFORM or (query.course and Param.COURSE in metric.takes):
            return CourseSubject(query.course)
        return PlatformSubject()

    def require_course(self, course: str, viewer: Viewer, action: Action) -> None:
        """Let nobody ask for a course that is neither in the catalog nor in any event.

        Only people who may see all courses are told: to others it looks like one that is not theirs. Programs may ask
        before anything has happened in a course, and find nothing yet.

        :raises RequestError: ``unknown_course``
        """
        if not course or course in self._courses or viewer.role is Role.SERVICE:
            return
        if not isinstance(decide(viewer, action, CourseSubject("")), Allowed):
            return
        if not self._is_known(course):
            raise RequestError(
                "unknown_course", "There is no such course: the catalog has none, and no event names it.", 404
            )
        # No course goes away again; each card of a page asks.
        self._courses.add(course)

    def _is_known(self, course: str) -> bool:
        found = self._relations.has_course(course)
        return bool(found or self._rollups.rows("find_course", {"course": course})[0]["known"])

    def visible(
        self, metric: Metric, query: Query, viewer: Viewer, students: Sequence[bytes], action: Action
    ) -> Sequence[bool]:
        """Which rows the viewer may see: one about a single student is a look at that student's record.

        :param students: the student of each row
        :param action: read or export
        """

        sharing = self._sharing(viewer, query)

        def may(student: bytes, *, enrolled: bool = False) -> bool:
            courses = frozenset({query.course} if enrolled else ())
            shares = student in sharing
            person = StudentSubject(student, query.course, courses, frozenset({query.team}), shares)
            return isinstance(decide(viewer, action, person), Allowed)

        if may(NIL):  # then it does not depend on the student
            return [True] * len(students)
        # As of the end of the period, that is: of a past one it must be asked again.
        present = metric.present and query.days[1] > utc_date(self._clock())
        by_events = _keep_all if present else self.by_events
        enrolled = self._enrolled(viewer, query.course, students, by_events)
        classmates = may(NIL, enrolled=True)
        return [(classmates and student in enrolled) or may(student) for student in students]

    def apart(self, metric: Metric, query: Query, viewer: Viewer) -> Collection[bytes]:
        """The students who are left out of the totals of a group.

        A teacher of a class gets totals without the students that its lists do not show: the difference between total
        and list would be about them. Everybody else gets totals without the students they see one by one, for the same
        reason.
        """
        if metric.group is None or metric.scope is Scope.TEAM or viewer.opened is EVERYONE:
            return ()
        if viewer.role is not Role.INSTRUCTOR:
            return viewer.opened
        return self.outside(query.course) - viewer.opened

    def outside(self, course: str) -> frozenset[bytes]:
        """Students who are not in a course any more, by the roster or otherwise by the events."""
        tomorrow = utc_date(self._clock()) + timedelta(days=1)
        left = self._rollups.rows("find_left", {"course": course, "end": tomorrow})
        return self._relations.outside(course, [row["student_id"].bytes for row in left])

    def _person(self, viewer: Viewer, query: Query) -> StudentSubject:
        student, course = query.student or NIL, query.course
        if viewer.role is Role.MANAGER:
            member = self._relations.membership(student, viewer.organisation_id)
            return StudentSubject(student, course, team_ids=member.team_ids, shares=member.shares)
        enrolled = self._enrolled(viewer, course, [student], self.by_events)
        return StudentSubject(student, course, _courses(course, student, enrolled))

    def _attends(self, viewer: Viewer, course: str) -> bool:
        """Whether a student is in the course today, if one asks: nobody else's rights depend on it."""
        if viewer.role is not Role.STUDENT or viewer.student_id is None or not course:
            return False
        return bool(self._relations.enrolled(course, [viewer.student_id], self.by_events))

    def _sharing(self, viewer: Viewer, query: Query) -> frozenset[bytes]:
        """Members of a team who let an employer see them, if a manager asks: nobody else's rights depend on it."""
        if viewer.role is not Role.MANAGER:
            return frozenset()
        members = self._relations.members(query.team)
        return frozenset(student for student, shares in members.items() if shares)

    def _enrolled(
        self, viewer: Viewer, course: str, students: Collection[bytes], by_events: ByEvents
    ) -> frozenset[bytes]:
        """Which of the students are in the course, if an instructor of it asks: nobody else's rights depend on it."""
        if viewer.role is not Role.INSTRUCTOR or course not in viewer.course_ids or not students:
            return frozenset()
        return self._relations.enrolled(course, students, by_events)

    def by_events(self, course: str, students: Collection[bytes]) -> set[bytes]:
        """Those of some students who are in a course today, as far as its events say."""
        tomorrow = utc_date(self._clock()) + timedelta(days=1)
        # An empty list asks for everybody, which is cheaper than many by name.
        some = [to_text(student) for student in students] if len(students) <= _FEW else []
        values = {"course": course, "students": some, "end": tomorrow}
        found = self._rollups.rows("find_enrolled", values)
        return {row["student_id"].bytes for row in found if row["enrolled"]}


def _keep_all(course: str, students: Collection[bytes]) -> Collection[bytes]:  # noqa: ARG001
    return students


def _courses(course: str, student: bytes, enrolled: frozenset[bytes]) -> frozenset[str]:
    return frozenset({course}) if student in enrolled else frozenset()
