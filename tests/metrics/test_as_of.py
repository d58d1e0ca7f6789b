"""As of a day, everywhere: what happens afterwards changes no answer that ends before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import example, given

from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.port import Search
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, to_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_bytes
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Metric, Param, Scope
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from coursepulse.store.postgres.connect import open_pool
from coursepulse.web.metrics.api import read_past
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import ANN, BEN, BENS_REST, COURSE, CY, DEE, SAM, TEAM, events, fill
from tests.support.campus_world import ADMIN, World
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import START, event_logs
from tests.support.long import WRITTEN_DOWN
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
        f"{metric.slug} {who.hex()}": world.ask(
            metric.slug, viewer=viewer_of(metric, who), **wish(metric, who)
        )
        for metric in AS_OF
        for who in ([ANN, CY] if Param.STUDENT in metric.needs else [ANN])
    }


def wish(metric: Metric, who: bytes) -> dict[str, Any]:
    return {"end": END} | needed(metric, who)


def needed(metric: Metric, who: bytes) -> dict[str, Any]:
    given = {Param.COURSE: COURSE, Param.STUDENT: who, Param.VIDEO: "v1", Param.TEAM: TEAM}
    return {param.value: given[param] for param in metric.needs}


BENS_LATER = [
    msgspec.structs.replace(event, at=START + number)
    for number, event in enumerate(events([*BENS_REST, ("ann", "03-08 10:00:00", "", "course_unenroll", {})]))
]


@pytest.mark.long
@WRITTEN_DOWN
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


#: The day as of which everything is asked below.
DAY_BEFORE = date(2026, 3, 6)

HERSELF = Viewer(role=Role.STUDENT, subject="ann", student_id=ANN)
MANAGER = Viewer(role=Role.MANAGER, subject="m", team_ids=frozenset({TEAM}), organisation_id="acme")
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="teacher", course_ids=frozenset({COURSE}))

DATED = [metric for metric in METRICS.values() if metric.dated]


def viewer_of(metric: Metric, who: bytes = ANN) -> Viewer:
    """Somebody who may see it."""
    if metric.board:
        return TEACHER if metric.scope is Scope.COURSE else MANAGER
    return msgspec.structs.replace(HERSELF, student_id=who) if metric.private else ADMIN


def ask_dated(world: World, as_of: date | None) -> dict[str, Table]:
    """Every answer, but for how fresh it is."""
    return {
        f"{metric.slug} {who.hex()}": world.metrics.run(
            Query(metric=metric.slug, as_of=as_of, **needed(metric, who)), viewer_of(metric, who)
        )._replace(latest_data_at=None)
        for metric in DATED
        for who in ([ANN, CY] if Param.STUDENT in metric.needs else [ANN])
    }


@WRITTEN_DOWN
@given(later=event_logs())
@example(later=BENS_LATER)
def test_as_of_a_day_is_what_was_shown_at_its_end(world: World, later: list[Event]) -> None:
    empty_tables(world.clickhouse)
    world.enrol_people({ANN: "UTC", BEN: "America/New_York"}, [SAM])
    world.take_in([event for event in events() if event.at < AFTER])
    world.now = AFTER - 1
    then = ask_dated(world, None)
    world.take_in([move(event, number) for number, event in enumerate(later)])
    world.now = AFTER + 20 * DAY
    assert ask_dated(world, DAY_BEFORE) == then


def test_what_has_no_past_says_so(world: World) -> None:
    world.now = AFTER
    for metric in METRICS.values():
        if not metric.dated:
            asked = Query(metric=metric.slug, as_of=DAY_BEFORE, **needed(metric, ANN))
            with pytest.raises(RequestError) as refused:
                world.metrics.run(asked, viewer_of(metric))
            assert refused.value.code == "as_of_unknown", metric.slug


@pytest.mark.parametrize(
    ("as_of", "end"), [(date(2026, 3, 7), None), (date(1969, 1, 1), None), (DAY_BEFORE, date(2026, 3, 8))]
)
def test_only_of_days_that_are_over(world: World, as_of: date, end: date | None) -> None:
    world.now = AFTER
    asked = Query(metric="student_summary", student=ANN, as_of=as_of, end=end)
    with pytest.raises(RequestError) as refused:
        world.metrics.run(asked, ADMIN)
    assert refused.value.code == "invalid_as_of"


def test_a_moment_within_a_day_is_too_fine() -> None:
    assert read_past("2026-03-06") == DAY_BEFORE
    with pytest.raises(RequestError) as refused:
        read_past("2026-03-06T12:00:00Z")
    assert refused.value.code == "as_of_too_fine"


def test_the_trail_says_when_and_as_of_which_day(world: World) -> None:
    world.now = AFTER
    world.ask("student_summary", student=ANN, as_of=DAY_BEFORE)
    entry = world.trail.find(Search(), 1)[0].entry
    assert (entry.at, entry.detail) == (AFTER, "student_summary days=2026-02-07..2026-03-07 as_of=2026-03-06")
