"""What is special about processors that work in an engine of their own."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coursepulse.alerts.facts import AssessmentFacts
from coursepulse.alerts.rule import Rule, Values
from coursepulse.alerts.streaks import KIND
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.log.positions import Position, start
from coursepulse.stream.feed import (
    NOBODY,
    FedKind,
    FedRecord,
    OutputReader,
    SaidOutput,
    SaidRecord,
    open_fed,
    open_said,
    pack_fed,
    pack_said,
    seal,
    student_of,
)  # fmt: skip
from coursepulse.stream.processor import Output
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.runners.engine import EngineRunner, Heard
from coursepulse.stream.runners.student import StudentProcessors
from coursepulse.stream.snapshots import SnapshotFile
from coursepulse.wiring.processor_table import VALUES, FactsToFeed, make_processors, make_student_processors
from coursepulse.wiring.processors import find_topics
from tests.flink.test_processors import END, assessment, make_batches, to_bytes, values
from tests.stream.runners.sinks import LATE, Table
from tests.stream.runners.stuck import Stuck
from tests.support.engine import KeptStatesOf, LocalEngine, engine_runner

NOON = 20_500 * DAY + DAY // 2
ANNA, BEN = (1).to_bytes(16), (2).to_bytes(16)


def wrong(number: int, student: bytes = ANNA, **more: Any) -> Event:
    at = NOON + number * MINUTE
    made = Event(
        number.to_bytes(16), "quiz_answer", at, student, b"s" * 16, "maths",
        received_at=at, correct=False, question_id="q", assessment_id="quiz",
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


class Slow(LocalEngine):
    """Answers only when it is told to."""

    silent = False

    def hear(self, seconds: float) -> list[Heard]:
        return [] if self.silent else super().hear(seconds)


def open_runner(engine: LocalEngine, table: Table, **more: Any) -> EngineRunner:
    reader = OutputReader({**VALUES, "stuck": str})
    return EngineRunner(engine, [table], reader, lateness=LATE, alone=False, **more)


def test_records_come_back_as_they_were() -> None:
    record = FedRecord(FedKind.RENEW, 3, 5, 7, (wrong(1),), {"maths": b"x"}, b"y")
    assert open_fed(pack_fed(ANNA, record)) == (ANNA, record)
    assert student_of(pack_fed(ANNA, record)) == ANNA
    said = SaidRecord(ANNA, 3, 7, [SaidOutput(b"i", "stuck", 9, msgspec.Raw(b"\xa1x"))], [(b"j", "video")])
    assert open_said(pack_said(said)) == said
    with pytest.raises(msgspec.MsgspecError):
        open_fed(b"no record at all, of no kind")


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_outputs_of_every_kind_come_back_as_they_were(kind: str) -> None:
    found = [output for output in every_output() if output.kind == kind]
    reader = OutputReader(VALUES)
    assert found
    for output in found:
        assert reader.find(reader.keep(seal(output))) == output
        assert msgspec.msgpack.encode(reader.open(seal(output))) == msgspec.msgpack.encode(output)


def every_output() -> list[Output]:
    table = Table()
    facts = AssessmentFacts("algebra")
    runner = EmbeddedRunner(make_processors(lambda *_: facts, lambda rule, _: rule.defaults()), [table])
    runner.process([wrong(number) for number in range(12)])
    runner.process([wrong(20 + n, event_type="quiz_submit", score=10.0, attempt=n + 1) for n in range(4)])
    runner.process([wrong(30, event_type="video_play", video_id="v", position=1.0, duration=9.0)])
    before = list(table.rows.values())
    runner.tick(NOON + 3 * HOUR)
    return [*before, *table.rows.values()]


def test_an_engine_has_no_event_of_who_is_not_admitted() -> None:
    engine, table = LocalEngine(StudentProcessors([Stuck()], ["stuck"])), Table()
    runner = open_runner(engine, table, admits=lambda student: student == BEN)
    runner.restore(0)
    runner.process([wrong(n, student) for n in range(3) for student in (ANNA, BEN)])
    runner.renew(ANNA, [wrong(n) for n in range(3)])
    assert {student_of(body) for body in engine.taken} == {ANNA, BEN, NOBODY}
    assert [open_fed(body).record.events for body in engine.taken if student_of(body) == ANNA] == [()]
    assert [row.value for row in table.rows.values()] == ["3 wrong"]


def test_nothing_of_a_forgotten_student_is_kept_by_the_engine_or_on_disk(tmp_path: Path) -> None:
    engine = LocalEngine(StudentProcessors([Stuck()], ["stuck"]))
    file = SnapshotFile(tmp_path / "outputs", pause=0)
    runner = open_runner(engine, Table(), file=file)
    runner.restore(0)
    runner.process([wrong(n, student) for n in range(3) for student in (ANNA, BEN)])
    runner.save(Position(0, 1))
    file.close()
    assert ANNA in (tmp_path / "outputs").read_bytes()
    assert runner.forget(ANNA) == 1
    assert not (tmp_path / "outputs").exists()
    assert engine.kept.keys() == {BEN}
    runner.save(Position(0, 1), last=True)
    kept = (tmp_path / "outputs").read_bytes()
    assert BEN in kept
    assert ANNA not in kept


def test_what_an_engine_says_of_a_forgotten_student_is_not_heard() -> None:
    """What was on its way when the student was erased comes to nobody."""
    engine, table = Slow(StudentProcessors([Stuck()], ["stuck"])), Table()
    runner = open_runner(engine, table)
    runner.restore(0)
    runner.process([wrong(n) for n in range(3)])
    engine.silent = True
    runner.process([wrong(3)])
    assert runner.forget(ANNA) == 1
    assert table.rows == {}
    told = len(table.calls)
    engine.silent = False
    runner.tick(NOON + HOUR)
    assert not any(changes.put for changes in table.calls[told:])
    runner.process([wrong(100 + n) for n in range(3)])
    assert table.values() == ["3 wrong"]


def test_a_restart_goes_on_where_it_was_heard_and_tells_sinks_what_holds(tmp_path: Path) -> None:
    engine, lost = LocalEngine(StudentProcessors([Stuck()], ["stuck"])), Table()
    first = open_runner(engine, lost, file=SnapshotFile(tmp_path / "outputs", pause=0))
    assert first.restore(0) == start(0)
    first.process([wrong(n) for n in range(3)])
    first.save(Position(0, 1), last=True)
    table = Table()
    second = open_runner(engine, table, file=SnapshotFile(tmp_path / "outputs", pause=0))
    # What was served has reached the engine: nothing of the log is fed again.
    assert Position(0, 1 << 40) <= second.restore(0)
    assert table.rows == {}
    second.reconcile()
    assert table.rows == lost.rows


def test_other_pipelines_have_outputs_of_their_own() -> None:
    engine = LocalEngine(StudentProcessors([Stuck()], ["stuck"]))
    tables = Table(), Table()
    runners = [open_runner(engine.beside(), table) for table in tables]
    for partition, runner in enumerate(runners):
        runner.restore(partition)
    runners[0].process([wrong(n, ANNA) for n in range(3)])
    runners[1].process([wrong(n, BEN) for n in range(4)])
    runners[0].tick(NOON + 10 * MINUTE)
    assert [table.values() for table in tables] == [["3 wrong"], ["4 wrong"]]


def test_new_thresholds_hold_for_what_is_going_on() -> None:
    answers = {"maths": 4.0}

    def values(rule: Rule, course: str) -> Values:
        return {name: answers[course] if name == "answers" else one for name, one in rule.defaults().items()}

    facts = FactsToFeed(lambda *_: AssessmentFacts("algebra"), values)
    engine, table = LocalEngine(make_student_processors()), Table()
    runner = open_runner(engine, table, facts=facts)
    runner.restore(0)
    runner.process([wrong(n) for n in range(4)])
    raised = [row for row in table.rows.values() if row.kind == KIND]
    assert raised
    answers["maths"] = 5.0
    runner.reconcile()
    assert not [row for row in table.rows.values() if row.kind == KIND]
    answers["maths"] = 2.0
    runner.reconcile()
    assert [row for row in table.rows.values() if row.kind == KIND]


def test_states_of_another_version_are_not_read() -> None:
    kept = KeptStatesOf()
    body = pack_fed(
        ANNA, FedRecord(FedKind.EVENTS, 0, 0, NOON + 3 * MINUTE, tuple(wrong(n) for n in range(3)))
    )
    StudentProcessors([Stuck()], ["stuck"]).take(body, kept)
    newer = type("Stuck", (Stuck,), {"version": 2})()
    one = pack_fed(ANNA, FedRecord(FedKind.EVENTS, 0, NOON, NOON + 3 * MINUTE, (wrong(3),)))
    assert StudentProcessors([newer], ["stuck"]).take(one, kept).said is None
    assert sorted(kept) == ["", "stuck/2"]


def test_a_timer_changes_what_time_alone_changes() -> None:
    table = Table()
    runner = engine_runner([Stuck()], [table])
    runner.process([wrong(n) for n in range(3)])
    runner.tick(NOON + 2 * MINUTE + HOUR - SECOND)
    assert table.values() == ["3 wrong"]
    runner.tick(NOON + 2 * MINUTE + HOUR)
    assert table.values() == ["gave up"]


def test_a_job_imports_no_database_and_no_web() -> None:
    """So the environment of Flink, whose libraries are old, needs none of ours."""
    script = (
        "import sys, coursepulse.wiring.flink_job;"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'polars', 'chdb', 'litestar', 'psycopg',"
        " 'clickhouse_connect', 'pyarrow', 'numpy', 'confluent_kafka', 'pyflink', 'httpx'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_where_flink_is_fed_comes_from_the_log_unless_it_is_said() -> None:
    both = Settings(log="kafka://one:9092/events", processors_kafka="kafka://two:1,three:2/live")
    assert find_topics(both) == ("two:1,three:2", "live-feed", "live-outputs")
    assert find_topics(Settings(log="kafka://one:9092/events")).feed == "events-feed"
    for url in ("", "kafka://one:9092", "kafka:///name", "sqlite:///x"):
        with pytest.raises(SettingError, match="COURSEPULSE_PROCESSORS_KAFKA"):
            find_topics(Settings(processors_kafka=url))


def test_all_processors_say_the_same_byte_for_byte() -> None:
    """Out of order, twice and too late, with facts that the engine knows only from what it is fed."""
    expected, table = Table(), Table()
    runners = (
        EmbeddedRunner(make_processors(assessment, values), [expected]),
        open_runner(LocalEngine(make_student_processors()), table, facts=FactsToFeed(assessment, values)),
    )
    runners[1].restore(0)
    for runner in runners:
        for batch in make_batches(random.Random(7)):
            runner.process(batch)
        runner.tick(END)
    assert {row.kind for row in table.rows.values()} == set(VALUES)
    assert to_bytes(table) == to_bytes(expected)
