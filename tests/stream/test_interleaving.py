"""However a log is divided among workers, and however these run into each other, the rows are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

import msgspec
import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.aggregates.work_tables import WORK_TABLES, Desk, clear_away
from coursepulse.events.event import Event
from coursepulse.kit.clock import system_clock
from coursepulse.kit.errors import LeaseLost
from coursepulse.log.memory import MemoryLog, MemoryStorage
from coursepulse.log.port import EventLog
from coursepulse.log.positions import Position, partition_of, start
from coursepulse.store.postgres.connect import Pool, open_pool
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.stream.stages import SERVED
from tests.metrics.rollup_rows import empty_tables, snapshot
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import STUDENTS, event_logs
from tests.support.long import examples
from tests.support.postgres import Server


@pytest.fixture(scope="module")
def client(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@pytest.fixture(scope="module")
def pool(postgres_server: Server) -> Iterator[Pool]:
    with postgres_server.database() as dsn, open_pool(dsn, size=2) as pool:
        yield pool


class SteppedWorker:
    """What a worker does with its partitions, one step at a time, so that others come in between."""

    def __init__(
        self, name: str, log: EventLog, pool: Pool, client: Client, epochs: Mapping[int, int], some: int
    ) -> None:
        self.raw = PostgresRawStore(pool, epochs=epochs)
        desk = Desk(name)
        desk.lay(client)
        self.rollups, self.learners = Rollups(client, desk=desk), set[tuple[str, bytes]]()
        self._log, self._some = log, some
        self._positions = {each: self.raw.served(each) for each in epochs}
        self.steps = self._work()

    def _work(self) -> Iterator[str]:
        while blocks := [
            block for each in self._positions.values() for block in self._log.read(each, self._some)
        ]:
            ends = {block.position.partition: block.position for block in blocks}
            fresh = self.raw.write(blocks).fresh
            yield "stored"
            taken = self.rollups.insert(fresh)
            yield "inserted"
            version = self.raw.next_version(ends.values())
            yield "numbered"
            renewed = self.rollups.renew(taken, version)
            yield "renewed"
            self.raw.publish(ends.values(), None, 0, renewed.learners, renewed.days)
            self.learners |= renewed.learners
            self._positions.update(ends)
            yield "served"


def moved(log: list[Event], partitions: int) -> list[Event]:
    """The same events by students who are spread over the partitions."""
    to = {student: student[:-1] + bytes([place]) for place, student in enumerate(STUDENTS)}
    assert len({partition_of(each, partitions) for each in to.values()}) == min(partitions, len(to))
    return [msgspec.structs.replace(event, student_id=to[event.student_id]) for event in log]


def begin(client: Client, pool: Pool) -> None:
    empty_tables(client)
    with pool.connection() as connection:
        connection.execute("TRUNCATE log_partitions, student_activity_events")


def run(client: Client, pool: Pool, parts: list[list[Event]], partitions: int, data: st.DataObject) -> None:
    """Workers with some partitions each take turns in any order."""
    begin(client, pool)
    log = MemoryLog(MemoryStorage(partitions))
    for events in parts:
        log.append(events).result()
    owners = [data.draw(st.integers(0, partitions - 1)) for _ in range(partitions)]
    workers = [
        SteppedWorker(
            f"test{number}", log, pool, client,
            {each: 0 for each, owner in enumerate(owners) if owner == number}, data.draw(st.integers(1, 40)),
        )
        for number in sorted(set(owners))
    ]  # fmt: skip
    going = dict(enumerate(workers))
    while going:
        chosen = data.draw(st.sampled_from(sorted(going)))
        if next(going[chosen].steps, None) is None:
            del going[chosen]
    follow(client, workers)


def follow(client: Client, workers: list[SteppedWorker]) -> None:
    """The leader's followers, once they have heard of everything."""
    learners = set[tuple[str, bytes]]().union(*(worker.learners for worker in workers))
    mark = workers[0].raw.position(SERVED)
    LearnerRollups(client).refresh(learners, mark)
    LearnerRollups(client).refresh_catalog(mark)


def divide(log: list[Event], data: st.DataObject) -> list[list[Event]]:
    at = sorted(data.draw(st.lists(st.integers(1, len(log) - 1), max_size=4))) if len(log) > 1 else []
    cuts = zip([0, *at], [*at, len(log)], strict=True)
    return [log[first:last] for first, last in cuts if log[first:last]]


@examples(4)
@given(log=event_logs(), data=st.data())
def test_any_division_and_any_order_of_workers_gives_the_same_rows(
    client: Client, pool: Pool, log: list[Event], data: st.DataObject
) -> None:
    log = moved(log, 4)
    parts = divide(log, data)
    run(client, pool, parts, 1, data)
    alone = snapshot(client)
    for partitions in (2, 4):
        run(client, pool, parts, partitions, data)
        assert snapshot(client) == alone


def take(pool: Pool, partition: int) -> int:
    """Become the owner, as the leases do it; returns the epoch."""
    with pool.connection() as connection:
        row = connection.execute(
            "INSERT INTO log_partitions AS known (partition, epoch) VALUES (%s, 1)"
            " ON CONFLICT (partition) DO UPDATE SET epoch = known.epoch + 1 RETURNING epoch",
            (partition,),
        ).fetchone()
    assert row
    return int(row[0])


STEPS = ["stored", "inserted", "numbered", "renewed", "served"]


@pytest.mark.parametrize("paused_after", STEPS[:4])
def test_a_worker_that_was_stopped_and_comes_back_changes_nothing(
    client: Client, pool: Pool, paused_after: str
) -> None:
    log = moved(SOME, 1)
    begin(client, pool)
    source = MemoryLog(MemoryStorage())
    source.append(log[:10]).result()
    zombie = SteppedWorker("zombie", source, pool, client, {0: take(pool, 0)}, 1_000)
    # It remembers a batch, so it would not see what another one adds to it.
    while next(zombie.steps) != "served":
        pass
    source.append(log[10:20]).result()
    while next(zombie.steps) != paused_after:
        pass
    source.append(log[20:]).result()
    heir = SteppedWorker("heir", source, pool, client, {0: take(pool, 0)}, 1_000)
    while next(heir.steps, None):
        pass
    follow(client, [heir])
    before, stored, mark = snapshot(client), count(pool), heir.raw.position(SERVED)
    with pytest.raises(LeaseLost):
        list(zombie.steps)
    follow(client, [heir])
    assert snapshot(client) == before
    assert (count(pool), heir.raw.position(SERVED)) == (stored, mark)
    assert heir.raw.served(0) == source.newest()[0]


def test_a_fenced_worker_stores_no_event(client: Client, pool: Pool) -> None:
    begin(client, pool)
    source = MemoryLog(MemoryStorage())
    source.append(moved(SOME, 1)).result()
    zombie = SteppedWorker("zombie", source, pool, client, {0: take(pool, 0)}, 1_000)
    take(pool, 0)
    with pytest.raises(LeaseLost, match="Another worker stores"):
        next(zombie.steps)
    with pytest.raises(LeaseLost, match="Another worker makes"):
        zombie.raw.publish([Position(0, 9)], None, 0)
    assert (count(pool), zombie.raw.served(0)) == (0, start(0))


def count(pool: Pool) -> int:
    with pool.connection() as connection:
        row = connection.execute("SELECT count(*) FROM student_activity_events").fetchone()
    assert row
    return int(row[0])


NOON = system_clock() // 86_400_000_000 * 86_400_000_000 - 43_200_000_000

SOME = [
    Event(
        UUID(int=number).bytes, kind, NOON + number * 60_000_000, STUDENTS[number % 3], bytes([2] * 16), "maths",
        f"lesson-{number % 4}", received_at=NOON,
    )
    for number, kind in enumerate(["lesson_start", "lesson_complete"] * 15)
]  # fmt: skip


def test_the_tables_of_workers_that_are_gone_are_dropped(client: Client) -> None:
    for name in ("aaaa1111", "bbbb2222"):
        Desk(name).lay(client)
    assert clear_away(client, []) == []
    of_the_gone = sorted(f"{table}_bbbb2222" for table in WORK_TABLES)
    assert set(of_the_gone) <= set(clear_away(client, ["a-host-aaaa1111"], seconds=-60))
    left = {name for (name,) in client.query("SHOW TABLES").result_rows}
    assert left >= {*WORK_TABLES, *(f"{table}_aaaa1111" for table in WORK_TABLES)}
    assert left.isdisjoint(of_the_gone)
