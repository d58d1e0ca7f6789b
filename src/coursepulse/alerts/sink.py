"""Takes the alerts that stream processors raise, in the pass that raised them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from coursepulse.alerts.alert import Alert
from coursepulse.alerts.port import AlertStore
from coursepulse.alerts.rule import EventStreak, Rule
from coursepulse.alerts.streaks import KIND
from coursepulse.kit.clock import Clock, Micros
from coursepulse.kit.ids import NIL
from coursepulse.stream.processor import About, Changes, Output, everybody


class AlertSink:
    """:class:`coursepulse.stream.processor.OutputSink`.

    :param rules: rules other than those that processors run are somebody else's
    :param about: alerts about other students are another worker's
    """

    kinds = frozenset({KIND})

    def __init__(
        self, store: AlertStore, rules: Sequence[Rule], clock: Clock, about: About = everybody
    ) -> None:
        self._store, self._clock, self._about = store, clock, about
        self._lateness = {
            rule.name: rule.condition.lateness for rule in rules if isinstance(rule.condition, EventStreak)
        }

    def apply(self, changes: Changes) -> None:
        self._store.put(_alerts(changes.put))
        self._store.withdraw(changes.withdrawn, self._clock())

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:
        """What is open and was not said again is over. If late events could still change it, it never was."""
        self._store.put(_alerts(outputs))
        said = {output.output_id for output in outputs}
        for rule, lateness in self._lateness.items():
            known = self._store.open_of(rule, cleared_after=now - lateness)
            unsaid = [
                alert
                for alert in known
                if alert.alert_id not in said and self._about(alert.student_id or NIL)
            ]
            self._settle(unsaid, now - lateness, now)

    def _settle(self, unsaid: list[Alert], horizon: Micros, now: Micros) -> None:
        untrue = [alert.alert_id for alert in unsaid if alert.raised_at >= horizon]
        over = [alert for alert in unsaid if alert.raised_at < horizon and alert.cleared_at is None]
        self._store.withdraw(untrue, now)
        self._store.clear([alert.alert_id for alert in over], now)


def _alerts(outputs: Collection[Output]) -> list[Alert]:
    return [output.value for output in outputs if isinstance(output.value, Alert)]
