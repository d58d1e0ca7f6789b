"""Numbers about a team, against numbers computed by hand and those about everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.metrics.query import Query
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.small_course import ANN, BEN, BENS_REST, CY, DEE, TEAM, events, fill
from tests.reference.catalog import CourseCatalog
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

KEY = Viewer(role=Role.SERVICE, subject="key:lms", scopes=frozenset({"read"}))


@contextmanager
def filled(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """The small course in fresh stores."""
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, 0)
        fill(world)
        yield world
        world.trail.close()


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with filled(clickhouse_url, postgres_server) as world:
        yield world


@pytest.fixture
def changing(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """For tests after which it is another course."""
    with filled(clickhouse_url, postgres_server) as world:
        yield world


def summary(world: World, team: str = TEAM, **wish: Any) -> dict[str, Any]:
    (row,) = world.ask("team_summary", team=team, **wish)
    return row


def listed(world: World, team: str = TEAM, **wish: Any) -> dict[bytes, tuple[Any, ...]]:
    columns = ("courses", "completion_pct", "score_pct", "time_spent", "last_activity_at")
    rows = world.ask("team_members", team=team, **wish)
    return {row["student_id"].bytes: tuple(row[column] for column in columns) for row in rows}


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=UTC)


def test_a_team_at_a_glance(world: World) -> None:
    """Cy has left the course, Sam is a test account."""
    assert summary(world) == {
        "team_id": TEAM,
        "team": TEAM,
        "members": 4,
        "not_agreed": 4,
        "not_linked": 0,
        "active_members": 3,
        "time_spent": 1460,
        "lessons_completed": 3,
        "courses_completed": 0,
        "completion_pct": 25,
        "score_pct": 65,
        "with_completion": 3,
        "with_score": 2,
    }


def test_each_member(world: World) -> None:
    assert listed(world) == {
        ANN: (1, 50, 80, 760, at(9, 9)),
        BEN: (1, 25, 50, 700, at(2, 11, 11, 40)),
        CY: (0, None, None, 0, at(2, 12)),
        DEE: (1, 0, None, 0, None),
    }


def test_only_members_count(world: World) -> None:
    world.team("pair", "acme", "ben", "dee")
    row = summary(world, "pair")
    assert (row["members"], row["active_members"], row["time_spent"]) == (2, 1, 700)
    assert listed(world, "pair").keys() == {BEN, DEE}


def test_a_team_of_everybody_has_the_numbers_of_the_platform(changing: World) -> None:
    changing.take_in(events([*BENS_REST, ("ben", "03-05 08:00:00", "", "course_complete", {})]))
    team, (platform,), (course,) = (
        summary(changing),
        changing.ask("platform_summary"),
        changing.ask("courses"),
    )
    assert platform["courses_completed"] == 1
    for column in ("time_spent", "lessons_completed", "courses_completed"):
        assert team[column] == platform[column], column
    assert team["active_members"] == platform["active_learners"]
    for column in ("completion_pct", "score_pct"):
        assert team[column] == pytest.approx(course[column]), column


def test_the_period_and_the_one_before(world: World) -> None:
    query = Query(metric="team_summary", team=TEAM, start=date(2026, 3, 3), end=date(2026, 3, 5))
    table = world.metrics.run(query, KEY)
    assert (table.records()[0]["time_spent"], table.before()[0]["time_spent"]) == (40, 1420)
    assert (table.records()[0]["active_members"], table.before()[0]["active_members"]) == (1, 3)
    assert table.before()[0]["members"] == 4
    assert listed(world, start=date(2026, 3, 3), end=date(2026, 3, 5))[ANN] == (
        1,
        25,
        80,
        40,
        at(3, 10, 0, 40),
    )


def test_a_mean_weighs_members_and_not_courses(changing: World) -> None:
    changing.know(CourseCatalog(lessons={"art": ("l1",)}))
    begun = events([("ann", "03-04 10:00:00", "", "course_enroll", {})])
    changing.take_in([msgspec.structs.replace(event, course_id="art") for event in begun])
    assert listed(changing)[ANN][:2] == (2, 25)
    assert summary(changing)["completion_pct"] == pytest.approx((25 + 25 + 0) / 3)


def test_who_takes_the_consent_back_counts_as_a_member_only(world: World) -> None:
    world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 1, 0)])
    row = summary(world)
    assert (row["members"], row["active_members"], row["time_spent"], row["completion_pct"]) == (
        4,
        2,
        700,
        12.5,
    )
    assert ANN not in listed(world)
    world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 2, 1)])
    assert summary(world)["active_members"] == 3


@pytest.mark.parametrize("team", ["empty", "unknown"])
def test_nobody_is_not_everybody(world: World, team: str) -> None:
    world.team("empty", "acme")
    row = summary(world, team)
    assert (row["members"], row["active_members"], row["time_spent"]) == (0, 0, 0)
    assert row["completion_pct"] is None
    assert listed(world, team) == {}


def test_members_in_pages(world: World) -> None:
    query = Query(metric="team_members", team=TEAM, sort="-time_spent", limit=1, offset=1)
    table = world.metrics.run(query, KEY)
    assert [row["name"] for row in table.records()] == ["Ben"]
    assert table.total == 4


def test_a_team_of_five_thousand(world: World) -> None:
    members = ["ann", "ben", *(f"member-{n}" for n in range(4998))]
    world.team("large", "acme", *members)
    row = summary(world, "large")
    assert (row["members"], row["active_members"], row["time_spent"]) == (5000, 2, 1460)
    assert listed(world, "large", sort="student_id").keys() == {pseudonym(each) for each in members}
