"""Alerts over HTTP: look, explain, acknowledge, snooze; rules and the thresholds of courses."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import EvidenceEvent
from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.port import AlertFilter, Standing
from coursepulse.alerts.rule import About, Audience, Rule, Severity, ThresholdUnit
from coursepulse.alerts.trial import Fired, count_right
from coursepulse.collect.keys import READ
from coursepulse.dashboards.alert_words import alert_clears, alert_reason, alert_title
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web import reach
from coursepulse.web.alerts.service import (
    Handled,
    LabelledAlert,
    acknowledge_alerts,
    change_thresholds,
    explain_alert,
    find_rule,
    read_place,
    read_thresholds,
    rules_of,
    search_alerts,
    snooze_alerts,
    try_rule,
    write_place,
)
from coursepulse.web.http.auth import api_viewer, brings
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    from coursepulse.web.alerts.ports import ThresholdStore

#: Alerts handled in one request.
_MOST = 1_000


class AlertInfo(msgspec.Struct, frozen=True):
    """One alert, in words that the viewer may read.

    :param student: the pseudonym, empty for alerts about courses and the platform
    :param item: the lesson, question, video, assessment or skill
    :param reason: why it was raised, in a sentence
    :param clears: what clears it, in a sentence
    :param acknowledged_by: the account
    """

    id: UUID
    rule: str
    title: str
    severity: Severity
    about: About
    course: str
    course_title: str
    student: str
    student_name: str
    item: str
    item_title: str
    reason: str
    clears: str
    raised_at: datetime
    updated_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    snoozed_until: datetime | None


class AlertPage(msgspec.Struct, frozen=True):
    """Alerts, newest first; ``next`` is the ``after`` of the next page, null on the last."""

    alerts: list[AlertInfo]
    next: str | None


class EvidenceInfo(msgspec.Struct, frozen=True):
    """An event behind an alert, as far as the viewer may see what the student did."""

    event_id: UUID
    event_type: str
    at: datetime
    lesson_id: str
    video_id: str
    assessment_id: str


class AlertDetail(msgspec.Struct, frozen=True):
    """An alert and the events behind it.

    :param evidence: ids of the events behind it; ``events`` are those that the viewer may see
    """

    alert: AlertInfo
    evidence: list[str]
    events: list[EvidenceInfo]


Ids = Annotated[list[UUID], Meta(min_length=1, max_length=_MOST)]


class AlertIds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which alerts."""

    ids: Ids


class AlertSnooze(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which alerts, and until when they are out of the way; null takes them back."""

    ids: Ids
    until: Annotated[datetime, Meta(tz=True)] | None = None


class HandledInfo(msgspec.Struct, frozen=True):
    """How many alerts changed, and the ids of those that the viewer may not see or that are not there."""

    changed: int
    unknown: list[UUID]


class ThresholdInfo(msgspec.Struct, frozen=True):
    """A number of a rule.

    :param value: what holds in the course; in the list of rules the usual number
    :param own: whether the course has set it itself
    """

    name: str
    value: float
    usual: float
    least: float
    most: float
    unit: ThresholdUnit
    own: bool


class AlertRuleInfo(msgspec.Struct, frozen=True):
    """One kind of alert.

    :param audience: who is told, each under their own rights
    :param cooldown_s: when the condition comes back so soon after it cleared, the old alert is opened again; seconds
    """

    name: str
    title: str
    clears: str
    severity: Severity
    about: About
    audience: list[Audience]
    cooldown_s: float
    thresholds: list[ThresholdInfo]


class AlertRuleList(msgspec.Struct, frozen=True):
    """Rules of alerts."""

    rules: list[AlertRuleInfo]


class ThresholdChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """New numbers of a rule, by name; null takes one back to the usual number.

    :param course: where they hold; left out for a rule about the platform
    """

    rule: Annotated[str, Meta(max_length=64)]
    values: Annotated[dict[str, float | None], Meta(max_length=20)]
    course: Annotated[str, Meta(max_length=128)] = ""


class TrialAlert(msgspec.Struct, frozen=True):
    """An alert that a rule would have raised.

    :param student: the pseudonym
    :param right: by what came after; null while that cannot be said yet
    """

    student: str
    course: str
    item: str
    raised_at: datetime
    cleared_at: datetime | None
    right: bool | None


class TrialInfo(msgspec.Struct, frozen=True):
    """What came of trying a rule.

    :param replayed: by its condition over stored events; otherwise by the alerts on record
    :param events: how many events were read
    :param fired: how many alerts there would have been
    :param undecided: how many of them nothing can be said about yet
    """

    rule: str
    since: datetime
    until: datetime
    replayed: bool
    events: int
    fired: int
    students: int
    right: int
    wrong: int
    undecided: int
    alerts: list[TrialAlert]


State = Annotated[
    Standing,
    QueryParameter(
        name="state",
        description="`new` (open, not acknowledged or snoozed), `open`, `acknowledged`, `snoozed`, `cleared`, `all`.",
    ),
]
RuleName = Annotated[str, QueryParameter(description="The name of a rule.", max_length=64)]
Course = Annotated[str, QueryParameter(description="The platform's id of a course.", max_length=128)]
SeverityName = Annotated[
    Severity | None, QueryParameter(name="severity", description="`info`, `warning` or `urgent`.")
]
Student = Annotated[
    str,
    QueryParameter(description="The platform's id of a student, or the pseudonym as UUID.", max_length=128),
]
Limit = Annotated[int, QueryParameter(description="Alerts at the most.", ge=1, le=1000)]
After = Annotated[str, QueryParameter(description="`next` of the page before.", max_length=64)]
Since = Annotated[str, QueryParameter(description="First moment, ISO 8601, UTC.", max_length=40)]


@get("/v1/alerts", tags=["alerts"], sync_to_thread=True)
def list_alerts(
    request: AnyRequest,
    standing: State = Standing.NEW,
    rule: RuleName = "",
    course: Course = "",
    student: Student = "",
    limit: Limit = 100,
    after: After = "",
    severity: SeverityName = None,
) -> AlertPage:
    """Alerts that the viewer may see, newest first. Each one about a student is an entry in the access log."""
    services, viewer = reach.alerts(request), api_viewer(request, READ)
    whom = services.metrics.identify(student) if student else None
    wanted = AlertFilter(
        standing, find_rule(rule).name if rule else "", course, whom, limit, read_place(after), severity
    )
    found = search_alerts(services, viewer, wanted)
    return AlertPage(
        [show_alert(each) for each in found], write_place(found[-1].kept) if len(found) == limit else None
    )


@get("/v1/alerts/{alert:uuid}", tags=["alerts"], sync_to_thread=True)
def get_alert(request: AnyRequest, alert: FromPath[UUID]) -> AlertDetail:
    """Why an alert was raised: the sentence, and the events behind it."""
    found, events = explain_alert(reach.alerts(request), api_viewer(request, READ), alert.bytes)
    return AlertDetail(
        show_alert(found), list(found.kept.alert.evidence), [_show_event(each) for each in events]
    )


@post("/v1/alerts/acknowledge", guards=[brings(READ)], tags=["alerts"], status_code=200, sync_to_thread=True)
def acknowledge(request: AnyRequest, data: JSONBody[AlertIds]) -> HandledInfo:
    """Say that somebody has seen to these alerts. The first acknowledgement stays."""
    ids = [each.bytes for each in data.ids]
    return _show_handled(acknowledge_alerts(reach.alerts(request), _viewer(request), ids))


@post("/v1/alerts/snooze", guards=[brings(READ)], tags=["alerts"], status_code=200, sync_to_thread=True)
def snooze(request: AnyRequest, data: JSONBody[AlertSnooze]) -> HandledInfo:
    """Put alerts out of the way until a moment, or take them back."""
    ids = [each.bytes for each in data.ids]
    until = None if data.until is None else to_micros(data.until)
    return _show_handled(snooze_alerts(reach.alerts(request), _viewer(request), ids, until))


@get("/v1/alert-rules", tags=["alerts"], sync_to_thread=True)
def list_rules(request: AnyRequest) -> AlertRuleList:
    """Every rule with its thresholds and their bounds."""
    api_viewer(request, READ)
    return AlertRuleList([_show_rule(rule) for rule in RULES])


@get("/v1/alert-rules/{name:str}/trial", tags=["alerts"], sync_to_thread=True)
def get_trial(request: AnyRequest, name: FromPath[str], since: Since) -> TrialInfo:
    """How often a rule would have fired since a moment, and how often that would have been right. For keys only."""
    services, viewer = reach.alerts(request), api_viewer(request, READ)
    trial = try_rule(services, viewer, find_rule(name), _read_moment(since, services.clock()))
    right, wrong = count_right(trial.fired)
    return TrialInfo(
        rule=trial.rule,
        since=from_micros(trial.since),
        until=from_micros(trial.until),
        replayed=trial.replayed,
        events=trial.events,
        fired=len(trial.fired),
        students=len({each.alert.student_id for each in trial.fired} - {None}),
        right=right,
        wrong=wrong,
        undecided=len(trial.fired) - right - wrong,
        alerts=[_show_fired(each) for each in trial.fired],
    )


# Litestar loses the name of a handler that shares its path with another one.
@get(
    "/v1/alert-thresholds",
    operation_id="V1AlertThresholdsGetThresholds",
    summary="GetThresholds",
    tags=["alerts"],
    sync_to_thread=True,
)
def get_thresholds(request: AnyRequest, course: Course) -> AlertRuleList:
    """The numbers of every rule that hold in a course, for its instructors and for administrators."""
    thresholds = read_thresholds(reach.alerts(request), _viewer(request), course)
    return AlertRuleList([_show_rule(rule, thresholds, course) for rule in rules_of(course)])


@put(
    "/v1/alert-thresholds",
    operation_id="V1AlertThresholdsPutThresholds",
    summary="PutThresholds",
    guards=[brings(READ)],
    tags=["alerts"],
    sync_to_thread=True,
)
def put_thresholds(request: AnyRequest, data: JSONBody[ThresholdChange]) -> AlertRuleInfo:
    """Set numbers of a rule in a course. They hold at once, for alerts that are open too."""
    services, rule = reach.alerts(request), find_rule(data.rule)
    viewer = _viewer(request)
    change_thresholds(services, viewer, data.course, rule, data.values)
    return _show_rule(rule, read_thresholds(services, viewer, data.course), data.course)


def show_alert(labelled: LabelledAlert) -> AlertInfo:
    """An alert as the API says it."""
    kept, names = labelled
    alert = kept.alert
    return AlertInfo(
        id=UUID(bytes=alert.alert_id),
        rule=alert.rule,
        title=alert_title(alert.rule),
        severity=alert.severity,
        about=alert.about,
        course=alert.course_id,
        course_title=names.course,
        student=to_text(alert.student_id) if alert.student_id else "",
        student_name=names.student,
        item=alert.item,
        item_title=names.item,
        reason=alert_reason(alert, names),
        clears=alert_clears(alert.rule),
        raised_at=from_micros(alert.raised_at),
        updated_at=from_micros(alert.updated_at),
        cleared_at=_moment(alert.cleared_at),
        acknowledged_at=_moment(kept.acknowledged_at),
        acknowledged_by=kept.acknowledged_by,
        snoozed_until=_moment(kept.snoozed_until),
    )


def _show_event(event: EvidenceEvent) -> EvidenceInfo:
    return EvidenceInfo(*event)


def _show_handled(handled: Handled) -> HandledInfo:
    return HandledInfo(handled.changed, [UUID(bytes=each) for each in handled.unknown])


def _show_rule(rule: Rule, thresholds: ThresholdStore | None = None, course: str = "") -> AlertRuleInfo:
    values = thresholds.values(rule, course) if thresholds else rule.defaults()
    own = thresholds.own(rule, course) if thresholds else {}
    return AlertRuleInfo(
        name=rule.name,
        title=alert_title(rule.name),
        clears=alert_clears(rule.name),
        severity=rule.severity,
        about=rule.about,
        audience=list(rule.audience),
        cooldown_s=rule.cooldown / 1e6,
        thresholds=[
            ThresholdInfo(each.name, values[each.name], *each[1:4], each.unit, each.name in own)
            for each in rule.thresholds
        ],
    )


def _show_fired(fired: Fired) -> TrialAlert:
    alert = fired.alert
    student = to_text(alert.student_id) if alert.student_id else ""
    raised, cleared = from_micros(alert.raised_at), _moment(alert.cleared_at)
    return TrialAlert(student, alert.course_id, alert.item, raised, cleared, fired.right)


def _read_moment(text: str, now: Micros) -> Micros:
    try:
        moment = datetime.fromisoformat(text)
        since = to_micros(moment if moment.tzinfo else moment.replace(tzinfo=from_micros(0).tzinfo))
    except (ValueError, OverflowError):
        since = -1
    if not 0 <= since <= now:
        sentence = "`since` must be a moment in the past, such as 2026-11-01 or 2026-11-01T08:00:00Z."
        raise RequestError("invalid_date", sentence, path="$.since")
    return since


def _moment(at: Micros | None) -> datetime | None:
    return None if at is None else from_micros(at)


def _viewer(request: AnyRequest) -> Viewer:
    return api_viewer(request, READ)


routes = [
    list_alerts,
    get_alert,
    acknowledge,
    snooze,
    list_rules,
    get_trial,
    get_thresholds,
    put_thresholds,
]
