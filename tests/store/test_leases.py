"""Leases: who has which partition, and who leads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from coursepulse.kit.clock import HOUR, system_clock
from coursepulse.kit.errors import LeaseLost, StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.log.positions import Position
from coursepulse.store.postgres.changes import CHANGES_KEPT, ChangesFeed, pack_learners, unpack_learners
from coursepulse.store.postgres.connect import Pool, application_of, open_pool
from coursepulse.store.postgres.leases import Leases, share_of
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.rest import PipelineRest
from tests.support.server import wait_until

ANN = bytes(15) + b"a"
BEA = bytes(15) + b"b"


@pytest.mark.parametrize(
    ("workers", "partitions", "shares"), [(1, 4, [4]), (2, 4, [2, 2]), (3, 4, [2, 1, 1]), (3, 2, [1, 1, 0])]
)
def test_workers_share_as_evenly_as_can_be(workers: int, partitions: int, shares: list[int]) -> None:
    names = [f"worker-{number}" for number in range(workers)]
    assert [share_of(name, names, partitions) for name in names] == shares


def test_who_comes_gets_a_share_once_the_others_have_given_it(pool: Pool) -> None:
    one, two = Leases(pool, "one", 4), Leases(pool, "two", 4)
    assert one.turn().epochs == {0: 1, 1: 1, 2: 1, 3: 1}
    assert two.turn().epochs == {}
    asked = one.turn()
    assert len(asked.epochs) == 4
    assert asked.surplus == frozenset({2, 3})
    one.give(asked.surplus)
    assert two.turn().epochs == {2: 2, 3: 2}
    assert one.turn() == ({0: 1, 1: 1}, frozenset())


def test_who_leaves_hands_over_at_once(pool: Pool) -> None:
    one, two = Leases(pool, "one", 2), Leases(pool, "two", 2)
    one.turn()
    two.turn()
    one.leave()
    assert two.turn().epochs == {0: 2, 1: 2}


def test_who_is_silent_loses_everything_and_is_refused(pool: Pool) -> None:
    one, two = Leases(pool, "one", 2, seconds=0.3), Leases(pool, "two", 2, seconds=30)
    raw = PostgresRawStore(pool, epochs=one.turn().epochs)
    assert raw.next_version([Position(0, 1)])
    time.sleep(0.4)
    assert two.turn().epochs == {0: 2, 1: 2}
    with pytest.raises(LeaseLost):
        raw.next_version([Position(0, 1)])
    with pytest.raises(LeaseLost):
        raw.publish([Position(1, 5)], None, 0)
    assert one.turn().epochs == {}


def test_a_batch_that_lost_one_of_its_partitions_publishes_nothing(pool: Pool) -> None:
    raw = PostgresRawStore(pool, epochs=Leases(pool, "one", 2).turn().epochs)
    with pool.connection() as connection:
        connection.execute("UPDATE log_partitions SET owner = 'two', epoch = epoch + 1 WHERE partition = 1")
    with pytest.raises(LeaseLost):
        raw.publish([Position(0, 5), Position(1, 5)], None, 0, [("maths", ANN)])
    assert raw.served(0) == Position(0, 0)
    raw.publish([Position(0, 5)], None, 0, [("maths", ANN)])
    assert raw.served(0) == Position(0, 5)


def test_a_lease_that_ran_out_is_kept_while_nobody_else_wants_it(pool: Pool) -> None:
    one = Leases(pool, "one", 1, seconds=0.1)
    assert one.turn().epochs == {0: 1}
    time.sleep(0.2)
    assert one.turn().epochs == {0: 1}


def test_what_a_silent_worker_holds_open_is_ended(postgres_dsn: str) -> None:
    with open_pool(postgres_dsn, 1, process="one") as hers, open_pool(postgres_dsn, 3, process="two") as his:
        Leases(his, "one", 1, seconds=0.1).turn()
        with hers.connection() as connection:
            connection.execute("SELECT 1")
            time.sleep(0.2)
            Leases(his, "two", 1).turn()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")


def test_a_worker_that_is_stopped_in_its_turn_holds_nobody_up(postgres_dsn: str) -> None:
    queries = Queries("coursepulse.store.postgres.queries")
    with open_pool(postgres_dsn, 3) as pool, psycopg.connect(postgres_dsn) as stopped:
        stopped.execute(queries["leases_patience"])
        stopped.execute(queries["leases_turn"])
        began = time.monotonic()
        assert Leases(pool, "two", 2).turn().epochs == {0: 1, 1: 1}
        assert 2 < time.monotonic() - began < 10
        with pytest.raises(psycopg.Error):
            stopped.execute("SELECT 1")
        stopped.close()


def test_one_leads_and_the_next_one_does_when_it_resigns_or_falls_silent(pool: Pool) -> None:
    one, two = Leases(pool, "one", 1, seconds=0.3), Leases(pool, "two", 1, seconds=30)
    assert (one.lead(), two.lead(), one.lead()) == (1, 0, 1)
    time.sleep(0.4)
    assert (two.lead(), one.lead(), two.lead()) == (2, 0, 2)
    two.resign()
    assert one.lead() == 3


def test_versions_of_a_new_leader_are_larger_than_all_before(pool: Pool) -> None:
    raw = PostgresRawStore(pool)
    before = raw.next_version()
    with pool.connection() as connection:
        # A database that was restored from an old copy.
        connection.execute("SELECT setval('row_versions', 7)")
    Leases(pool, "one", 1).raise_versions()
    assert raw.next_version() > before
    assert raw.next_version() > system_clock() - HOUR


def test_each_batch_has_a_larger_mark_even_if_its_version_is_older(pool: Pool) -> None:
    raw = PostgresRawStore(pool)
    early, late = raw.next_version(), raw.next_version()
    marks = [raw.publish([Position(number, 5)], None, 0) for number in range(3)]
    assert early < late < marks[0] < marks[1] < marks[2]


def test_learners_come_out_as_they_went_in() -> None:
    learners = {("maths", ANN), ("maths", BEA), ("", ANN)}
    assert set(unpack_learners(pack_learners(learners))) == learners


def test_changes_are_read_in_the_order_of_their_marks_and_kept_until_they_are_followed(pool: Pool) -> None:
    raw, feed = PostgresRawStore(pool, tells=True), ChangesFeed(pool)
    now = system_clock()
    marks = [raw.publish([Position(0, 5)], None, now, [("maths", ANN)]) for _ in range(2)]
    feed.note("followed", [("maths", BEA)], now)
    rows = list(feed.after(0))
    assert [row.number for row in rows][:2] == marks
    assert [(row.kind, row.learners) for row in rows] == [
        *(2 * [("served", {("maths", ANN)})]),
        ("followed", {("maths", BEA)}),
    ]
    assert [row.kind for row in feed.after(marks[1])] == ["followed"]
    feed.prune(now + 2 * CHANGES_KEPT)
    assert len(list(feed.after(0))) == 3
    raw.advance("learners", marks[0], None, now)
    feed.prune(now + 2 * CHANGES_KEPT)
    assert next(row.number for row in feed.after(0)) == marks[1]


@pytest.fixture
def rests(postgres_dsn: str) -> Iterator[tuple[PipelineRest, PipelineRest]]:
    with open_pool(postgres_dsn, 4) as pool:
        one, two = (PipelineRest(postgres_dsn, pool, pool, name, system_clock) for name in ("one", "two"))
        yield one, two
        one.leave()
        two.leave()


def test_what_needs_rest_waits_for_every_batch(rests: tuple[PipelineRest, PipelineRest]) -> None:
    one, two = rests
    one.begin()
    with pytest.raises(StoreUnavailable), two.alone(0.2):
        pass
    one.end()
    with two.alone(1), pytest.raises(StoreUnavailable, match="at work"):
        one.begin()
    one.begin()


def test_batches_of_one_process_overlap(rests: tuple[PipelineRest, PipelineRest]) -> None:
    one, two = rests
    one.begin()
    one.begin()
    one.end()
    with pytest.raises(StoreUnavailable), two.alone(0.2):
        pass
    one.end()
    with two.alone(1):
        pass


def test_the_next_batch_is_told_whose_data_were_changed(rests: tuple[PipelineRest, PipelineRest]) -> None:
    one, two = rests
    assert one.begin() == []
    one.end()
    two.tell(ANN, erased=True)
    two.tell(BEA, erased=False)
    assert one.begin() == [(ANN, True), (BEA, False)]
    assert one.begin() == []


def test_a_rest_ends_with_its_process(rests: tuple[PipelineRest, PipelineRest]) -> None:
    one, two = rests
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with two.alone(5):
            begun.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert begun.wait(5)
    done.set()
    wait_until(lambda: not holder.is_alive())
    one.begin()


def test_names_of_processes_fit() -> None:
    assert len(application_of("x" * 200)) == 63
    assert application_of("") == "coursepulse"


def test_who_left_is_not_among_those_who_were_there_lately(pool: Pool) -> None:
    one, two = Leases(pool, "one", 2, seconds=0.0), Leases(pool, "two", 2)
    one.turn()
    two.turn()
    assert one.lately() == ["one", "two"]
    two.leave()
    assert one.lately() == ["one"]
