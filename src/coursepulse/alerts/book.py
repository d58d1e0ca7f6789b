"""Findings become alerts: raised once, updated, cleared by themselves, opened again when they come back soon."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import msgspec

from coursepulse.alerts.alert import Alert, AlertSubject, make_alert_id
from coursepulse.alerts.rule import Finding, Rule
from coursepulse.kit.clock import Micros

#: What a condition found about each subject.
Findings: TypeAlias = Mapping[AlertSubject, Sequence[Finding]]

_Place: TypeAlias = tuple[AlertSubject, str]


class Judged(NamedTuple):
    """What a judgement changed. Whether an alert opened for the first time or again, only its id says."""

    opened: list[Alert]
    updated: list[Alert]
    cleared: list[Alert]


class AlertRecord(Protocol):
    """What the book needs of an :class:`~coursepulse.alerts.port.AlertStore`, or of what answers for one."""

    def open_of(
        self,
        rule: str,
        subjects: Collection[AlertSubject] | None = None,
        *,
        cleared_after: Micros | None = None,
    ) -> list[Alert]:
        """Open alerts of a rule, and those that have cleared since a moment."""

    def put(self, alerts: Collection[Alert]) -> None:
        """Add alerts or change them."""


class AlertBook:
    """Compares what conditions find with what is on record."""

    def __init__(self, store: AlertRecord) -> None:
        self._store = store

    def judge(self, rule: Rule, judged: Collection[AlertSubject], found: Findings, now: Micros) -> Judged:
        """Bring the alerts of a rule up to date.

        :param judged: the subjects that were looked at; those without a finding are well
        :raises StoreUnavailable: judge again
        """
        known = self._store.open_of(rule.name, judged, cleared_after=now - rule.cooldown)
        verdict = compare(rule, _by_place(known), _each(judged, found), now)
        self._store.put([*verdict.opened, *verdict.updated, *verdict.cleared])
        return verdict


def compare(
    rule: Rule, known: Mapping[_Place, Alert], found: Mapping[_Place, Finding], now: Micros
) -> Judged:
    """What becomes of the alerts of a rule, given those on record and what its condition finds now."""
    verdict = Judged([], [], [])
    for place, finding in found.items():
        alert = known.get(place)
        if alert is None:
            verdict.opened.append(_raise(rule, place, finding, now))
        elif alert.cleared_at is not None:
            verdict.opened.append(_renew(alert, finding, now))
        elif (alert.evidence, alert.values) != (finding.evidence, finding.values):
            verdict.updated.append(_renew(alert, finding, now))
    over = [alert for place, alert in known.items() if place not in found and alert.cleared_at is None]
    verdict.cleared.extend(msgspec.structs.replace(alert, updated_at=now, cleared_at=now) for alert in over)
    return verdict


def _each(judged: Collection[AlertSubject], found: Findings) -> dict[_Place, Finding]:
    return {(subject, finding.item): finding for subject in judged for finding in found.get(subject, ())}


def _by_place(known: Collection[Alert]) -> dict[_Place, Alert]:
    """The open alert of each place, or else the one that cleared last."""
    ordered = sorted(known, key=lambda alert: (alert.cleared_at is None, alert.cleared_at or 0))
    return {(alert.subject, alert.item): alert for alert in ordered}


def _raise(rule: Rule, place: _Place, finding: Finding, now: Micros) -> Alert:
    subject, item = place
    return Alert(
        alert_id=make_alert_id(rule, subject, item, finding.since),
        rule=rule.name,
        severity=rule.severity,
        about=rule.about,
        audience=rule.audience,
        course_id=subject.course_id,
        student_id=subject.student_id,
        item=item,
        raised_at=now,
        updated_at=now,
        evidence=finding.evidence,
        values=finding.values,
    )


def _renew(alert: Alert, finding: Finding, now: Micros) -> Alert:
    return msgspec.structs.replace(
        alert, updated_at=now, cleared_at=None, evidence=finding.evidence, values=finding.values
    )
