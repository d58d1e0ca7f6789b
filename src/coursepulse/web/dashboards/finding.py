"""Finding a page, course, team, learner or metric by its name, as far as the viewer may see it.

People are asked of the metrics, as by the search of a list: under the viewer's rights, and written down in the trail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.links import course_link, learner_link, student_link, team_link
from coursepulse.dashboards.period import last
from coursepulse.dashboards.reader import CardSubject, MetricReader, RowRange
from coursepulse.dashboards.text import say
from coursepulse.dashboards.words import metric_title
from coursepulse.kit.ids import to_text
from coursepulse.metrics.catalog import METRICS
from coursepulse.web.dashboards.ports import DashboardServices

#: Of each kind: somebody who finds too many types more.
_MOST = 8

#: Letters from which on people and courses are looked up: each look at people is written down.
_SHORTEST = 2

_ALL = frozenset(Role)
_TOLD = frozenset({Role.INSTRUCTOR, Role.MANAGER, Role.ADMIN})
_ADMIN = frozenset({Role.ADMIN})

#: Pages by the key of their name, with the roles that have them in their menu.
_PAGES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("inbox.title", "/alerts", _TOLD),
    ("page.definitions", "/definitions", _ALL),
    ("page.privacy", "/privacy", frozenset({Role.STUDENT})),
    ("accesses.title", "/privacy/accesses", frozenset({Role.STUDENT})),
    ("audit.title", "/admin/audit", frozenset({Role.ADMIN, Role.AUDITOR})),
    ("break_glass.title", "/break-glass", frozenset({Role.INSTRUCTOR, Role.ADMIN, Role.AUDITOR})),
    ("notifications.title", "/notifications", _TOLD),
    ("webhooks.title", "/webhooks", _TOLD),
    ("accounts.title", "/admin/users", _ADMIN),
    ("keys.title", "/admin/keys", _ADMIN),
    ("quality.title", "/admin/quality", _ADMIN),
    ("reconcile.title", "/admin/reconciliation", _ADMIN),
    ("steps.title", "/first-steps", _ADMIN),
)


class Found(NamedTuple):
    """Something by its name; ``about`` tells it from another of the same name."""

    name: str
    href: str
    about: str = ""


class FoundGroup(NamedTuple):
    """What was found of one kind."""

    kind: str
    found: list[Found]


def find_all(services: DashboardServices, viewer: Viewer, typed: str) -> list[FoundGroup]:
    """What holds the words that somebody typed; pages alone for too few letters."""
    kinds: list[tuple[str, Callable[[DashboardServices, Viewer, str], Iterable[Found]]]] = [("page", _pages)]
    if len(typed) >= _SHORTEST:
        kinds += [("course", _courses), ("team", _teams), ("person", _people), ("metric", _metrics)]
    groups = [FoundGroup(kind, list(islice(find(services, viewer, typed), _MOST))) for kind, find in kinds]
    return [group for group in groups if group.found]


def _pages(_: DashboardServices, viewer: Viewer, typed: str) -> Iterator[Found]:
    yield from _holding(typed, [Found(say(f"nav.{viewer.role.value}"), "/")])
    yield from _holding(typed, [Found(say(key), href) for key, href, roles in _PAGES if viewer.role in roles])


def _courses(services: DashboardServices, viewer: Viewer, typed: str) -> list[Found]:
    if viewer.role is Role.ADMIN:
        known = services.campus.find_courses(typed, _MOST)
        return [Found(title, course_link(course)) for course, title in known.items()]
    if viewer.role is Role.STUDENT and viewer.student_id is not None:
        rows = _reader(services, viewer, CardSubject(student=viewer.student_id)).rows("student_courses")
        named = {row["course_id"]: row["title"] for row in rows}
    else:
        named = dict.fromkeys(viewer.course_ids, "") | services.campus.titles(viewer.course_ids)
    link = _link_for(viewer)
    return _holding(typed, [Found(title or course, link(course)) for course, title in named.items()])


def _link_for(viewer: Viewer) -> Callable[[str], str]:
    own = viewer.student_id if viewer.role is Role.STUDENT else None
    return (lambda course: learner_link(course, to_text(own))) if own else course_link


def _teams(services: DashboardServices, viewer: Viewer, typed: str) -> Iterator[Found]:
    if viewer.role is Role.MANAGER:
        teams = services.campus.teams(viewer.team_ids, viewer.organisation_id)
        yield from _holding(typed, [Found(name or team, team_link(team)) for team, name in teams.items()])


def _people(services: DashboardServices, viewer: Viewer, typed: str) -> Iterator[Found]:
    if viewer.role is Role.INSTRUCTOR:
        titles = services.campus.titles(viewer.course_ids)
        for course in sorted(viewer.course_ids):
            reader = _reader(services, viewer, CardSubject(course=course))
            for row in reader.page("course_students", RowRange(search=typed, limit=_MOST)):
                yield Found(row["name"], learner_link(course, row["student_id"]), titles.get(course, course))
    elif viewer.role is Role.MANAGER:
        teams = services.campus.teams(viewer.team_ids, viewer.organisation_id)
        for team, name in teams.items():
            rows = _reader(services, viewer, CardSubject(team=team)).rows("team_members")
            known = [Found(row["name"], student_link(row["student_id"]), name or team) for row in rows]
            yield from _holding(typed, known)


def _metrics(_: DashboardServices, viewer: Viewer, typed: str) -> Iterator[Found]:  # noqa: ARG001 - all have one signature
    named = [Found(metric_title(each), f"/definitions#{each.slug}", each.slug) for each in METRICS.values()]
    yield from _holding(typed, named)


def _holding(typed: str, known: Iterable[Found]) -> list[Found]:
    """Those whose name holds what was typed, by name; those that begin with it first."""
    wanted = typed.casefold()
    fitting = [each for each in known if wanted in each.name.casefold()]
    return sorted(
        fitting, key=lambda each: (not each.name.casefold().startswith(wanted), each.name.casefold())
    )


def _reader(services: DashboardServices, viewer: Viewer, subject: CardSubject) -> MetricReader:
    return MetricReader(services.metrics, viewer, subject, last(0, services.clock()))
