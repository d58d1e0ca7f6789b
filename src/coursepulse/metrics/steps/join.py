"""Who is on a leaderboard, or compared with: only students who joined, and nobody else is read, counted or ranked."""

from __future__ import annotations

from collections.abc import Mapping

from coursepulse.access.viewer import Role
from coursepulse.aggregates.row import Row
from coursepulse.kit.ids import NIL, to_text
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.metric import Scope
from coursepulse.privacy.consent import Purpose


def join(sources: Sources, asked: Asked) -> Asked:
    """The students who joined, and for a student who did not what is missing."""
    if asked.metric.among:
        lacks = _find_lack_of_peer(sources, asked)
        return asked._replace(lacks=lacks) if lacks else asked._replace(peers=_find_peers(sources, asked))
    if not asked.metric.board:
        return asked
    lacks = _find_lack(sources, asked)
    return asked._replace(lacks=lacks) if lacks else asked._replace(joined=_find_joined(sources, asked))


def _find_lack_of_peer(sources: Sources, asked: Asked) -> Purpose | None:
    """What the student has not agreed to: without it nobody is compared with, and nobody is read."""
    needed = (Purpose.ANALYTICS, asked.metric.consent)
    student = asked.query.student or NIL
    return next((each for each in needed if each and not sources.relations.agrees(student, each)), None)


def _find_peers(sources: Sources, asked: Asked) -> frozenset[tuple[str, bytes]]:
    """Those who agreed to the same, in each of the student's courses."""
    student, end = to_text(asked.query.student or NIL), asked.answered.days[1]
    values: Row = {"student": student, "course": asked.query.course, "end": end}
    values |= sources.rollups.rows("find_courses", values)[0]
    found = sources.rollups.rows("classmates_of", values)
    pairs = [(row["course_id"], row["student_id"].bytes) for row in found]
    return sources.relations.peers(pairs, asked.metric.consent or Purpose.ANALYTICS)


def _find_lack(sources: Sources, asked: Asked) -> Purpose | None:
    """What keeps a student off the board: only those who are on it see it."""
    student = asked.viewer.student_id
    if asked.viewer.role is not Role.STUDENT or student is None or sources.relations.joined([student]):
        return None
    agrees = sources.relations.agrees
    # A name of theirs may have been removed: to choose another is to join again.
    named = agrees(student, Purpose.LEADERBOARDS) and sources.relations.board_name(student)
    return Purpose.ANALYTICS if named else Purpose.LEADERBOARDS


def _find_joined(sources: Sources, asked: Asked) -> Mapping[bytes, str]:
    if asked.metric.scope is Scope.TEAM:
        members = sources.relations.members(asked.query.team)
        return sources.relations.joined([student for student, shares in members.items() if shares])
    return _in_course(sources, asked)


def _in_course(sources: Sources, asked: Asked) -> Mapping[bytes, str]:
    course, end = asked.query.course, asked.answered.days[1]
    rows = sources.rollups.rows("leaderboard_class", {"course": course, "end": end})
    joined = sources.relations.joined([row["student_id"].bytes for row in rows])
    # The roster decides at once; what happened in the course has been asked already.
    present = sources.relations.enrolled(course, joined.keys(), lambda _, students: students)
    return {student: joined[student] for student in present}
