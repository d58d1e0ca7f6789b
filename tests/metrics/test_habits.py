"""How people study, against counts by hand, and groups where they were planted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.small_course import Line, events
from tests.reference.catalog import CourseCatalog
from tests.reference.playback import VideoKey
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
START, END = date(2026, 2, 10), date(2026, 3, 10)
ERA = Viewer(role=Role.STUDENT, subject="student:era", student_id=pseudonym("era"))

#: Era learns in Berlin, one hour ahead: on a morning, late in an evening, and after midnight.
OWN: list[Line] = [
    ("era", "03-01 10:00:00", "", "course_enroll", {}),
    ("era", "03-02 09:00:00", "e1", "lesson_start", {"lesson_id": "l1"}),
    (
        "era",
        "03-02 09:01:00",
        "e1",
        "video_play",
        {"video_id": "v1", "current_time": 0, "playback_rate": 1.5},
    ),
    ("era", "03-02 09:01:40", "e1", "video_pause", {"video_id": "v1", "current_time": 60}),
    ("era", "03-04 22:00:00", "e2", "lesson_start", {"lesson_id": "l3"}),
    ("era", "03-04 22:01:00", "e2", "forum_view", {"thread_id": "t1"}),
    (
        "era",
        "03-04 22:02:00",
        "e2",
        "video_play",
        {"video_id": "v1", "current_time": 30, "playback_rate": 1.0},
    ),
    ("era", "03-04 22:02:40", "e2", "video_pause", {"video_id": "v1", "current_time": 70}),
    ("era", "03-06 23:30:00", "e3", "lesson_start", {"lesson_id": "l2"}),
    ("era", "03-06 23:32:00", "e3", "lesson_complete", {"lesson_id": "l2"}),
]


def study(course: str, who: str, days: range, hour: int, rate: float) -> Iterator[Event]:
    """A lesson begun and a video played on each of some days."""
    for day in days:
        at, about = f"03-{day:02d} {hour:02d}", f"{who}-{day}"
        watched = {"video_id": "v1", "current_time": 0, "playback_rate": rate}
        script: list[Line] = [
            (who, f"{at}:00:00", about, "lesson_start", {"lesson_id": f"l{day}"}),
            (who, f"{at}:05:00", about, "video_play", watched),
            (who, f"{at}:06:00", about, "video_pause", {"video_id": "v1", "current_time": 60 * rate}),
        ]
        for event in events(script):
            yield msgspec.structs.replace(event, course_id=course)


def class_of(course: str, often: int, seldom: int) -> Iterator[Event]:
    """Some who learn every day in the morning, and some on three evenings with fast videos."""
    for n in range(often):
        yield from study(course, f"{course}-often-{n}", range(2, 8 + n % 3), 7 + n % 3, 1.0)
    for n in range(seldom):
        yield from study(
            course, f"{course}-seldom-{n}", range(2, 5 + n % 2), 19 + n % 3, 1.5 + 0.05 * (n % 3)
        )


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(NOW))
        order = tuple(f"l{number}" for number in range(1, 12))
        world.know(
            CourseCatalog(
                lessons=dict.fromkeys(("maths", "large", "small"), order),
                durations={VideoKey("maths", "v1"): 100.0},
            )
        )
        world.enrol_people({pseudonym("era"): "Europe/Berlin"})
        world.take_in([*events(OWN), *class_of("large", 28, 16), *class_of("small", 20, 12)])
        yield world
        world.trail.close()


def ask(world: World, metric: str, **wish: Any) -> list[dict[str, Any]]:
    return world.ask(metric, start=START, end=END, **wish)


def test_habits_of_one_student(world: World) -> None:
    (row,) = ask(world, "student_habits", student=pseudonym("era"), viewer=ERA)
    assert (row["course_id"], row["active_days"]) == ("maths", 3)
    assert row["days_a_week"] == pytest.approx(7 * 3 / 8), "eight days since the first one"
    assert row["usual_hour"] == pytest.approx((10 + 23 + 24.5) / 3)
    assert row["in_order_pct"] == 50, "l1, l3, l2"
    assert row["discussion_pct"] == pytest.approx(100 / 3)
    assert row["replay_pct"] == pytest.approx(100 * 30 / 100), "0-60 and 30-70"
    assert row["speed"] == 1.25
    assert 100 < row["time_a_day"] * 3 < 600


def test_what_lies_outside_the_period_is_no_habit_of_these_weeks(world: World) -> None:
    later = {"start": date(2026, 3, 3), "end": END}
    assert world.ask("student_habits", student=pseudonym("era"), viewer=ERA, **later) == []


def test_groups_of_a_class_in_words_that_fit_them(world: World) -> None:
    often, seldom = ask(world, "course_patterns", course="large")
    assert (often["learners"], seldom["learners"]) == (28, 16)
    assert often["share_pct"] == pytest.approx(100 * 28 / 44)
    assert {"speed.more", "usual_hour.more", "days_a_week.less"} <= set(seldom["traits"])
    assert {"speed.less", "usual_hour.less", "days_a_week.more"} <= set(often["traits"])
    assert often["usual_hour"] < 12
    assert seldom["usual_hour"] > 19
    assert often["speed"] == 1


def test_a_small_class_is_never_described(world: World) -> None:
    assert ask(world, "course_patterns", course="small") == []


def test_those_who_may_not_see_the_class_are_told_less(world: World) -> None:
    admin = Viewer(role=Role.ADMIN, subject="admin")
    rows = ask(world, "course_patterns", course="large", viewer=admin)
    assert rows
    assert {row["learners"] % 5 for row in rows} == {0}
    assert {row[name] for row in rows for name in ("traits", "speed", "usual_hour")} == {None}
