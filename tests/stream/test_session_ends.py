"""The server's own session_end: in the log once, whatever happens, and in no number."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.access.viewer import Role, Viewer
from coursepulse.collect.canon import inspect, restore
from coursepulse.events.closing import ClosedBy, is_closing, make_closing
from coursepulse.events.decode import decode
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros, system_clock
from coursepulse.kit.errors import LogFull, StoreUnavailable
from coursepulse.log.positions import start
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Param, Source
from coursepulse.metrics.query import Query
from coursepulse.store.postgres.connect import Pool
from coursepulse.stream.processor import Changes, Output, make_id
from coursepulse.stream.processors.sessions import CLOSED, ClosedSession, LiveSession, LiveSessions
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.session_ends import SessionEnds
from coursepulse.stream.snapshots import SnapshotFile
from tests.stream.test_pipeline import Plant
from tests.support.campus_world import ADMIN, World
from tests.support.server import wait_until

NOON = 20_500 * DAY + DAY // 2
ANN, BOB, CY, DEE = (bytes([n] * 16) for n in range(1, 5))
VISIT = bytes([2] * 16)


def event(number: int, student: bytes, at: Micros, kind: str = "lesson_start", **more: Any) -> Event:
    made = Event(number.to_bytes(16), kind, at, student, VISIT, "maths", "one", received_at=at)
    return msgspec.structs.replace(made, **more)


#: Ann fell silent, Bob said goodbye, of Cy everything was imported long afterwards, and Dee did not agree.
EVENTS = (
    event(1, ANN, NOON),
    event(2, ANN, NOON + 10 * MINUTE, "video_play", video_id="v1", position=0.0, duration=90.0),
    event(3, BOB, NOON),
    event(4, BOB, NOON + MINUTE, "lesson_complete"),
    event(5, BOB, NOON + 2 * MINUTE, "session_end"),
    event(6, CY, NOON - 40 * DAY, received_at=NOON + 3 * MINUTE),
    event(7, CY, NOON - 40 * DAY + MINUTE, "lesson_complete", received_at=NOON + 3 * MINUTE),
    event(8, DEE, NOON, "quiz_submit", assessment_id="q", score=50.0),
)
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="account:teacher", course_ids=frozenset({"maths"}))
CLOSING = make_id("session_end", ANN, VISIT, NOON)


@pytest.fixture
def plant(tmp_path: Path, pool: Pool, clickhouse: Client) -> Iterator[Plant]:
    plant = Plant(tmp_path, pool, clickhouse)
    yield plant
    plant.log.close()


def admits(student: bytes) -> bool:
    return student != DEE


def with_sessions(plant: Plant, file: Path | None = None) -> EmbeddedRunner:
    """Sessions are followed and closed."""
    sink = SessionEnds(plant.log, plant.raw.find_stored, admits, system_clock)
    states = SnapshotFile(file, pause=0) if file else None
    return EmbeddedRunner([LiveSessions()], [sink], file=states, admits=admits)


def has_begun(runner: EmbeddedRunner) -> bool:
    """Whether it has read the log, or what was saved of it."""
    return runner._now > NOON


def closings(plant: Plant) -> list[Event]:
    blocks = plant.log.read(start(), 1_000)
    return [each for block in blocks for each in block.events if is_closing(each)]


def answers(plant: Plant) -> dict[str, Any]:
    """What every metric says of these students."""
    world = World(plant.client, plant.pool, NOON + DAY)
    asked = {Param.COURSE: "maths", Param.VIDEO: "v1", Param.TEAM: "crew"}
    found: dict[str, Any] = {}
    for metric in METRICS.values():
        if metric.source is Source.LIVE or metric.slug == "pipeline" or Param.TEAM in metric.needs:
            continue
        wish: dict[str, Any] = {param.value: asked[param] for param in metric.needs if param in asked}
        for student in (ANN, BOB, CY, DEE) if Param.STUDENT in metric.needs else (None,):
            query = Query(metric=metric.slug, student=student, **wish)
            herself = Viewer(role=Role.STUDENT, subject="account:1", student_id=student)
            viewer = herself if metric.private else TEACHER if metric.board else ADMIN
            found[f"{metric.slug} {student!r}"] = world.metrics.run(query, viewer).records()
    world.trail.close()
    return found


def test_a_silent_session_is_closed_once_and_no_number_changes(plant: Plant, tmp_path: Path) -> None:
    plant.send(*EVENTS)
    with plant.running():
        plant.settle()
    before, counted = answers(plant), plant.counted()
    assert any(before.values())
    for file in (None, tmp_path / "states", tmp_path / "states", None):
        plant.runner = runner = with_sessions(plant, file)
        with plant.running() as pipeline:
            wait_until(partial(has_begun, runner))
            wait_until(lambda: len(closings(plant)) > 0)
            plant.settle()
            assert pipeline.progress.applied == 0
        runner.tick(system_clock())
    [closing] = closings(plant)
    assert (closing.event_id, closing.student_id, closing.at) == (CLOSING, ANN, NOON + 10 * MINUTE)
    assert closing.payload == b'{"closed_by":"idle"}'
    assert plant.refused == []
    assert plant.stored() == len(EVENTS) + 1
    assert (answers(plant), plant.counted()) == (before, counted)


def test_a_session_of_24_hours_is_closed_though_the_student_goes_on(plant: Plant) -> None:
    steps = DAY // (25 * MINUTE) + 2
    plant.send(*(event(n, ANN, NOON + n * 25 * MINUTE) for n in range(steps)))
    plant.runner = with_sessions(plant)
    with plant.running():
        wait_until(lambda: len(closings(plant)) == 2)
        plant.settle()
    first, second = sorted(closings(plant), key=lambda each: each.at)
    assert (first.payload, second.payload) == (b'{"closed_by":"longest"}', b'{"closed_by":"idle"}')
    assert (first.at, second.at) == (NOON + (steps - 2) * 25 * MINUTE - 0, NOON + (steps - 1) * 25 * MINUTE)


def test_a_late_event_makes_a_closing_wait() -> None:
    closed: list[Output] = []

    class Kept:
        kinds = (CLOSED,)

        def apply(self, changes: Changes) -> None:
            assert not changes.withdrawn
            closed.extend(changes.put)

        def reconcile(self, outputs: Any, now: Micros) -> None:
            raise NotImplementedError

    runner = EmbeddedRunner([LiveSessions()], [Kept()])
    runner.process([event(1, ANN, NOON)])
    runner.tick(NOON + 50 * MINUTE)
    assert closed == []
    runner.process([event(2, ANN, NOON + 25 * MINUTE, received_at=NOON + 51 * MINUTE)])
    runner.tick(NOON + 25 * MINUTE + HOUR)
    assert closed == []
    runner.tick(NOON + 25 * MINUTE + HOUR + 1)
    [output] = closed
    assert isinstance(output.value, ClosedSession)
    assert (output.value.started_at, output.value.last_at) == (NOON, NOON + 25 * MINUTE)


def test_a_clock_an_hour_off_neither_ends_nor_extends_a_session() -> None:
    """Ahead: no event happened after it arrived. Behind: so late an event is passed over."""
    runner = EmbeddedRunner([LiveSessions()], [])
    runner.process([event(1, ANN, NOON)])
    now = NOON + 20 * MINUTE
    runner.process(
        [
            event(2, ANN, now + HOUR, received_at=now),
            event(3, ANN, now - HOUR, "session_end", received_at=now),
        ]
    )
    [session] = [each.value for each in runner._hosts[0].say(now) if each.kind == "session"]
    assert isinstance(session, LiveSession)
    assert (session.started_at, session.last_at, session.ended) == (NOON, now, None)


def test_platforms_cannot_make_one() -> None:
    forged = {
        "event_id": "e", "event_type": "session_end", "timestamp": "2026-02-16T12:00:00Z", "student_id": "ann",
        "session_id": "s", "payload": {"closed_by": "idle"},
    }  # fmt: skip
    decoded = decode(msgspec.json.encode([forged]))
    [sent] = decoded.sent
    assert decoded.dropped == {"session_end.closed_by": 1}
    assert msgspec.json.encode(sent.payload) == b"{}"


def test_one_that_a_store_refused_is_still_the_servers_when_it_is_replayed() -> None:
    closing = make_closing(CLOSING, ANN, VISIT, NOON, ClosedBy.IDLE, NOON + SECOND)
    inspect(closing, NOON + MINUTE)
    assert restore(closing) == closing
    assert not is_closing(event(1, ANN, NOON, "session_end"))
    assert LiveSessions().key(closing) is None


def test_a_log_that_cannot_write_is_asked_again(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = ClosedSession(ANN, VISIT, NOON, NOON, ClosedBy.IDLE)
    changes = Changes([Output(CLOSING, CLOSED, NOON, closed)], [])
    sink = SessionEnds(plant.log, plant.raw.find_stored, admits, system_clock)

    def full(_: list[Event]) -> Any:
        raise LogFull("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(plant.log, "append", full)
        with pytest.raises(StoreUnavailable, match="cannot be closed"):
            sink.apply(changes)
    sink.apply(changes)
    assert [each.event_id for each in closings(plant)] == [CLOSING]


def test_who_has_withdrawn_consent_meanwhile_gets_none(plant: Plant) -> None:
    closed = ClosedSession(DEE, VISIT, NOON, NOON, ClosedBy.IDLE)
    SessionEnds(plant.log, plant.raw.find_stored, admits, system_clock).apply(
        Changes([Output(CLOSING, CLOSED, NOON, closed)], [])
    )
    assert closings(plant) == []
