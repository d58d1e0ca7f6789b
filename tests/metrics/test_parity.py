"""The rollups say what the Python reference says, however the events come in."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.aggregates import working_set
from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.events.event import Event
from coursepulse.kit.ids import to_text
from tests.metrics.rollup_rows import (
    empty_tables,
    expected,
    plain,
    stored_days,
    stored_parts,
)
from tests.reference.course_day import CourseDayKey, course_days
from tests.reference.course_metrics import CourseMetrics, course_metrics
from tests.reference.parts import parts
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import CATALOG, STUDENTS, event_logs
from tests.support.long import examples
from tests.support.vectors import arbitrated, load_vectors, open_case, own_names

pytestmark = pytest.mark.slow

ZONES = dict(zip(STUDENTS, map(ZoneInfo, ("UTC", "Asia/Kathmandu", "America/Los_Angeles")), strict=True))

VECTORS = [vector for vector in load_vectors() if "student_course_metrics" in vector.expected]


@pytest.fixture(scope="module")
def client(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@examples(25)
@given(log=event_logs(), data=st.data())
def test_any_batches_of_a_log_give_the_rows_of_the_reference(
    client: Client, log: list[Event], data: st.DataObject
) -> None:
    empty_tables(client)
    know(client, CATALOG.lessons, CATALOG.durations, CATALOG.pass_marks, ZONES)
    take_in(client, draw_batches(log, data), restart=data.draw(st.booleans()))

    assert stored_parts(client) == expected(parts(log))
    days = expected(course_days(log))
    assert stored_days(client, "student_course_days") == days
    assert stored_days(client, "student_days") == days
    assert metric_rows(client) == approximately(course_metrics(log, CATALOG, ZONES))


@pytest.mark.long
@examples(25)
@given(log=event_logs(), data=st.data())
def test_so_they_do_when_memory_is_folded_and_forgotten_all_the_time(
    client: Client, log: list[Event], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(working_set, "_EVENTS", data.draw(st.sampled_from([2, 5, 1_000])))
        for name, value in (("_MANY", 1), ("_SILENT", 1), ("_FOLD", 1)):
            patch.setattr(working_set, name, value)
        empty_tables(client)
        take_in(client, draw_batches(log, data, cuts=6))

    assert stored_parts(client) == expected(parts(log))
    assert stored_days(client, "student_course_days") == expected(course_days(log))


def test_the_view_answers_the_published_vectors(client: Client) -> None:
    cases = [open_case(own_names(vector)) for vector in VECTORS]
    catalogs = [case.catalog for case in cases]
    empty_tables(client)
    know(
        client,
        ChainMap(*(each.lessons for each in catalogs)),
        ChainMap(*(each.durations for each in catalogs)),
        ChainMap(*(each.pass_marks for each in catalogs)),
        {
            student: zone
            for case in cases
            for student, zone in case.zones.items()
            if isinstance(zone, ZoneInfo)
        },
    )
    events = [arbitrated(case.events) for case in cases]
    # The last one first; any other order is for the properties above.
    take_in(client, [[each[-1] for each in events], [event for each in events for event in each]])
    wanted = [course_metrics(case.events, case.catalog, case.zones) for case in cases]
    assert metric_rows(client) == approximately(dict(ChainMap(*wanted)))


def draw_batches(log: list[Event], data: st.DataObject, cuts: int = 2) -> list[list[Event]]:
    """The log in another order, with repeats, in one batch or cut so many times."""
    again = data.draw(st.lists(st.sampled_from(log), max_size=3))
    events = data.draw(st.permutations(log + again))
    at = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=cuts)))
    return [events[start:end] for start, end in zip([0, *at], [*at, len(events)], strict=True)]


def take_in(client: Client, batches: list[list[Event]], *, restart: bool = False) -> None:
    """Batch by batch; after a restart nothing is known in memory."""
    rollups = Rollups(client)
    for version, batch in enumerate(batches, start=1):
        rollups = Rollups(client) if restart else rollups
        renewed = rollups.refresh(batch, version)
        learners = LearnerRollups(client)
        learners.refresh(renewed.learners, version)
        learners.refresh_catalog(version)


def know(client: Client, lessons: Any, durations: Any, pass_marks: Any, zones: dict[bytes, ZoneInfo]) -> None:
    """Fill the dimensions with what the reference is told, and nothing else."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        "course_lessons": [
            (course, lesson, place, 1, 0)
            for course, ids in lessons.items()
            for place, lesson in enumerate(ids)
        ],
        "course_videos": [(*key, "", seconds, 1, 0) for key, seconds in durations.items()],
        "course_assessments": [(*key, "quiz", mark, None, 1, 0) for key, mark in pass_marks.items()],
        "students": [(to_text(student), zone.key, False, False, 1, 0) for student, zone in zones.items()],
        "time_zones": [(zone.key, *offsets_of(zone), 1) for zone in set(zones.values())],
    }
    for table, values in rows.items():
        client.command(f"TRUNCATE TABLE {table}")
        if values:
            client.insert(table, values)


@cache
def offsets_of(zone: ZoneInfo) -> tuple[list[datetime], list[int]]:
    """The offset of a zone at every hour of the years that the logs lie in, where it changes."""
    starts, offsets = [datetime(1970, 1, 1, tzinfo=UTC)], [0]
    for hour in range(24 * 365 * 3):
        moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        offset = int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds())
        if offset != offsets[-1]:
            starts.append(moment)
            offsets.append(offset)
    return starts, offsets


def metric_rows(client: Client) -> dict[CourseDayKey, tuple[Any, ...]]:
    columns = ", ".join(CourseMetrics.__struct_fields__)
    rows = client.query(
        f"SELECT student_id, course_id, date, {columns} FROM student_course_metrics"
    ).result_rows
    return {CourseDayKey(*plain(row[:3])): plain(row[3:]) for row in rows}


def approximately(rows: dict[CourseDayKey, CourseMetrics]) -> dict[CourseDayKey, Any]:
    return {key: tuple(map(_about, msgspec.structs.astuple(row))) for key, row in rows.items()}


def _about(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-6)
