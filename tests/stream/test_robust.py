"""Whatever stands in the log, and whatever goes wrong behind it, the pipeline goes on and the neighbours count."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import polars as pl
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coursepulse.aggregates.rollups import Rollups
from coursepulse.aggregates.working_set import WorkingSet
from coursepulse.collect.keys import SCOPES, Key
from coursepulse.collect.request_context import RequestContext
from coursepulse.collect.steps import STEPS, Resources
from coursepulse.events.event import Event, pack
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.clock import DAY, SECOND, system_clock, to_micros
from coursepulse.kit.settings import Settings
from coursepulse.log.port import Block
from coursepulse.log.positions import to_number
from coursepulse.privacy.consent import ConsentDecision, ConsentRegister, Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.raw import PostgresRawStore, StoredBatch
from coursepulse.stream.stages import SERVED
from tests.stream.test_pipeline import NOON, Plant, event, plant
from tests.support.server import wait_until

__all__ = ["plant"]

FEW = settings(
    max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
)

NOW = system_clock()

POISON = event(4)

GOOD = [event(number) for number in (1, 2, 3, 5, 6, 7)]


class Panic(BaseException):
    """As a library written in Rust throws it: no Exception."""


class BuggyStore(PostgresRawStore):
    """Meets a bug at one event."""

    def write(self, blocks: list[Block], skip: Collection[int] = ()) -> StoredBatch:
        written = super().write(blocks, skip)
        if any(one.event_id == POISON.event_id for one in written.fresh):
            raise ZeroDivisionError
        return written


class BuggyInsert(Rollups):
    """Meets a bug while it takes one event in."""

    def insert(self, events: list[Event]) -> pl.DataFrame:
        fresh = super().insert(events)
        if any(one.event_id == POISON.event_id for one in events):
            raise KeyError
        return fresh


class BuggyRenewal(Rollups):
    """Meets a bug at whatever it computes while one event is there."""

    def _renew(self, working_set: WorkingSet, fresh: pl.DataFrame, version: int) -> pl.DataFrame:
        there = "SELECT count() FROM events WHERE event_id = {id:UUID}"
        values = {"id": str(UUID(bytes=POISON.event_id))}
        if self._client.query(there, parameters=values).result_rows[0][0]:
            raise Panic
        return super()._renew(working_set, fresh, version)


@pytest.mark.parametrize(
    "where", ["write", *(pytest.param(each, marks=pytest.mark.long) for each in ("insert", "renew"))]
)
def test_a_bug_at_one_event_costs_that_event_and_after_a_restart_too(plant: Plant, where: str) -> None:
    if where == "write":
        plant.raw = BuggyStore(plant.pool)  # type: ignore[assignment]
    else:
        plant.rollups = (BuggyInsert if where == "insert" else BuggyRenewal)(plant.client)
    plant.send(*GOOD[:3], POISON, *GOOD[3:5])
    with plant.running() as pipeline:
        plant.settle()
        assert pipeline.progress.trouble is None
    with plant.running():
        plant.send(GOOD[5])
        plant.settle()
    assert plant.refused == [POISON.event_id]
    assert plant.counted() == len(GOOD)
    assert plant.stored() == len(GOOD) + (where == "write")
    # Mended, or met by a version without the bug, it is no duplicate of itself.
    if where != "write":
        plant.rollups = Rollups(plant.client)
        with plant.running():
            plant.send(POISON)
            plant.settle()
        assert plant.counted() == len(GOOD) + 1


_values = st.recursive(
    st.none()
    | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=9) | st.binary(max_size=17),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def nearly_events(draw: st.DrawFn) -> list[Any]:
    """The fields of a sound event, some of them put into something else."""
    fields = list(msgspec.structs.astuple(event(draw(st.integers(100, 200)))))
    for place in draw(st.lists(st.integers(0, len(fields) - 1), min_size=1, max_size=3)):
        fields[place] = draw(
            _values | st.sampled_from([2**62, -1, "hacked", b"[1]", b'{"x":', "a@b.c", float("nan")])
        )
    return fields[: draw(st.integers(1, len(fields)))]


_bodies = (
    st.binary(max_size=60)
    | st.text(max_size=20)
    | st.integers()
    .map(lambda n: n % 2**63)
    | st.binary(max_size=60).map(zstandard.compress)
    | _values.map(lambda value: zstandard.compress(msgspec.msgpack.encode(value)))
    | st.lists(nearly_events(), min_size=1, max_size=4).map(
        lambda events: zstandard.compress(msgspec.msgpack.encode(events))
    )
)  # fmt: skip


def write_row(plant: Plant, body: object, events: object = 1) -> None:
    """As somebody does who has the file."""
    with sqlite3.connect(plant.path) as db:
        db.execute(
            "INSERT INTO blocks (position, appended_at, events, total, body) "
            "SELECT position + 1, 0, ?, total + 1, ? FROM newest",
            (events, body),
        )


def test_whatever_somebody_writes_into_the_log_the_neighbours_count(plant: Plant) -> None:
    good = iter(range(1000, 2000))

    @FEW
    @given(st.lists(st.tuples(_bodies, st.sampled_from([1, 0, -5, 10**9, "many"])), min_size=15, max_size=40))
    def write(rows: list[tuple[object, object]]) -> None:
        for body, events in rows:
            write_row(plant, body, events)
            plant.send(event(next(good)))

    with plant.running() as pipeline:
        write()
        newest = max(map(to_number, plant.log.newest()))
        wait_until(lambda: to_number(plant.raw.served(0)) >= newest)
        assert pipeline.progress.trouble is None
    sent = next(good) - 1000
    found = plant.client.query(
        "SELECT uniqExact(event_id) FROM events WHERE reinterpretAsUInt128(event_id) != 0"
    ).result_rows
    with plant.pool.connection() as connection:
        ids = {row[0].int for row in connection.execute("SELECT event_id FROM student_activity_events")}
    assert set(range(1000, 1000 + sent)) <= ids
    assert found[0][0] == len(ids)
    progress = plant.raw.progress(SERVED)
    assert progress
    assert progress.latest_event_at
    assert progress.latest_event_at <= system_clock()


def test_an_event_of_another_year_is_refused_and_freshness_stays_true(plant: Plant) -> None:
    ahead = msgspec.structs.replace(event(2), at=to_micros(datetime(2031, 5, 1, tzinfo=UTC)))
    unknown = msgspec.structs.replace(event(3), event_type="hacked")
    named = msgspec.structs.replace(event(4), browser="ann@example.org")
    precise = msgspec.structs.replace(event(5), ip="192.0.2.7/32")
    free = msgspec.structs.replace(event(6), payload=b'["a remark"]')
    money = msgspec.structs.replace(event(8), currency="eur")
    with plant.running():
        plant.send(event(1), ahead, unknown, named, precise, free, money, event(7))
        plant.settle()
    assert plant.refused == [one.event_id for one in (ahead, unknown, named, precise, free, money)]
    progress = plant.raw.progress(SERVED)
    assert progress
    assert progress.latest_event_at == NOON + 7 * SECOND
    assert plant.counted() == 2


_ids = st.text(max_size=128) | st.sampled_from(["", "c1", "\x7f", "'; --", "🦆" * 128])
_numbers = st.sampled_from([0, 0.0, 1e-300, 0.1, 1, 16, 360_000, 359_999.9, 1e6, 1, 10_000, 5])
_fields = st.dictionaries(
    st.sampled_from(
        [
            "current_time", "video_duration", "playback_rate", "from_time", "to_time", "score", "max_score", "attempt",
            "passed", "is_correct", "question_id", "clicks", "video_quality", "buffer_health", "played_segments",
            "time_spent", "amount",
        ]
    ),
    _numbers | st.booleans() | st.text(max_size=12) | st.lists(st.tuples(_numbers, _numbers), max_size=3),
    max_size=6,
)  # fmt: skip


@st.composite
def envelopes(draw: st.DrawFn) -> dict[str, Any]:
    at = draw(st.sampled_from([0, 1, DAY - 1, NOON, NOON + 1, NOW]) | st.integers(0, NOW))
    return {
        "event_id": draw(st.uuids().map(str)),
        "event_type": draw(st.sampled_from([*TYPES, "x_own"])),
        "timestamp": datetime.fromtimestamp(at / 1e6, UTC).isoformat(),
        "student_id": draw(st.sampled_from(["ann", "bob"])),
        "session_id": draw(st.sampled_from(["", "v1", "v2"])),
        "context": {name: draw(_ids) for name in ("course_id", "lesson_id", "video_id", "assessment_id")},
        "device": {"type": "mobile", "os": draw(st.text(max_size=64)), "browser": "a@b"},
        "payload": draw(_fields),
        "country": draw(st.sampled_from(["", "DE"])),
    }


def test_any_event_that_passes_the_collector_passes_the_pipeline(plant: Plant) -> None:
    names, register = Pseudonyms(b"a secret of the tests"), ConsentRegister()
    register.apply([ConsentDecision(names.of(who), Purpose.ANALYTICS, True) for who in ("ann", "bob")])
    resources, accepted = Resources(Settings(), names, register, lambda: 0), set[bytes]()

    @FEW
    @given(st.lists(envelopes(), min_size=20, max_size=60))
    def pass_through(sent: list[dict[str, Any]]) -> None:
        key = Key("all", SCOPES)
        request = RequestContext(msgspec.json.encode(sent), False, key, "192.0.2.7", system_clock())
        for step in STEPS:
            step(resources, request)
        events = [each.event for each in request.candidates]
        assert pack(events)
        accepted.update(each.event_id for each in events)
        if events:
            plant.send(*events)

    with plant.running() as pipeline:
        pass_through()
        plant.settle()
        assert pipeline.progress.trouble is None
    assert plant.refused == []
    assert len(accepted) > 60
    assert plant.stored() == len(accepted)
