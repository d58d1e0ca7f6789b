"""What people do with alerts and thresholds, and what is written down about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from uuid import UUID

from coursepulse.access.decide import Action, CourseSubject
from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import AlertNames, EvidenceEvent, KeptAlert
from coursepulse.alerts.bounds import check_place, check_thresholds
from coursepulse.alerts.catalog import RULES, rule_named
from coursepulse.alerts.port import AlertFilter
from coursepulse.alerts.rule import About, Rule
from coursepulse.kit.clock import DAY, Micros, from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web.audit.writing import note, note_each, require

if TYPE_CHECKING:
    from coursepulse.alerts.trial import Trial
    from coursepulse.web.alerts.ports import AlertInboxPort, AlertServices, ThresholdStore

_Part = TypeVar("_Part")

#: An alert may be put aside for so long.
LONGEST_SNOOZE: Micros = 90 * DAY

#: How the trail calls what is done with an alert about a student.
READ_ALERT, ACKNOWLEDGED, SNOOZED = (
    "alerts:student:read",
    "alerts:student:acknowledge",
    "alerts:student:snooze",
)
THRESHOLDS_CHANGED, THRESHOLDS_REFUSED = "alerts:course:changed", "alerts:course:refused"


class LabelledAlert(NamedTuple):
    """An alert with the names that its viewer may read."""

    kept: KeptAlert
    names: AlertNames


class Handled(NamedTuple):
    """What came of handling several alerts.

    :param unknown: ids of those that the viewer may not see, or that are not there
    """

    changed: int
    unknown: list[bytes]


def search_alerts(services: AlertServices, viewer: Viewer, wanted: AlertFilter) -> list[LabelledAlert]:
    """Alerts that the viewer may see, newest first. Each is a look at the record of its student."""
    inbox = alert_inbox(services)
    return label(inbox, viewer, _note(services, viewer, READ_ALERT, inbox.search(wanted, viewer)))


def explain_alert(
    services: AlertServices, viewer: Viewer, alert: bytes
) -> tuple[LabelledAlert, list[EvidenceEvent]]:
    """An alert and the events behind it.

    :raises RequestError: ``unknown_alert``, also for one that the viewer may not see
    """
    inbox = alert_inbox(services)
    found = _note(services, viewer, READ_ALERT, inbox.find([alert], viewer))
    if not found:
        raise RequestError("unknown_alert", "There is no such alert.", 404)
    return label(inbox, viewer, found)[0], inbox.evidence(found[0].alert, viewer)


def acknowledge_alerts(services: AlertServices, viewer: Viewer, alerts: Collection[bytes]) -> Handled:
    """Say that somebody has seen to these alerts. The first acknowledgement stays.

    :raises RequestError: ``forbidden`` for a key
    """
    inbox, found = _handle(services, viewer, ACKNOWLEDGED, alerts)
    return Handled(inbox.acknowledge(found, viewer), _left(alerts, found))


def snooze_alerts(
    services: AlertServices, viewer: Viewer, alerts: Collection[bytes], until: Micros | None
) -> Handled:
    """Put alerts aside until a moment, or take them back.

    :raises RequestError: ``forbidden`` for a key, or ``invalid_snooze``
    """
    _refuse_keys(viewer)
    now = services.clock()
    if until is not None and not now < until <= now + LONGEST_SNOOZE:
        raise RequestError("invalid_snooze", "Snooze until a moment in the next 90 days.", path="$.until")
    inbox, found = _handle(services, viewer, SNOOZED, alerts)
    return Handled(inbox.snooze(found, until, viewer), _left(alerts, found))


def find_rule(name: str) -> Rule:
    """The rule with this name.

    :raises RequestError: ``unknown_rule``
    """
    rule = rule_named(name)
    if rule is None:
        known = ", ".join(each.name for each in RULES)
        raise RequestError("unknown_rule", f"There is no rule {name[:64]}; choose one of {known}.", 404)
    return rule


def read_thresholds(services: AlertServices, viewer: Viewer, course: str) -> ThresholdStore:
    """The thresholds of a course, for its instructors and for administrators.

    :raises RequestError: ``forbidden``, ``unknown_course``
    """
    require(services, viewer, Action.CHANGE, CourseSubject(course), THRESHOLDS_REFUSED, course)
    services.metrics.require_course(course, viewer)
    return _there(services.thresholds)


def rules_of(course: str) -> list[Rule]:
    """The rules that have thresholds in a course; without one, those of the platform."""
    return [rule for rule in RULES if (rule.about is About.PLATFORM) != bool(course)]


def change_thresholds(
    services: AlertServices, viewer: Viewer, course: str, rule: Rule, values: Mapping[str, float | None]
) -> None:
    """Set thresholds of a course; None takes one back to the usual number.

    :raises RequestError: ``forbidden``, ``unknown_course``, ``not_of_a_course``, ``of_a_course``,
        ``unknown_threshold`` or ``threshold_out_of_bounds``
    """
    thresholds = read_thresholds(services, viewer, course)
    check_place(rule, course)
    check_thresholds(rule, values)
    told = " ".join(f"{name}={'usual' if value is None else f'{value:g}'}" for name, value in values.items())
    note(services, viewer, THRESHOLDS_CHANGED, course, f"{rule.name} {told}")
    thresholds.change(rule, course, values, viewer.subject, services.clock())


def try_rule(services: AlertServices, viewer: Viewer, rule: Rule, since: Micros) -> Trial:
    """Try a rule on what is stored, for the program that runs the platform.

    :raises RequestError: ``forbidden`` for everybody else
    """
    if viewer.role is not Role.SERVICE:
        raise RequestError("forbidden", "You may not do this.", 403)
    note(services, viewer, "alerts:rule:tried", detail=rule.name)
    return _there(services.alert_trials).run(rule, since)


def write_place(last: KeptAlert) -> str:
    """Where the page after this alert begins."""
    return f"{last.alert.raised_at}-{last.alert.alert_id.hex()}"


def read_place(text: str) -> tuple[Micros, bytes] | None:
    """Where a page begins; None for the first.

    :raises RequestError: ``invalid_request``
    """
    if not text:
        return None
    at, _, alert = text.partition("-")
    try:
        place = int(at), UUID(hex=alert).bytes
        from_micros(place[0])
    except (ValueError, OverflowError):
        raise RequestError(
            "invalid_request", "`after` must be the `next` of a page.", path="$.after"
        ) from None
    return place


def label(inbox: AlertInboxPort, viewer: Viewer, found: Sequence[KeptAlert]) -> list[LabelledAlert]:
    """Alerts with the names that the viewer may read."""
    names = inbox.names([kept.alert for kept in found], viewer)
    return [LabelledAlert(*each) for each in zip(found, names, strict=True)]


def alert_inbox(services: AlertServices) -> AlertInboxPort:
    """The alerts.

    :raises RequestError: ``not_here`` where this process only collects
    """
    return _there(services.alerts)


def _handle(
    services: AlertServices, viewer: Viewer, tag: str, alerts: Collection[bytes]
) -> tuple[AlertInboxPort, list[bytes]]:
    """Those of some alerts that the viewer may handle, which the trail has taken note of."""
    _refuse_keys(viewer)
    inbox = alert_inbox(services)
    found = _note(services, viewer, tag, inbox.find(alerts, viewer))
    return inbox, [kept.alert.alert_id for kept in found]


def _refuse_keys(viewer: Viewer) -> None:
    if viewer.role is Role.SERVICE:
        raise RequestError("forbidden", "Alerts are handled by people, not by keys.", 403)


def _note(
    services: AlertServices, viewer: Viewer, tag: str, found: Sequence[KeptAlert]
) -> Sequence[KeptAlert]:
    students = {to_text(kept.alert.student_id) for kept in found if kept.alert.student_id}
    if students:
        note_each(services, viewer, tag, students)
    return found


def _left(alerts: Collection[bytes], found: Collection[bytes]) -> list[bytes]:
    return [alert for alert in alerts if alert not in set(found)]


def _there(part: _Part | None) -> _Part:
    if part is None:
        sentence = "This process only collects events. Ask the process that stores them."
        raise RequestError("not_here", sentence, 503)
    return part
