"""The stream processors in a real Flink say byte for byte what the plainest runner says about the same events."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coursepulse.alerts.facts import AssessmentFacts
from coursepulse.alerts.rule import Rule, Values
from coursepulse.bench.flink import FlinkCluster, wait_for
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, MINUTE, SECOND, Micros
from coursepulse.log.kafka.client import Config
from coursepulse.log.positions import start
from coursepulse.stream.feed import OutputReader
from coursepulse.stream.processors.sessions import LiveSession
from coursepulse.stream.runners.engine import EngineRunner
from coursepulse.stream.runners.kafka import EngineTopics, KafkaEngine, prepare_topics
from coursepulse.stream.runners.memory import MemoryRunner
from coursepulse.wiring.processor_table import VALUES, FactsToFeed, make_processors
from tests.stream.runners.sinks import Table
from tests.support.kafka import open_broker

pytestmark = pytest.mark.flink

NOON = 20_500 * DAY + DAY // 2
#: The day after all that is fed while the task manager dies, and a moment after everything.
LATER = 200
END = NOON + 230 * DAY
STUDENTS, EVENTS = 30, 1_500
#: How often the task manager dies while events flow, and seconds between two batches then.
KILLS, PAUSE = 3, 1.0
#: The longest of all processors.
LATE = DAY

TYPES = [
    "quiz_answer",
    "quiz_answer",
    "quiz_submit",
    "lesson_start",
    "video_play",
    "video_pause",
    "video_seek",
    "session_end",
]


def assessment(course: str, name: str) -> AssessmentFacts:
    return AssessmentFacts("algebra", 80.0) if name == "quiz2" else AssessmentFacts()


def values(rule: Rule, course: str) -> Values:
    """One course has numbers of its own, which Flink knows only from what it is fed."""
    usual = rule.defaults()
    return {
        name: 2.0 if name in ("submits", "answers") and course == "maths" else one
        for name, one in usual.items()
    }


def student(number: int) -> bytes:
    return number.to_bytes(2) * 8


def make_event(number: int, at: Micros, noise: random.Random) -> Event:
    kind, who = noise.choice(TYPES), noise.randrange(1, STUDENTS + 1)
    late = noise.choice([0, SECOND, 5 * MINUTE, 5 * MINUTE, 40 * MINUTE])
    more: dict[str, Any] = {}
    if kind.startswith("quiz"):
        more = {"assessment_id": f"quiz{noise.randrange(3)}", "attempt": noise.randrange(1, 3)}
    if kind == "quiz_answer":
        more |= {"question_id": f"q{noise.randrange(3)}", "correct": noise.random() < 0.3}
    if kind == "quiz_submit":
        more |= {"score": float(noise.randrange(100))}
    if kind.startswith("video"):
        more = {
            "video_id": f"v{noise.randrange(3)}",
            "position": 10.0 * noise.randrange(10),
            "duration": 100.0,
        }
        more |= {"position_to": 10.0 * noise.randrange(10)} if kind == "video_seek" else {}
    return Event(
        number.to_bytes(16), kind, at, student(who), bytes([who, noise.randrange(2)] * 8),
        noise.choice(["maths", "history"]), received_at=at + late, **more,
    )  # fmt: skip


def make_batches(noise: random.Random, day: int = 0) -> list[list[Event]]:
    """Hours of a day, as they arrive: out of order, one in ten twice, some later than it is awaited."""
    at, found = NOON + day * DAY, list[Event]()
    for number in range(day * EVENTS, (day + 1) * EVENTS):
        at += noise.choice([0, SECOND, 20 * SECOND, 2 * MINUTE])
        found.append(make_event(number, at, noise))
    found.sort(key=lambda event: event.received_at)
    again = [event for event in found for _ in range(1 + (noise.random() < 0.1))]
    moved = sorted(enumerate(again), key=lambda each: each[0] + noise.randrange(6))
    order = [event for _, event in moved]
    return [order[begin : begin + 50] for begin in range(0, len(order), 50)]


class Feeder(threading.Thread):
    """Feeds day after day until stopped, and remembers what."""

    def __init__(self, runner: EngineRunner, noise: random.Random) -> None:
        super().__init__(daemon=True)
        self._runner, self._noise, self._stopping = runner, noise, threading.Event()
        self.fed: list[list[Event]] = []

    def run(self) -> None:
        batches = (batch for day in count() for batch in make_batches(self._noise, day))
        while not self._stopping.wait(PAUSE):
            batch = next(batches)
            self._runner.process(batch)
            self.fed.append(batch)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Events flow until the end of the block."""
        self.start()
        try:
            yield
            assert self.is_alive()
        finally:
            self._stopping.set()
            self.join()


def to_bytes(table: Table) -> dict[bytes, bytes]:
    return {key: msgspec.msgpack.encode(row) for key, row in dict(table.rows).items()}


class Setting:
    """A broker, a Flink, and the runner that feeds it."""

    def __init__(self, servers: str, folder: Path) -> None:
        self.config: Config = {"bootstrap.servers": servers, "log_level": 0}
        self.topics = EngineTopics("test-feed", "test-outputs", 1, hours=10_000_000)
        prepare_topics(self.config, self.topics)
        job = {"BROKERS": servers, "TOPIC": "test", "PARTITIONS": "1"}
        self.flink, self.table = FlinkCluster(folder, job), Table()
        self.runner = self.open_runner(self.table)

    def open_runner(self, table: Table) -> EngineRunner:
        engine = KafkaEngine(self.config, self.topics)
        facts = FactsToFeed(assessment, values)
        return EngineRunner(engine, [table], OutputReader(VALUES), lateness=LATE, facts=facts)

    def close(self) -> None:
        self.runner.save(start(0), last=True)
        self.flink.stop()

    def read_outputs(self) -> list[bytes]:
        engine, found = KafkaEngine(self.config, self.topics), list[bytes]()
        engine.listen(-1)
        deadline = time.monotonic() + 10
        while (heard := engine.hear(2.0)) or time.monotonic() < deadline:
            found += [one.body for one in heard]
        engine.close()
        return found


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    broker = open_broker(tmp_path_factory.mktemp("kafka"))
    broker.start()
    try:
        made = Setting(broker.servers, tmp_path_factory.mktemp("flink"))
        made.flink.start()
        made.runner.restore(0)
        try:
            yield made
        finally:
            made.close()
    finally:
        broker.stop()


def test_flink_says_the_same_through_crashes_and_a_savepoint(setting: Setting) -> None:
    """Killed while events flow, then stopped with a savepoint and resumed from it while more of them come."""
    noise, flink, runner = random.Random(7), setting.flink, setting.runner
    feeder = Feeder(runner, noise)
    flink.run()
    with feeder.at_work():
        for _ in range(KILLS):
            kill_after_outputs(setting)
    assert flink.restores() >= KILLS
    savepoint = flink.call("savepoint")
    later = make_batches(noise, LATER)
    for batch in later:
        runner.process(batch)
    flink.run(savepoint)
    runner.tick(END)
    table = expect([*feeder.fed, *later])
    wait_for("the same outputs", lambda: to_bytes(setting.table) == to_bytes(table))
    assert {row.kind for row in table.rows.values()} == set(VALUES)
    said = setting.read_outputs()
    assert len(said) == len(set(said)) > 500
    assert to_bytes(setting.table) == to_bytes(table)


def kill_after_outputs(setting: Setting) -> None:
    """Kill the task manager once it has said something new, and return when another one has gone on."""
    flink, said = setting.flink, len(setting.table.calls)
    wait_for("outputs", lambda: len(setting.table.calls) > said)
    flink.kill_task_manager()
    before = flink.checkpoints()
    flink.call("task")
    wait_for("a checkpoint after the crash", lambda: flink.checkpoints() > before)


def expect(batches: list[list[Event]]) -> Table:
    """What the plainest runner says."""
    table = Table()
    runner = MemoryRunner(make_processors(assessment, values), [table])
    for batch in batches:
        runner.process(batch)
    runner.tick(END)
    return table


def test_an_erasure_reaches_the_state(setting: Setting) -> None:
    """A savepoint from after it has the pseudonym of others, and not this one."""
    flink, runner, now = setting.flink, setting.runner, END + DAY
    anna, ben = b"erased-student-1", b"other-student--2"
    flink.ensure_job()
    runner.process([starts(student, now) for student in (anna, ben)])
    wait_for("both sessions", lambda: {anna, ben} <= open_sessions(setting.table))
    assert runner.forget(anna) == 1
    assert anna not in open_sessions(setting.table)
    wait_for("the answer", lambda: not runner.awaits_answers)
    kept = b"".join(
        file.read_bytes() for file in Path(flink.call("savepoint").removeprefix("file:")).iterdir()
    )
    assert ben in kept
    assert anna not in kept


def starts(student: bytes, at: Micros) -> Event:
    return Event(student, "lesson_start", at, student, b"s" * 16, "maths", received_at=at, lesson_id="l1")


def open_sessions(table: Table) -> set[bytes]:
    rows = list(table.rows.values())  # others come meanwhile
    sessions = [row.value for row in rows if isinstance(row.value, LiveSession)]
    return {session.student_id for session in sessions if session.ended is None}
