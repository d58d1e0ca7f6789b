"""What is remembered of alerts is what the store has, no matter who changes it."""

from __future__ import annotations

import msgspec
import pytest

from coursepulse.alerts.alert import Alert
from coursepulse.alerts.known import KnownAlerts
from coursepulse.alerts.memory import MemoryAlerts
from coursepulse.kit.clock import HOUR
from coursepulse.kit.errors import StoreUnavailable
from tests.alerts.made import ANN, BEN, NOW, about, alert, rule

QUIET = rule()


class Counting(MemoryAlerts):
    """Counts how often it is asked, and can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.away = 0, False

    def open_of(self, *asked: object, **more: object) -> list[Alert]:
        self.asked += 1
        if self.away:
            raise StoreUnavailable("away")
        return super().open_of(*asked, **more)  # type: ignore[arg-type]


@pytest.fixture
def store() -> Counting:
    store = Counting()
    store.put([alert(1)])
    return store


@pytest.fixture
def known(store: Counting) -> KnownAlerts:
    return KnownAlerts(store, [QUIET])


def test_the_store_is_asked_once(store: Counting, known: KnownAlerts) -> None:
    for _ in range(3):
        assert known.open_of("quiet", [about(ANN), about(BEN)]) == [alert(1)]
        assert known.open_of("quiet") == [alert(1)]
    assert known.open_of("quiet", [about(BEN)]) == []
    assert store.asked == 1


def test_a_store_that_is_away_is_asked_again(store: Counting, known: KnownAlerts) -> None:
    store.away = True
    with pytest.raises(StoreUnavailable):
        known.open_of("quiet")
    store.away = False
    assert known.open_of("quiet") == [alert(1)]


def test_every_change_is_followed_no_matter_who_makes_it(store: Counting, known: KnownAlerts) -> None:
    known.open_of("quiet")
    known.put([alert(2, BEN)])
    store.put([alert(3, BEN, item="l1"), alert(4, rule="another")])
    assert {each.alert_id for each in known.open_of("quiet", [about(BEN)])} == {b"\2" * 16, b"\3" * 16}
    store.clear([b"\2" * 16], NOW)
    assert known.open_of("quiet", [about(BEN)]) == [alert(3, BEN, item="l1")]
    store.withdraw([b"\3" * 16], NOW)
    assert known.open_of("quiet", [about(BEN)]) == []
    store.forget([ANN])
    assert known.open_of("quiet") == []
    assert store.asked == 1


def test_a_change_while_the_alerts_are_read_is_not_lost(store: Counting) -> None:
    known = KnownAlerts(store, [QUIET])
    read = MemoryAlerts.open_of

    def forget_meanwhile(*asked: object, **more: object) -> list[Alert]:
        found = read(store, "quiet")
        store.forget([ANN])
        return found

    store.open_of = forget_meanwhile  # type: ignore[method-assign]
    assert known.open_of("quiet") == []


def test_alerts_that_cleared_are_known_until_their_cooldown_is_over(
    store: Counting, known: KnownAlerts
) -> None:
    cleared = msgspec.structs.replace(alert(1), cleared_at=NOW, updated_at=NOW)
    known.open_of("quiet")
    store.put([cleared])
    assert known.open_of("quiet") == []
    assert known.open_of("quiet", cleared_after=NOW - 1) == [cleared]
    assert known.subjects(["maths", "history"], NOW + QUIET.cooldown - HOUR) == {about(ANN)}
    assert known.subjects(["maths"], NOW + QUIET.cooldown) == set()
    assert known.open_of("quiet", cleared_after=NOW - 1) == []


def test_saying_nothing_asks_nothing(store: Counting, known: KnownAlerts) -> None:
    told: list[object] = []
    store.on_changed(told.append)
    known.put([])
    assert told == []
