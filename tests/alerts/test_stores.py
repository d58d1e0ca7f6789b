"""Every store of alerts keeps the same promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.memory import MemoryAlerts
from coursepulse.alerts.port import AlertChanges, AlertFilter, AlertStore, Standing
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.alerts.written import WrittenMessages
from coursepulse.kit.clock import HOUR, MINUTE, from_micros
from coursepulse.store.postgres.connect import APP, SERVICE, Pool, open_pool
from tests.alerts.made import ANN, BEN, NOW, about, alert
from tests.support.postgres import Server

#: Sees everything: the store's own policies have a test of their own.
KEY = Viewer(role=Role.SERVICE, subject="key", scopes=frozenset({"read"}))

Open: TypeAlias = Callable[[], AlertStore]


@pytest.fixture(scope="module")
def pools(postgres_server: Server) -> Iterator[tuple[Pool, Pool]]:
    with (
        postgres_server.database() as dsn,
        open_pool(dsn, 2, role=SERVICE) as service,
        open_pool(dsn, 2, role=APP) as app,
    ):
        yield service, app


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest, pools: tuple[Pool, Pool]) -> AlertStore:
    if request.param == "memory":
        return MemoryAlerts()
    with pools[0].connection() as connection:
        connection.execute("DELETE FROM alerts")
    return PostgresAlerts(*pools)


def ids(store: AlertStore, standing: Standing = Standing.NEW, **wanted: object) -> list[int]:
    """The alerts of a list, by the byte that their ids are made of."""
    found = store.search(AlertFilter(standing, **wanted), KEY, NOW)  # type: ignore[arg-type]
    return [kept.alert.alert_id[0] for kept in found]


def listen(store: AlertStore) -> list[AlertChanges]:
    told: list[AlertChanges] = []
    store.on_changed(told.append)
    return told


def test_an_alert_comes_back_as_it_was_put(store: AlertStore) -> None:
    whole = alert(1, item="q1", evidence=("e1", "e2"), values={"times": 3.0, "score": "low"})
    store.put([whole, alert(2, None), alert(3, None, "")])
    assert [kept.alert for kept in store.find([whole.alert_id], KEY)] == [whole]
    assert ids(store) == [3, 2, 1]


def test_what_is_put_twice_is_told_once(store: AlertStore) -> None:
    told = listen(store)
    store.put([alert(1)])
    store.put([alert(1, updated_at=NOW + HOUR)])
    assert [[kept.alert.alert_id[0] for kept in one.changed] for one in told] == [[1]]


def test_an_update_keeps_what_people_did(store: AlertStore) -> None:
    store.put([alert(1)])
    assert store.acknowledge([alert(1).alert_id], "account:a", NOW) == 1
    store.put([alert(1, values={"times": 4.0})])
    (kept,) = store.find([alert(1).alert_id], KEY)
    assert (kept.acknowledged_by, kept.acknowledged_at, kept.alert.values) == (
        "account:a",
        NOW,
        {"times": 4.0},
    )


def test_only_the_first_acknowledges(store: AlertStore) -> None:
    store.put([alert(1), alert(2)])
    both = [alert(1).alert_id, alert(2).alert_id]
    assert store.acknowledge(both[:1], "account:a", NOW) == 1
    assert store.acknowledge(both, "account:b", NOW) == 1
    assert {kept.acknowledged_by for kept in store.find(both, KEY)} == {"account:a", "account:b"}
    assert (ids(store), ids(store, Standing.ACKNOWLEDGED)) == ([], [2, 1])


def test_a_snooze_ends_by_itself(store: AlertStore) -> None:
    store.put([alert(1), alert(2)])
    assert store.snooze([alert(1).alert_id], NOW + HOUR, "account:a") == 1
    assert (ids(store), ids(store, Standing.SNOOZED)) == ([2], [1])
    later = store.search(AlertFilter(), KEY, NOW + HOUR)
    assert [kept.alert.alert_id[0] for kept in later] == [2, 1]
    assert store.snooze([alert(1).alert_id], None, "account:a") == 1
    assert ids(store) == [2, 1]


def test_cleared_alerts_have_a_list_of_their_own(store: AlertStore) -> None:
    store.put([alert(1), alert(2)])
    store.clear([alert(1).alert_id, bytes(16)], NOW + HOUR)
    assert (ids(store), ids(store, Standing.CLEARED), ids(store, Standing.ALL)) == ([2], [1], [2, 1])


def test_what_late_events_withdraw_nobody_sees(store: AlertStore) -> None:
    told = listen(store)
    store.put([alert(1)])
    store.withdraw([alert(1).alert_id], NOW)
    store.withdraw([alert(1).alert_id], NOW)
    assert ids(store, Standing.ALL) == []
    assert store.find([alert(1).alert_id], KEY) == []
    assert store.acknowledge([alert(1).alert_id], "account:a", NOW) == 0
    assert [one.gone for one in told] == [[], [alert(1).alert_id]]
    store.put([alert(1)])
    assert ids(store) == [1]


def test_a_list_is_narrowed_and_read_page_by_page(store: AlertStore) -> None:
    store.put([alert(1), alert(2, BEN), alert(3, course="art"), alert(4, rule="stuck")])
    assert ids(store, course="maths") == [4, 2, 1]
    assert ids(store, student=BEN) == [2]
    assert ids(store, rule="stuck") == [4]
    assert ids(store, limit=2) == [4, 3]
    assert ids(store, limit=2, before=(NOW + 3, alert(3).alert_id)) == [2, 1]


def test_open_alerts_of_a_rule_are_found_by_what_they_are_about(store: AlertStore) -> None:
    store.put([alert(1), alert(2, BEN), alert(3, rule="stuck"), alert(4, cleared_at=NOW)])
    assert [one.alert_id[0] for one in store.open_of("quiet", [about(ANN)])] == [1]
    assert {one.alert_id[0] for one in store.open_of("quiet")} == {1, 2}
    lately = store.open_of("quiet", [about(ANN)], cleared_after=NOW - 1)
    assert {one.alert_id[0] for one in lately} == {1, 4}
    assert store.open_of("quiet", [about(ANN, "art"), about(None)]) == []


def test_changes_are_told_in_order_and_read_again(store: AlertStore) -> None:
    told = listen(store)
    start = store.changed_after(0).number
    store.put([alert(1), alert(2)])
    store.acknowledge([alert(1).alert_id], "account:a", NOW)
    store.withdraw([alert(2).alert_id], NOW)
    again = store.changed_after(start)
    assert [kept.alert.alert_id[0] for kept in again.changed] == [1]
    assert again.gone == [alert(2).alert_id]
    assert again.number == told[-1].number
    assert store.changed_after(again.number) == AlertChanges(again.number, [], [])


def test_nothing_is_left_of_a_student(store: AlertStore) -> None:
    told = listen(store)
    store.put([alert(1), alert(2, BEN)])
    assert store.forget([ANN]) == 1
    assert store.forget([ANN]) == 0
    assert ids(store, Standing.ALL) == [2]
    assert told[-1].gone == [alert(1).alert_id]


def test_alerts_that_have_been_over_for_long_go(store: AlertStore) -> None:
    store.put([alert(1), alert(2, cleared_at=NOW - HOUR), alert(3, cleared_at=NOW - 1)])
    assert store.prune(NOW - 1) == 1
    assert ids(store, Standing.ALL) == [3, 1]


def test_messages_are_forgotten_as_alerts_are(pools: tuple[Pool, Pool]) -> None:
    written = WrittenMessages(pools[0])
    for at in (NOW - 2 * HOUR, NOW):
        written.note([(ANN, "maths")], "ada", at)
    PostgresAlerts(*pools).prune(NOW - 1)
    with pools[0].connection() as connection:
        left = connection.execute("SELECT account, at FROM student_messages").fetchall()
    assert left == [("ada", from_micros(NOW))]


def test_going_on_with_a_message_for_an_hour_writes_one(pools: tuple[Pool, Pool]) -> None:
    written = WrittenMessages(pools[0])
    for minutes in (0, 59, 61):
        written.note([(ANN, "physics")], "ada", NOW + minutes * MINUTE)
    written.note([(ANN, "physics")], "bob", NOW + 59 * MINUTE)
    with pools[0].connection() as connection:
        found = connection.execute(
            "SELECT account, at FROM student_messages WHERE course_id = 'physics' ORDER BY account, at"
        ).fetchall()
    moments = [("ada", NOW), ("ada", NOW + 61 * MINUTE), ("bob", NOW + 59 * MINUTE)]
    assert found == [(who, from_micros(at)) for who, at in moments]


def test_nothing_is_kept_about_who_refuses(pools: tuple[Pool, Pool]) -> None:
    store = PostgresAlerts(*pools, refuses=lambda student: student == BEN)
    store.put([msgspec.structs.replace(alert(9), student_id=BEN)])
    assert store.find([alert(9).alert_id], KEY) == []
