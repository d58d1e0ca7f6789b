"""The pipeline on the real log and the real stores."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.rollups import Rollups
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, system_clock, utc_date
from coursepulse.log.port import Block
from coursepulse.log.positions import start, to_number
from coursepulse.log.sqlite import SqliteLog
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.raw import PostgresRawStore, StoredBatch
from coursepulse.store.postgres.withdrawal import RawWithdrawal
from coursepulse.stream import pipeline as pipelines
from coursepulse.stream.pipeline import Pipeline
from coursepulse.stream.ports import Renewed
from coursepulse.stream.processor import Output, make_id
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.runners.partitioned import RunnerOf
from coursepulse.stream.runners.port import Runner
from coursepulse.stream.snapshots import SnapshotFile
from coursepulse.stream.stages import GROUP, SERVED, STAGES, AppliedBatch
from tests.stream.runners.sinks import Table
from tests.stream.runners.stuck import Stuck
from tests.support.server import wait_until

NOON = 20_500 * DAY + DAY // 2
REAL_QUIET_PACE = pipelines.QUIET_PACE


def event(number: int, lesson: str = "one") -> Event:
    return Event(
        number.to_bytes(16), "lesson_complete", NOON + number * SECOND, bytes([1] * 16), bytes([2] * 16), "maths",
        lesson, received_at=NOON,
    )  # fmt: skip


class NotedStore(PostgresRawStore):
    """Remembers when each batch began to be written."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.began: list[float] = []

    def write(self, blocks: list[Block], skip: Collection[int] = ()) -> StoredBatch:
        self.began.append(time.monotonic())
        return super().write(blocks, skip)


class SlowRollups(Rollups):
    """Takes its time, and remembers when it was done with each batch."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.ended: list[float] = []

    def renew(self, fresh: pl.DataFrame, version: int) -> Renewed:
        renewed = super().renew(fresh, version)
        time.sleep(1.0)
        self.ended.append(time.monotonic())
        return renewed


def begin(number: int, student: int, at: int) -> Event:
    return Event(
        number.to_bytes(16), "lesson_start", at, bytes([student] * 16), bytes([2] * 16), "maths", "one",
        received_at=at,
    )  # fmt: skip


def one(runner: Runner | None) -> RunnerOf | None:
    """The runner of the only partition."""
    return None if runner is None else lambda _: runner


class Plant:
    """A pipeline between a log and two stores, and what came of it."""

    def __init__(self, folder: Path, pool: Pool, client: Client) -> None:
        self.path = folder / "log.sqlite"
        self.log = SqliteLog(self.path)
        self.pool, self.client = pool, client
        self.raw, self.rollups = NotedStore(pool), Rollups(client)
        self.refused: list[bytes] = []
        self.applied: list[AppliedBatch] = []
        self.runner: Runner | None = None
        self.watched = True

    def refuse(self, event: Event | bytes, position: int, why: str) -> None:
        self.refused.append(event.event_id if isinstance(event, Event) else event)

    @contextmanager
    def running(self) -> Iterator[Pipeline]:
        pipeline = Pipeline(
            self.log, self.raw, self.rollups, self.refuse, system_clock,
            batch_events=1_000, on_applied=self.applied.append, runners=one(self.runner), watched=lambda: self.watched,
        )  # fmt: skip
        pipeline.start()
        try:
            yield pipeline
        finally:
            pipeline.stop()

    def send(self, *events: Event) -> None:
        self.log.append(list(events)).result()

    def settle(self) -> None:
        wait_until(lambda: self.log.lag(GROUP) == 0)

    def counted(self) -> int:
        return int(self.client.query("SELECT sum(events) FROM student_course_days FINAL").result_rows[0][0])

    def stored(self) -> int:
        with self.pool.connection() as connection:
            row = connection.execute("SELECT count(*) FROM student_activity_events").fetchone()
        assert row
        return int(row[0])


@pytest.fixture
def plant(tmp_path: Path, pool: Pool, clickhouse: Client) -> Iterator[Plant]:
    plant = Plant(tmp_path, pool, clickhouse)
    yield plant
    plant.log.close()


def test_events_reach_both_stores_once(plant: Plant) -> None:
    with plant.running() as pipeline:
        plant.send(event(1), event(2), event(1))
        plant.send(event(2), event(3))
        plant.settle()
        assert (pipeline.progress.applied, pipeline.progress.duplicates) == (3, 2)
    assert (plant.stored(), plant.counted()) == (3, 3)


def test_whatever_was_not_served_is_read_again_and_counts_once(plant: Plant) -> None:
    plant.send(event(1), event(2))
    block = plant.log.read(start(), 10)[0]
    plant.raw.write([block])  # as if a crash came between the two stores
    with plant.running():
        plant.settle()
    assert (plant.stored(), plant.counted()) == (2, 2)
    assert plant.raw.served(0) == block.position
    assert plant.raw.position(SERVED) > to_number(block.position)


def test_a_poisonous_event_becomes_a_dead_letter_and_its_neighbours_go_through(plant: Plant) -> None:
    good = [event(number) for number in range(1, 7)]
    poison = event(7, lesson="PostgreSQL cannot hold a \x00")
    with plant.running():
        plant.send(*good[:3], poison, *good[3:])
        plant.settle()
    assert plant.refused == [poison.event_id]
    assert (plant.stored(), plant.counted()) == (6, 6)


def test_a_light_batch_is_served_before_the_next_is_read_even_after_a_heavy_one(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines, "_FRESH_EVENTS", 1)
    plant.rollups = slow = SlowRollups(plant.client)
    with plant.running():
        plant.send(event(1), event(2))  # heavy: the next is read while it is served
        wait_until(lambda: len(plant.raw.began) == 1)
        plant.send(event(3))
        wait_until(lambda: len(plant.raw.began) == 2)
        plant.send(event(4))
        plant.settle()
    _, light, _ = slow.ended
    assert plant.raw.began[1] < slow.ended[0]
    assert plant.raw.began[2] >= light


def test_every_stage_is_timed_under_its_name(plant: Plant) -> None:
    with plant.running() as pipeline:
        plant.send(event(1))
        plant.settle()
        wait_until(lambda: len(pipeline.stages) == len(STAGES))
    assert sorted(pipeline.stages) == sorted(stage.__name__ for stage in STAGES)
    assert list(pipeline.stages) == ["deduplicate", "store", "process", "aggregate", "publish"]
    assert all(time.calls == 1 and time.seconds > 0 for time in pipeline.stages.values())


def answer(number: int, student: int, at: int) -> Event:
    return Event(
        number.to_bytes(16), "quiz_answer", at, bytes([student] * 16), bytes([2] * 16), "maths",
        assessment_id="quiz", question_id="q", correct=False, received_at=at,
    )  # fmt: skip


def runner(table: Table, folder: Path) -> EmbeddedRunner:
    return EmbeddedRunner([Stuck()], [table], file=SnapshotFile(folder / "states", pause=0))


@pytest.mark.parametrize("saved", [True, False])
def test_processors_see_fresh_events_and_remember_them_after_a_restart(
    plant: Plant, tmp_path: Path, saved: bool
) -> None:
    now, table = system_clock(), Table()
    plant.runner = runner(table, tmp_path)
    with plant.running():
        plant.send(answer(1, 1, now - MINUTE), answer(2, 1, now - MINUTE), answer(1, 1, now - MINUTE))
        plant.settle()
        assert table.rows == {}
    if not saved:
        (tmp_path / "states").unlink()
    plant.runner = runner(table, tmp_path)
    with plant.running():
        plant.send(answer(3, 1, now))
        wait_until(lambda: table.values() == ["3 wrong"])


def test_after_a_start_sinks_learn_what_is_true(plant: Plant, tmp_path: Path) -> None:
    now, table = system_clock(), Table()
    plant.runner = runner(table, tmp_path)
    with plant.running():
        plant.send(*(answer(n, 1, now - MINUTE + n) for n in range(3)))
        wait_until(lambda: table.values() == ["3 wrong"])
    lost = Table()
    lost.rows = {bytes(16): Output(bytes(16), "stuck", now + HOUR, "never true")}
    plant.runner = runner(lost, tmp_path)
    with plant.running():
        wait_until(lambda: lost.values() == ["3 wrong"])


def test_time_passes_for_processors_while_no_event_comes(plant: Plant, tmp_path: Path) -> None:
    table = Table()
    plant.runner = runner(table, tmp_path)
    with plant.running():
        plant.send(*(answer(n, 1, system_clock() - 2 * HOUR) for n in range(3)))
        wait_until(lambda: table.values() == ["gave up"])


def test_a_student_is_forgotten_while_the_pipeline_rests(plant: Plant, tmp_path: Path) -> None:
    now, table = system_clock(), Table()
    plant.runner = runner(table, tmp_path)
    with plant.running() as pipeline:
        plant.send(*(answer(10 * student + n, student, now) for n in range(3) for student in (1, 2)))
        wait_until(lambda: len(table.rows) == 2)
        with pipeline.held(plant.log.newest(), 10):
            assert pipeline.forget(bytes([1] * 16)) == 1
    assert list(table.rows) == [make_id("stuck", bytes([2] * 16), now)]


@pytest.mark.parametrize("saved", [True, False])
def test_what_is_taken_back_leaves_processors_and_stays_away_after_a_restart(
    plant: Plant, tmp_path: Path, saved: bool
) -> None:
    now, table, student = system_clock() - MINUTE, Table(), bytes([1] * 16)
    plant.runner, raw = runner(table, tmp_path), RawWithdrawal(plant.pool)
    with plant.running() as pipeline:
        for number in range(4):
            plant.send(answer(number, 1, now + number))
        plant.settle()
        wait_until(lambda: table.values() == ["4 wrong"])
        with pipeline.held(plant.log.newest(), 10):
            found = raw.find([(2).to_bytes(16)])
            pipeline.renew(student, raw.carried(student, found, utc_date(now - DAY)))
            raw.empty(found)
        assert table.values() == ["3 wrong"]
    if not saved:
        (tmp_path / "states").unlink()
    plant.runner = runner(table, tmp_path)
    with plant.running():
        plant.send(answer(2, 1, now + 2), answer(9, 1, now + 9))
        plant.settle()
        assert table.values() == ["4 wrong"]


def test_while_nobody_looks_few_events_go_through_in_fewer_rounds_and_none_waits_for_a_second(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes first after a silence goes through at once; what follows it gathers."""
    monkeypatch.setattr(pipelines, "PACE", 0.0)
    monkeypatch.setattr(pipelines, "QUIET_PACE", 3600.0)
    plant.watched = False
    with plant.running():
        plant.send(event(1))
        plant.settle()
        plant.send(event(2))
        time.sleep(0.3)
        assert plant.log.lag(GROUP) == 1
    assert len(plant.applied) == 1
    assert pipelines.QUIET_PACE != REAL_QUIET_PACE < 1.0
    plant.watched = True
    with plant.running():
        plant.settle()
        plant.send(event(3))
        plant.settle()
    assert plant.counted() == 3
