"""From changes of alerts to what is to be sent. It judges no rights: they are asked when a message leaves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Protocol

from coursepulse.alerts.alert import Alert, KeptAlert
from coursepulse.alerts.delivery.alarm import Alarm
from coursepulse.alerts.delivery.choices import MailChoice, find_due
from coursepulse.alerts.delivery.outbox import MailOutbox, MailWish
from coursepulse.alerts.delivery.recipient import Recipient
from coursepulse.alerts.delivery.webhook_store import WebhookStore
from coursepulse.alerts.delivery.webhooks import Happened, HearingWebhook
from coursepulse.alerts.port import AlertChanges
from coursepulse.alerts.rule import Audience, Severity
from coursepulse.kit.clock import DAY, Clock, Micros

#: Changes older than this are no news: mails or webhooks have just been set up.
_NEWS: Micros = DAY


class ChangedAlerts(Protocol):
    """The part of an alert store that planning uses."""

    def changed_after(self, number: int) -> AlertChanges:
        """What has changed since the change with this number."""


class Planner:
    """A job: puts what has changed into the outbox. Doing it twice changes nothing.

    :param default: what an account gets that has chosen nothing; None where no mails are sent
    :param planned: called when there is something to send
    """

    def __init__(
        self,
        alerts: ChangedAlerts,
        outbox: MailOutbox,
        webhooks: WebhookStore,
        *,
        default: MailChoice | None,
        planned: Sequence[Callable[[], None]],
        clock: Clock,
    ) -> None:
        self._alerts, self._outbox, self._webhooks = alerts, outbox, webhooks
        self._default, self._planned, self._clock = default, planned, clock
        self.alarm = Alarm(lambda: None)

    def on_changed(self, changes: AlertChanges) -> None:  # noqa: ARG002 - read from the store, in order
        """Hears of changes in this process."""
        self.alarm.ring()

    def run(self) -> None:
        """Plan what is new."""
        now = self._clock()
        if self.alarm.take(now):
            self._plan(now)
            self.alarm.set(now)

    def _plan(self, now: Micros) -> None:
        position = self._outbox.position()
        changes = self._alerts.changed_after(position)
        if changes.number == position:
            return
        news = [kept for kept in changes.changed if kept.alert.updated_at > now - _NEWS]
        self._plan_mails([kept.alert for kept in news if is_waiting(kept, now)], now)
        self._plan_messages([kept.alert for kept in news], now)
        self._outbox.move(changes.number)
        for tell in self._planned:
            tell()

    def _plan_mails(self, alerts: Sequence[Alert], now: Micros) -> None:
        if self._default is None or not alerts:
            return
        wanted = list(self._candidates(alerts))
        recipients = self._outbox.recipients({account for account, _ in wanted})
        wishes = (
            self._wish(recipients[account], alert, now) for account, alert in wanted if account in recipients
        )
        self._outbox.add(wish for wish in wishes if wish)

    def _wish(self, recipient: Recipient, alert: Alert, now: Micros) -> MailWish | None:
        choice = recipient.choice or self._default
        if choice is None or not recipient.address:
            return None
        due = find_due(choice, recipient.zone(choice), now, urgent=alert.severity is Severity.URGENT)
        return None if due is None else MailWish(recipient.account_id, alert.alert_id, due)

    def _candidates(self, alerts: Sequence[Alert]) -> Iterator[tuple[str, Alert]]:
        """Accounts that may be told of an alert. Whether they may see it is another question."""
        told: dict[Audience, list[Alert]] = {}
        for alert in alerts:
            for audience in alert.audience:
                told.setdefault(audience, []).append(alert)
        yield from self._instructors(told.get(Audience.INSTRUCTORS, []))
        yield from self._managers(told.get(Audience.MANAGERS, []))
        if for_admins := told.get(Audience.ADMINS):
            admins = self._outbox.admins()
            yield from ((account, alert) for alert in for_admins for account in admins)

    def _instructors(self, alerts: Sequence[Alert]) -> Iterator[tuple[str, Alert]]:
        courses = {alert.course_id for alert in alerts if alert.course_id}
        accounts = _group(self._outbox.instructors(courses)) if courses else {}
        for alert in alerts:
            yield from ((account, alert) for account in accounts.get(alert.course_id, ()))

    def _managers(self, alerts: Sequence[Alert]) -> Iterator[tuple[str, Alert]]:
        accounts = self._leaders(alerts)
        for alert in alerts:
            yield from ((account, alert) for account in accounts.get(alert.student_id or b"", ()))

    def _leaders(self, alerts: Sequence[Alert]) -> dict[str | bytes, list[str]]:
        """Accounts that lead a team of the students of alerts."""
        students = {alert.student_id for alert in alerts if alert.student_id}
        return _group(self._outbox.managers(students)) if students else {}

    def _plan_messages(self, alerts: Sequence[Alert], now: Micros) -> None:
        hearing = self._webhooks.hearing({alert.course_id for alert in alerts}) if alerts else []
        of_teams = any(each.owner_id and each.course_id is None for each in hearing)
        leaders = self._leaders(alerts) if of_teams else {}
        news = [
            (each.webhook_id, alert.alert_id, _tell(alert))
            for alert in alerts
            for each in hearing
            if _hears(each, alert, leaders.get(alert.student_id or b"", ()))
        ]
        if news:
            self._webhooks.plan(news, now)


def is_waiting(kept: KeptAlert, now: Micros) -> bool:
    """Whether an alert is open and nobody has seen to it."""
    snoozed = kept.snoozed_until is not None and kept.snoozed_until > now
    return kept.alert.cleared_at is None and kept.acknowledged_at is None and not snoozed


def _hears(webhook: HearingWebhook, alert: Alert, leaders: Collection[str]) -> bool:
    """Whether an alert may concern a webhook. Whether it may be told is another question."""
    if webhook.course_id is not None:
        return webhook.course_id == alert.course_id
    if webhook.owner_id is None:
        return True
    return Audience.MANAGERS in alert.audience and webhook.owner_id in leaders


def _tell(alert: Alert) -> Happened:
    return Happened.RAISED if alert.cleared_at is None else Happened.CLEARED


def _group(pairs: Iterable[tuple[str, str]] | Iterable[tuple[bytes, str]]) -> dict[str | bytes, list[str]]:
    grouped: dict[str | bytes, list[str]] = {}
    for key, account in pairs:
        grouped.setdefault(key, []).append(account)
    return grouped
