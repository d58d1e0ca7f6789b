"""Stream processors by themselves: events a second on one core, memory of live sessions, and a restart."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.facts import AssessmentFacts
from coursepulse.alerts.streaks import KIND as ALERT
from coursepulse.alerts.streaks import streaks
from coursepulse.bench.result import BenchmarkReport, Measurement
from coursepulse.bench.traffic import Crowd, bodies
from coursepulse.events.decode import DecodedEvent, decode
from coursepulse.events.event import Event
from coursepulse.kit.clock import SECOND, Micros
from coursepulse.log.positions import Position
from coursepulse.stream.processor import Changes, Output, Processor
from coursepulse.stream.processors.quiz_scoring import ATTEMPT, QuizScoring
from coursepulse.stream.processors.sessions import CLOSED, SESSION, LiveSessions
from coursepulse.stream.processors.video_progress import VIDEO, VideoProgressing
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.snapshots import SnapshotFile

#: Events of the run that measures speed, those of a batch, and students at work.
EVENTS, _BATCH, STUDENTS = 96_000, 6_000, 5_000

#: Live sessions of the run that measures memory, and events of each.
_SESSIONS, _EACH = 100_000, 6

#: Time between two events of a student.
_PACE: Micros = 20 * SECOND

#: What a start reads again at most: what comes between two snapshots, at 2,400 events a second.
_BEHIND = 72_000

_BEGIN: Micros = 1_780_000_000 * SECOND

_PAGE = os.sysconf("SC_PAGE_SIZE")


class CountingSink:
    """Counts what it is told."""

    kinds = (SESSION, CLOSED, VIDEO, ATTEMPT, ALERT)

    def __init__(self) -> None:
        self.told = 0

    def apply(self, changes: Changes) -> None:
        self.told += len(changes.put) + len(changes.withdrawn)

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:  # noqa: ARG002
        self.told += len(outputs)


def every_processor() -> list[Processor[Any]]:
    """All processors of the server, with an empty catalog and the usual thresholds."""
    alerts = streaks(RULES, lambda *_: AssessmentFacts(), lambda rule, _: rule.defaults())
    return [LiveSessions(), VideoProgressing(), QuizScoring(), *alerts]


def run() -> BenchmarkReport:
    """Speed, memory and restart of all processors of the server."""
    return BenchmarkReport("processors", [*_measure_speed(), *_measure_state()])


def _measure_speed() -> Iterator[Measurement]:
    processors = every_processor()
    alone = {each.name: _rate([each]) for each in processors}
    reading = f"reading the same events from the log {_reading_rate():,.0f}"
    for name, rate in alone.items():
        yield Measurement(f"{name} alone", rate, "events/s of a core", reading)
    yield Measurement("all processors together", _rate(processors), "events/s of a core", reading, "30,000")


def rate_of_all() -> float:
    """Events a second of a core, with every processor of the server."""
    return _rate(every_processor())


def _rate(processors: Sequence[Processor[Any]]) -> float:
    runner = EmbeddedRunner(processors, [CountingSink()])
    spent = 0.0
    for batch in batches_of(STUDENTS, EVENTS):
        began = time.process_time()
        runner.process(batch)
        spent += time.process_time() - began
    return EVENTS / spent


def _reading_rate() -> float:
    """The limit: unpacking the events from a block of the log, which every consumer has to do."""
    blocks = [msgspec.msgpack.encode(batch) for batch in batches_of(STUDENTS, EVENTS // 4)]
    decoder = msgspec.msgpack.Decoder(list[Event])
    began = time.process_time()
    for block in blocks:
        decoder.decode(block)
    return EVENTS // 4 / (time.process_time() - began)


def _measure_state() -> Iterator[Measurement]:
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-") as folder:
        yield from _fill(Path(folder, "states"))


def _fill(path: Path) -> Iterator[Measurement]:
    processors, before = every_processor(), _memory()
    runner = EmbeddedRunner(processors, [CountingSink()], file=SnapshotFile(path, pause=3600))
    for batch in batches_of(_SESSIONS, _SESSIONS * _EACH):
        runner.process(batch)
    sessions = runner.active["sessions"]
    keys = ", ".join(f"{count:,} {name}" for name, count in runner.active.items())
    yield Measurement(
        "memory of an active session", (_memory() - before) / sessions, "B", keys, f"2,048 at {_SESSIONS:,}"
    )
    yield from _measure_restart(processors, runner, path)


def _measure_restart(
    processors: Sequence[Processor[Any]], runner: EmbeddedRunner, path: Path
) -> Iterator[Measurement]:
    began = time.monotonic()
    runner.save(Position(0, 1), last=True)
    saved = time.monotonic() - began
    size = path.stat().st_size
    yield Measurement("saving their state, in a thread of its own", saved, "s", _writing(path, size))
    fresh = EmbeddedRunner(processors, [CountingSink()], file=SnapshotFile(path))
    behind = list(
        islice(batches_of(_SESSIONS, _SESSIONS * _EACH + _BEHIND), _SESSIONS * _EACH // _BATCH, None)
    )
    began = time.monotonic()
    fresh.restore(0)
    for batch in behind:
        fresh.process(batch)
    fresh.reconcile()
    yield Measurement(
        f"restart: states back, {_BEHIND:,} events read again, sinks told",
        time.monotonic() - began,
        "s",
        f"{size / 1e6:,.0f} MB on disk",
        f"10 with {_SESSIONS:,} live sessions",
    )


def _writing(path: Path, size: int) -> str:
    beside, body = path.with_suffix(".plain"), os.urandom(size)
    began = time.monotonic()
    with beside.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    return f"writing as many bytes {time.monotonic() - began:.2f} s"


def _memory() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def batches_of(students: int, events: int) -> Iterator[list[Event]]:
    """Batches of events as the log has them; a student does something every :data:`_PACE`."""
    step, at = _PACE * _BATCH // students, _BEGIN
    for body in islice(bodies(Crowd(students), _BATCH), events // _BATCH):
        at += step
        # No two things happen at one moment.
        yield [_store(one, at + number) for number, one in enumerate(decode(body).sent)]


def _store(sent: DecodedEvent, at: Micros) -> Event:
    envelope, columns = sent.envelope, sent.payload.columns()
    context, now = envelope.context, at
    return Event(
        _raw(envelope.event_id),
        envelope.event_type,
        now,
        _raw(envelope.student_id),
        _raw(envelope.session_id),
        context.course_id,
        context.lesson_id,
        context.video_id,
        context.assessment_id,
        envelope.device.type,
        received_at=now,
        **columns._asdict(),
    )


def _raw(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
