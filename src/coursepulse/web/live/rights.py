"""Who may watch what. A stream tells when something changes and never what it is now: cards ask for that again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from coursepulse.access.decide import (
    Action,
    CourseSubject,
    PlatformSubject,
    StudentSubject,
    Subject,
    TeamSubject,
)
from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web.audit.writing import require
from coursepulse.web.dashboards.service import student_bytes
from coursepulse.web.live.subjects import (
    ALERTS,
    ALERTS_GONE,
    OWN,
    PLATFORM,
    Watched,
    about_course,
    about_learner,
    about_student,
    about_team,
    alerts_about,
)

if TYPE_CHECKING:
    from coursepulse.web.live.ports import LiveServices

#: How the trail calls an attempt to watch what one may not see.
REFUSED = "live:changes:refused"


class _Wish(NamedTuple):
    """What somebody asks to be told of.

    :param about: how the trail calls it
    :param told: how they are told
    :param by: the subjects whose changes count
    """

    subject: Subject
    about: str
    told: str
    by: frozenset[str]


def find_watched(services: LiveServices, viewer: Viewer, wanted: Iterable[str]) -> Watched:
    """What the viewer wants to be told of, and the alerts that are theirs. Asks the store: not for the loop.

    :raises RequestError: ``forbidden``, or ``unknown_subject``
    """
    told: dict[str, set[str]] = defaultdict(set)
    for text in dict.fromkeys(wanted):
        wish = _read(services, viewer, text)
        require(services, viewer, Action.READ, wish.subject, REFUSED, wish.about)
        for subject in wish.by:
            told[subject].add(wish.told)
    for subject in _own_alerts(services, viewer):
        told[subject].add(ALERTS)
    return {subject: frozenset(names) for subject, names in told.items()}


def _read(services: LiveServices, viewer: Viewer, text: str) -> _Wish:
    kind, _, rest = text.partition(":")
    reader = _READERS.get(kind)
    if reader is None:
        raise RequestError("unknown_subject", say("trouble.unknown"), 404)
    return reader(services, viewer, rest)


def _platform(services: LiveServices, viewer: Viewer, _: str) -> _Wish:  # noqa: ARG001 - all have one signature
    return _Wish(PlatformSubject(), PLATFORM, PLATFORM, frozenset({PLATFORM}))


def _course(services: LiveServices, viewer: Viewer, course: str) -> _Wish:  # noqa: ARG001
    name = about_course(course)
    return _Wish(CourseSubject(course), course, name, frozenset({name}))


def _student(services: LiveServices, viewer: Viewer, text: str) -> _Wish:
    student = student_bytes(text)
    subject = StudentSubject(student)
    if viewer.role is Role.MANAGER:
        member = services.relations.membership(student, viewer.organisation_id)
        subject = subject._replace(team_ids=member.team_ids, shares=member.shares)
    name = about_student(student)
    return _Wish(subject, to_text(student), name, frozenset({name}))


def _learner(services: LiveServices, viewer: Viewer, text: str) -> _Wish:  # noqa: ARG001
    student, _, course = text.partition(":")
    raw = student_bytes(student)
    name = about_learner(course, raw)
    # That something has changed in a course is no secret to those who teach it: whether the student is still in it is
    # asked when the card is.
    return _Wish(StudentSubject(raw, course, frozenset({course})), to_text(raw), name, frozenset({name}))


def _team(services: LiveServices, viewer: Viewer, team: str) -> _Wish:  # noqa: ARG001
    subject = TeamSubject(team, services.relations.organisation(team))
    return _Wish(
        subject, team, about_team(team), frozenset(map(about_student, _named_members(services, team)))
    )


def _own(services: LiveServices, viewer: Viewer, _: str) -> _Wish:
    """All courses of an instructor, or all teams of a manager."""
    if viewer.role is Role.INSTRUCTOR:
        courses = frozenset(map(about_course, viewer.course_ids))
        return _Wish(CourseSubject(min(viewer.course_ids, default="")), OWN, OWN, courses)
    own = viewer.organisation_id
    teams = [team for team in sorted(viewer.team_ids) if services.relations.organisation(team) == own]
    members = (map(about_student, _named_members(services, team)) for team in teams)
    subject = TeamSubject(next(iter(teams), ""), own)
    return _Wish(subject, OWN, OWN, frozenset(chain.from_iterable(members)))


def _named_members(services: LiveServices, team: str) -> list[bytes]:
    """Who does not agree to be named is not noticed when they learn, either."""
    return [student for student, shares in services.relations.members(team).items() if shares]


def _own_alerts(services: LiveServices, viewer: Viewer) -> list[str]:
    match viewer.role:
        case Role.ADMIN | Role.SERVICE:
            return [ALERTS_GONE, alerts_about()]
        case Role.INSTRUCTOR:
            return [ALERTS_GONE, *(alerts_about(about_course(course)) for course in viewer.course_ids)]
        case Role.MANAGER:
            members = {one for team in viewer.team_ids for one in _named_members(services, team)}
            return [ALERTS_GONE, *(alerts_about(about_student(student)) for student in members)]
        case _:
            return []


_READERS: dict[str, Callable[[LiveServices, Viewer, str], _Wish]] = {
    "platform": _platform,
    "course": _course,
    "student": _student,
    "learner": _learner,
    "team": _team,
    OWN: _own,
}
