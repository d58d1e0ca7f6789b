"""The alert inbox: which alerts it shows, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import KeptAlert
from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.port import AlertFilter, Standing
from coursepulse.alerts.rule import About, Audience, Rule, Severity
from coursepulse.dashboards.alert_words import alert_reason, alert_title
from coursepulse.dashboards.links import course_link, learner_link, student_link
from coursepulse.dashboards.people import name_of
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import DAY, HOUR, Micros
from coursepulse.kit.ids import to_text
from coursepulse.web.alerts.service import LabelledAlert, find_rule, search_alerts

if TYPE_CHECKING:
    from coursepulse.web.alerts.ports import AlertServices

#: Whose inbox there is.
READERS = (Role.INSTRUCTOR, Role.MANAGER, Role.ADMIN)

#: Alerts on one page; a badge counts no further.
AT_ONCE, MOST_COUNTED = 50, 99

#: How long alerts can be put aside, by the name of the choice.
SNOOZES: dict[str, Micros] = {"hour": HOUR, "day": DAY, "three_days": 3 * DAY, "week": 7 * DAY}


class InboxQuery(NamedTuple):
    """Which alerts somebody wants to see."""

    state: Standing = Standing.NEW
    course: str = ""
    rule: str = ""
    severity: Severity | None = None
    after: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether alerts are left out by more than their state."""
        return bool(self.course or self.rule or self.severity)

    def query(self, **changes: object) -> str:
        """The filters as the query of an address; what is usual is left out."""
        asked = self._asdict() | changes
        return urlencode({name: value for name, value in asked.items() if value and value != Standing.NEW})

    def filter(self, before: tuple[Micros, bytes] | None) -> AlertFilter:
        """The same for the store.

        :raises RequestError: ``unknown_rule``
        """
        rule = find_rule(self.rule).name if self.rule else ""
        return AlertFilter(
            self.state, rule, self.course, limit=AT_ONCE, before=before, severity=self.severity
        )


class AlertLine(NamedTuple):
    """One alert in the list.

    :param course: what the course is called, or the platform
    :param link: to the student in the course or to the course; empty where the viewer has no such page
    """

    key: str
    severity: Severity
    title: str
    reason: str
    about: str
    course: str
    link: str
    kept: KeptAlert


class AlertGroup(NamedTuple):
    """The alerts of one kind in one course: the first few, and the rest."""

    title: str
    course: str
    first: Sequence[AlertLine]
    rest: Sequence[AlertLine]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.first) + len(self.rest)


#: Alerts of a group that are seen at once.
_FIRST = 5


def group_lines(lines: Sequence[AlertLine]) -> list[AlertGroup]:
    """The alerts of a page by course and kind, in the order of the newest of each."""
    found: dict[tuple[str, str], list[AlertLine]] = {}
    for line in lines:
        found.setdefault((line.title, line.course), []).append(line)
    return [AlertGroup(*key, each[:_FIRST], each[_FIRST:]) for key, each in found.items()]


def rules_for(role: Role) -> list[Rule]:
    """The rules whose alerts somebody in this role can be shown."""
    if role is Role.MANAGER:
        return [rule for rule in RULES if Audience.MANAGERS in rule.audience]
    return [rule for rule in RULES if rule.about is not About.PLATFORM or role is Role.ADMIN]


def find_lines(
    services: AlertServices, viewer: Viewer, asked: InboxQuery, before: tuple[Micros, bytes] | None
) -> list[AlertLine]:
    """The alerts that the viewer may see and asks for, newest first. Each is a look at the record of its student."""
    return [line_of(viewer, each) for each in search_alerts(services, viewer, asked.filter(before))]


def line_of(viewer: Viewer, labelled: LabelledAlert) -> AlertLine:
    """An alert in words that the viewer may read."""
    kept, names = labelled
    alert = kept.alert
    about = [name_of(alert.student_id, names.student)] if alert.student_id else []
    return AlertLine(
        key=to_text(alert.alert_id),
        severity=alert.severity,
        title=alert_title(alert.rule),
        reason=alert_reason(alert, names),
        about=" · ".join([*about, *([names.course] if names.course else [])]) or say("inbox.platform"),
        course=names.course or say("inbox.platform"),
        link=_link(viewer, labelled),
        kept=kept,
    )


def count_new(services: AlertServices, viewer: Viewer) -> int:
    """How many alerts wait for the viewer, up to one more than are counted. Names nobody."""
    if services.alerts is None:
        return 0
    return len(services.alerts.search(AlertFilter(limit=MOST_COUNTED + 1), viewer))


def _link(viewer: Viewer, labelled: LabelledAlert) -> str:
    alert = labelled.kept.alert
    if alert.student_id is None:
        return course_link(alert.course_id) if alert.course_id and viewer.role is not Role.MANAGER else ""
    student = to_text(alert.student_id)
    if viewer.role is Role.INSTRUCTOR:
        return learner_link(alert.course_id, student)
    return student_link(student)
