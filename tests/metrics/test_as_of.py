"""As of a day, everywhere: what happens afterwards changes no answer that ends before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import example, given

from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, to_micros
from coursepulse.kit.ids import to_bytes
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Metric, Param
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import ANN, BEN, BENS_REST, COURSE, CY, DEE, SAM, TEAM, events, fill
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import START, event_logs
from tests.support.long import examples
from tests.support.postgres import Server

pytestmark = pytest.mark.slow

#: The day after the last that is asked about, and the moment from which on everything is new.
END = date(2026, 3, 6)
AFTER = to_micros(datetime(2026, 3, 7, tzinfo=UTC))

AS_OF = [metric for metric in METRICS.values() if Param.TO in metric.takes]


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, 0)
        fill(world)
        yield world


def move(event: Event, number: int) -> Event:
    """The same after the end, by somebody of the small course, in a session of its own."""
    who = [ANN, BEN, CY, DEE, SAM, event.student_id][number % 6]
    return msgspec.structs.replace(
        event,
        event_id=to_bytes(f"later {number}", "event"),
        student_id=who,
        session_id=to_bytes(f"later {event.session_id.hex()}", "session"),
        at=AFTER + event.at - START,
        course_id=COURSE if event.course_id == "c1" else event.course_id,
        # What the catalog does not know is taken as it is known now, whenever it was said.
        lesson_id="l1" if event.lesson_id else "",
        video_id="v1" if event.video_id else "",
    )


def ask_all(world: World) -> dict[str, Any]:
    return {
        f"{metric.slug} {who.hex()}": world.ask(metric.slug, **wish(metric, who))
        for metric in AS_OF
        for who in ([ANN, CY] if Param.STUDENT in metric.needs else [ANN])
    }


def wish(metric: Metric, who: bytes) -> dict[str, Any]:
    needed = {Param.COURSE: COURSE, Param.STUDENT: who, Param.VIDEO: "v1", Param.TEAM: TEAM}
    return {"end": END} | {param.value: needed[param] for param in metric.needs}


BENS_LATER = [
    msgspec.structs.replace(event, at=START + number)
    for number, event in enumerate(events([*BENS_REST, ("ann", "03-08 10:00:00", "", "course_unenroll", {})]))
]


@examples(4)
@given(later=event_logs())
@example(later=BENS_LATER)
def test_what_happens_afterwards_changes_nothing(world: World, later: list[Event]) -> None:
    empty_tables(world.clickhouse)
    world.enrol_people({ANN: "UTC", BEN: "America/New_York"}, [SAM])
    world.take_in([event for event in events() if event.at < AFTER])
    before = ask_all(world)
    world.take_in([move(event, number) for number, event in enumerate(later)])
    world.now = max(world.now, AFTER + 20 * DAY)
    assert ask_all(world) == before


def test_streak_and_consistency_are_those_of_the_day(world: World) -> None:
    empty_tables(world.clickhouse)
    world.enrol_people({ANN: "UTC"}, [SAM])
    world.take_in(events())
    columns = ("streak_days", "consistency", "last_activity_at")
    [row] = world.ask("student_summary", student=ANN, end=date(2026, 3, 4))
    assert [row[name] for name in columns] == [
        2,
        pytest.approx(0.5 * 2 / 28 + 0.5 * (1 - (27 - 1) / 27)),
        datetime(2026, 3, 3, 10, 0, 40, tzinfo=UTC),
    ]


def test_those_who_came_back_later_are_not_counted_yet(world: World) -> None:
    empty_tables(world.clickhouse)
    world.take_in(events())
    rows = world.ask("retention", start=date(2026, 2, 23), end=date(2026, 3, 9))
    assert {row["period"] for row in rows} == {0, 1}
