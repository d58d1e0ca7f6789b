"""Alerts about the platform: raised and cleared, whatever is down, and what they are made of."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from coursepulse.alerts.alert import Alert
from coursepulse.alerts.platform_alerts import PlatformAlerts
from coursepulse.alerts.platform_reader import PipelineBacklog, PlatformReader, RefusedLately
from coursepulse.alerts.platform_rules import PLATFORM_RULES
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.collect.dead_letters import SqliteDeadLetterQueue
from coursepulse.events.reasons import Rejected, RejectionReason
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.log.memory import MemoryLog, MemoryStorage
from coursepulse.log.positions import Position
from coursepulse.store.postgres.connect import Pool
from tests.alerts.facts_made import NOW
from tests.log.samples import events

GROUP = "pipeline"


class Stores(PostgresAlerts):
    """PostgreSQL as it is when it is away."""

    away = False

    def put(self, alerts: Collection[Alert]) -> None:
        if self.away:
            raise StoreUnavailable("PostgreSQL: no answer")
        super().put(alerts)


class Platform:
    """A log, dead letters, two stores and the judge over them; time is moved by hand."""

    def __init__(self, folder: Path, pool: Pool) -> None:
        self.now = NOW
        self.log = MemoryLog(MemoryStorage(), clock=lambda: self.now)
        self.letters = SqliteDeadLetterQueue(folder / "letters.sqlite")
        self.store, self.broken = Stores(pool, pool), set[str]()
        self.told: list[list[Alert]] = []
        self.refused = 0
        self.start()

    def start(self) -> None:
        asks = {name: lambda name=name: self._ask(name) for name in ("postgres", "clickhouse")}
        reader = PlatformReader(asks, RefusedLately(self.letters), PipelineBacklog(self.log, GROUP))
        self.judge = PlatformAlerts(
            reader.read, self.store, PLATFORM_RULES, lambda rule, _: rule.defaults(), lambda: self.now
        )
        self.judge.on_changed(lambda changes: self.told.append([kept.alert for kept in changes.changed]))

    def _ask(self, name: str) -> None:
        if name in self.broken:
            raise StoreUnavailable(f"{name}: no answer")

    def go_on(self, time: Micros) -> None:
        self.now += time
        self.judge.turn()

    def refuse(self, number: int) -> None:
        reason = next(iter(RejectionReason))
        self.refused += number
        refused = [
            Rejected(0, f"event {n}", reason, "$", "No such type.", b"{}")
            for n in range(self.refused - number, self.refused)
        ]
        self.letters.put(refused, self.now, "somebody")

    def kept(self, rule: str) -> list[str]:
        """The items of the open alerts of a rule, as the store has them."""
        return [alert.item for alert in self.store.open_of(rule)]


@pytest.fixture
def platform(tmp_path: Path, pool: Pool) -> Platform:
    return Platform(tmp_path, pool)


def test_a_burst_of_refused_events_is_told_of_until_it_is_over(platform: Platform) -> None:
    platform.refuse(19)
    platform.go_on(SECOND)
    assert platform.kept("dead_letters") == []
    platform.refuse(1)
    platform.go_on(SECOND)
    assert platform.kept("dead_letters") == [""]
    platform.go_on(14 * MINUTE)
    assert platform.kept("dead_letters") == [""]
    platform.go_on(3 * MINUTE)
    assert platform.kept("dead_letters") == []


def test_what_is_refused_all_day_long_is_usual_also_after_a_start(platform: Platform) -> None:
    for _ in range(96):
        platform.refuse(10)
        platform.now += 15 * MINUTE
    platform.start()
    platform.refuse(25)
    platform.go_on(SECOND)
    assert platform.kept("dead_letters") == []
    platform.refuse(10)
    platform.go_on(SECOND)
    assert platform.kept("dead_letters") == [""]


def test_a_pipeline_that_does_not_get_on_is_told_of_until_it_has_caught_up(platform: Platform) -> None:
    platform.log.append(events(0, 3)).result()
    platform.go_on(0)
    platform.go_on(59 * SECOND)
    assert platform.kept("pipeline_behind") == []
    platform.go_on(SECOND)
    assert platform.kept("pipeline_behind") == [""]
    platform.log.commit(GROUP, platform.log.newest()[0])
    platform.go_on(SECOND)
    assert platform.kept("pipeline_behind") == []


def test_a_pipeline_that_gets_on_under_load_is_not_behind(platform: Platform) -> None:
    for _ in range(40):
        reached = platform.log.newest()
        platform.log.append(events(0, 3)).result()
        platform.go_on(5 * SECOND)
        for position in reached:
            platform.log.commit(GROUP, position)
    platform.go_on(5 * SECOND)
    assert platform.kept("pipeline_behind") == []


def test_a_pipeline_that_stays_behind_by_as_much_is_told_of_all_the_time(platform: Platform) -> None:
    ends = list[Position]()
    for look in range(60):
        platform.log.append(events(0, 3)).result()
        ends += platform.log.newest()
        if look >= 25:
            platform.log.commit(GROUP, ends[look - 25])
        platform.go_on(5 * SECOND)
        assert platform.kept("pipeline_behind") == ([""] if look >= 12 else [])
    assert [alert.values for alert in platform.store.open_of("pipeline_behind")] == [{"behind_s": 120}]


def test_however_long_nothing_gets_on_few_ends_of_the_log_are_remembered(platform: Platform) -> None:
    backlog = PipelineBacklog(platform.log, GROUP)
    for minute in range(3000):
        platform.log.append(events(0, 1)).result()
        assert backlog.age(NOW + minute * MINUTE) == minute * MINUTE
    assert len(backlog._ends) <= 1_001
    platform.log.commit(GROUP, platform.log.newest()[0])
    assert backlog.age(NOW + DAY) == 0


def test_a_store_that_is_down_is_told_of_until_it_is_back(platform: Platform) -> None:
    platform.broken.add("clickhouse")
    platform.go_on(SECOND)
    platform.go_on(SECOND)
    assert platform.kept("store_down") == ["clickhouse"]
    assert len(platform.told) == 1
    platform.broken.clear()
    platform.go_on(SECOND)
    assert platform.kept("store_down") == []


def test_an_alert_reaches_those_who_look_while_the_store_of_alerts_itself_is_down(platform: Platform) -> None:
    platform.go_on(SECOND)
    platform.broken.add("postgres")
    platform.store.away = True
    platform.go_on(SECOND)
    assert [alert.item for alert in platform.judge.current()] == ["postgres"]
    assert [[alert.item for alert in told] for told in platform.told] == [["postgres"]]
    platform.go_on(HOUR)
    platform.broken.clear()
    platform.go_on(SECOND)
    assert platform.judge.current() == []
    # The outage is on record once the store is back, from its beginning to its end.
    platform.store.away = False
    platform.go_on(SECOND)
    assert platform.kept("store_down") == []
    [kept] = platform.store.open_of("store_down", cleared_after=NOW)
    assert kept.cleared_at is not None
    assert kept.cleared_at - kept.raised_at == HOUR + SECOND


def test_after_a_start_what_was_open_goes_on(platform: Platform) -> None:
    platform.broken.add("clickhouse")
    platform.go_on(SECOND)
    [before] = platform.store.open_of("store_down")
    platform.start()
    platform.go_on(MINUTE)
    assert [alert.alert_id for alert in platform.store.open_of("store_down")] == [before.alert_id]
    platform.start()
    platform.broken.clear()
    platform.go_on(MINUTE)
    assert platform.kept("store_down") == []
