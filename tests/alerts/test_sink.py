"""What processors raise reaches the store: once, whatever happens to the server in between."""

from __future__ import annotations

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import Alert
from coursepulse.alerts.memory import MemoryAlerts
from coursepulse.alerts.port import AlertChanges, AlertFilter, Standing
from coursepulse.alerts.sink import AlertSink
from coursepulse.alerts.streak_rules import FAILED_SUBMITS, STREAK_RULES
from coursepulse.kit.clock import HOUR, MINUTE, Micros
from coursepulse.stream.runners.embedded import EmbeddedRunner
from tests.alerts.made import alert
from tests.alerts.test_streaks import NOON, event, fail, processor

KEY = Viewer(role=Role.SERVICE, subject="key", scopes=frozenset({"read"}))
THREE = [fail(1, 0), fail(2, MINUTE), fail(3, 2 * MINUTE)]
PASS = event(4, "quiz_submit", 3 * MINUTE, assessment_id="q1", passed=True)


class Life:
    """A server's life with a store that outlives it."""

    def __init__(self, store: MemoryAlerts) -> None:
        self.store = store
        sink = AlertSink(store, STREAK_RULES, lambda: NOON)
        self.runner = EmbeddedRunner([processor(FAILED_SUBMITS)], [sink])

    def alerts(self, standing: Standing = Standing.ALL) -> list[Alert]:
        return [kept.alert for kept in self.store.search(AlertFilter(standing), KEY, NOON)]


def test_alerts_are_kept_in_the_pass_that_raises_them() -> None:
    life = Life(MemoryAlerts())
    life.runner.process(THREE)
    (raised,) = life.alerts(Standing.OPEN)
    assert (raised.rule, raised.item) == ("failed_submits", "q1")
    life.runner.process([PASS])
    assert [each.alert_id for each in life.alerts(Standing.CLEARED)] == [raised.alert_id]


def test_a_late_event_withdraws_an_alert() -> None:
    life = Life(MemoryAlerts())
    told: list[AlertChanges] = []
    life.store.on_changed(told.append)
    life.runner.process(THREE)
    life.runner.process([event(9, "quiz_submit", MINUTE + 1, assessment_id="q1", passed=True)])
    assert life.alerts() == []
    assert [len(one.gone) for one in told] == [0, 1]


def test_after_a_crash_nothing_is_doubled_and_nothing_stays_open() -> None:
    store = MemoryAlerts()
    before = Life(store)
    before.runner.process(THREE)
    (raised,) = before.alerts()
    told: list[AlertChanges] = []
    store.on_changed(told.append)
    after = Life(store)
    after.runner.process([*THREE, PASS])
    after.runner.reconcile()
    assert [(each.alert_id, each.cleared_at) for each in after.alerts()] == [(raised.alert_id, PASS.at)]
    assert len(told) == 1


def test_a_restart_with_the_same_events_tells_nobody_again() -> None:
    store = MemoryAlerts()
    Life(store).runner.process(THREE)
    told: list[AlertChanges] = []
    store.on_changed(told.append)
    again = Life(store)
    again.runner.process(THREE)
    again.runner.reconcile()
    assert told == []


def lonely(number: int, at: Micros, cleared_at: Micros | None = None) -> Alert:
    """An alert that an earlier life raised and nothing says again."""
    return alert(
        number, rule="failed_submits", raised_at=NOON + at, updated_at=NOON + at, cleared_at=cleared_at
    )


def test_what_is_not_said_again_after_a_start_was_untrue_or_is_over() -> None:
    store = MemoryAlerts()
    store.put([lonely(1, -MINUTE), lonely(2, -40 * HOUR), lonely(3, -40 * HOUR, NOON - 39 * HOUR)])
    life = Life(store)
    life.runner.tick(NOON)
    life.runner.reconcile()
    assert {each.alert_id[0]: each.cleared_at for each in life.alerts()} == {2: NOON, 3: NOON - 39 * HOUR}


def test_alerts_of_other_rules_are_left_alone() -> None:
    store = MemoryAlerts()
    store.put([alert(1)])
    life = Life(store)
    life.runner.tick(NOON)
    life.runner.reconcile()
    assert len(life.alerts(Standing.OPEN)) == 1
