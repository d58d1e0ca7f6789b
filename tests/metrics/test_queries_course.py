"""Metrics about a course and the platform, against numbers computed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Param, Unit
from coursepulse.metrics.query import Query
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.small_course import ANN, BEN, COURSE, CY, DEE, NOW, SAM, fill
from tests.support.campus_world import ADMIN, World
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

close = pytest.approx
MONDAY = date(2026, 3, 2)

NOBODY = Viewer(role=Role.STUDENT, subject="account:nobody", student_id=b"nobody".ljust(16, b"\0"))
OF_NOTHING = Viewer(role=Role.INSTRUCTOR, subject="tom", course_ids=frozenset({"nowhere"}))


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


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def select(rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


def test_course_summary(world: World) -> None:
    table = world.metrics.run(Query(metric="course_summary", course=COURSE), ADMIN)
    assert table.records() == [
        {
            "course_id": COURSE,
            "title": "Mathematics",
            "learners_enrolled": 3,
            "learners_agreed": 3,
            "active_learners": 3,
            "time_spent": 1460,
            "completion_pct": close(25),
            "score_pct": close(65),
            "watched_pct": close(85),
        }
    ]
    assert (table.start, table.end) == (date(2026, 2, 10), date(2026, 3, 10))
    assert table.before()[0] | {"title": ""} == dict.fromkeys(table.columns) | {
        "course_id": COURSE,
        "title": "",
        "learners_enrolled": 0,
        "learners_agreed": 0,
        "active_learners": 0,
        "time_spent": 0,
    }


def test_previous_period_is_as_long_and_ends_where_this_begins(world: World) -> None:
    query = Query(metric="course_summary", course=COURSE, start=date(2026, 3, 3), end=date(2026, 3, 5))
    table = world.metrics.run(query, ADMIN)
    assert table.records()[0]["time_spent"] == 40
    assert table.before()[0]["time_spent"] == 1420


def test_today_is_compared_with_nothing(world: World) -> None:
    """The ninth, noon: Ann learned that morning. Eight whole days are set against the eight before."""
    query = Query(metric="course_summary", course=COURSE, start=date(2026, 3, 1))
    table = world.metrics.run(query, ADMIN)
    assert (table.start, table.end) == (date(2026, 3, 1), date(2026, 3, 10))
    eight = msgspec.structs.replace(query, end=date(2026, 3, 9))
    assert table.over() == world.metrics.run(eight, ADMIN).records() != table.records()
    assert table.before() == world.metrics.run(eight, ADMIN).before()
    # A period that is over is compared as it is, and of today alone nothing is over.
    assert world.metrics.run(eight, ADMIN).whole is None
    today = world.metrics.run(msgspec.structs.replace(query, start=date(2026, 3, 9)), ADMIN)
    assert (today.previous, today.whole) == (None, None)


@pytest.mark.parametrize("metric", ["platform_summary", "student_summary"])
def test_whole_days_are_those_of_a_question_that_ends_yesterday(world: World, metric: str) -> None:
    query = Query(metric=metric, student=ANN if metric == "student_summary" else None, start=date(2026, 3, 2))
    eight = world.metrics.run(msgspec.structs.replace(query, end=date(2026, 3, 9)), ADMIN)
    table = world.metrics.run(query, ADMIN)
    assert (table.over(), table.before()) == (eight.records(), eight.before())


@pytest.mark.parametrize(
    ("wish", "start", "reaches"),
    [
        # The class began on Monday the 2nd.
        ({"metric": "course_summary", "course": COURSE}, date(2026, 3, 4), True),
        ({"metric": "course_summary", "course": COURSE}, date(2026, 3, 5), True),
        ({"metric": "course_summary", "course": COURSE}, date(2026, 3, 3), False),
        ({"metric": "course_summary", "course": "nobody-came"}, date(2026, 3, 5), False),
        ({"metric": "platform_summary"}, date(2026, 3, 4), True),
        ({"metric": "platform_summary"}, date(2026, 1, 1), False),
        ({"metric": "student_summary", "student": ANN}, date(2026, 3, 5), True),
        ({"metric": "student_summary", "student": ANN}, date(2026, 2, 20), False),
        # Enrolled, and has never begun.
        ({"metric": "student_summary", "student": DEE}, date(2026, 3, 5), False),
    ],
)
def test_a_period_is_compared_with_no_time_before_the_first_data(
    world: World, wish: dict[str, Any], start: date, reaches: bool
) -> None:
    world.title("courses", ("nobody-came", "", None, None))
    end = start + timedelta(days=2) if reaches else start + timedelta(days=7)
    assert world.metrics.run(Query(start=start, end=end, **wish), ADMIN).reaches_back is reaches


def test_course_students(world: World) -> None:
    rows = world.ask("course_students", course=COURSE, sort="name")
    columns = ("name", "completion_pct", "time_spent", "sessions", "days_active", "watched_pct", "score_pct")
    assert select(rows, *columns) == [
        ("", 0, 0, 0, 0, None, None),
        ("Ann", 50, 760, 3, 3, close(70), 80),
        ("Ben", 25, 700, 1, 1, close(100), 50),
    ]
    assert select(rows, "last_activity_at", "engagement", "bucket", "risk_score") == [
        (None, None, "struggling", 80),
        (moment(9, 9), "normal", "excelling", 5),
        (moment(2, 11, 11).replace(second=40), None, "struggling", 20),
    ]


@pytest.mark.parametrize("weekday", range(7))
def test_engagement_looks_at_seven_days_on_every_weekday(world: World, weekday: int) -> None:
    """Ann learned on Monday the 2nd and Tuesday the 3rd, Ben on the 2nd, and then nobody until the 9th."""
    day = date(2026, 3, 2) + timedelta(days=weekday)
    rows = world.ask("course_risk", course=COURSE, end=day + timedelta(days=1))
    active = {row["name"] for row in rows if row["engagement_score"] is not None}
    assert {"Ann", "Ben"} <= active
    late = world.ask("course_risk", course=COURSE, end=date(2026, 3, 10))
    assert [row["name"] for row in late if row["engagement_score"] is not None] == ["Ann"]


def test_a_page_of_students(world: World) -> None:
    table = world.metrics.run(
        Query(metric="course_students", course=COURSE, sort="-time_spent", limit=1, offset=1), ADMIN
    )
    assert select(table.records(), "student_id", "name") == [(world.uuid(BEN), "Ben")]
    assert table.total == 3


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        ({}, ["", "Ann", "Ben"]),
        ({"search": "  BÉN "}, ["Ben"]),
        ({"search": "e n"}, ["Ben"]),
        ({"search": "nobody"}, []),
        ({"bucket": "struggling"}, ["", "Ben"]),
        ({"bucket": "struggling", "search": "b"}, ["Ben"]),
        ({"engagement": "absent"}, ["", "Ben"]),
        ({"engagement": "normal"}, ["Ann"]),
        ({"status": "not_started"}, [""]),
        ({"status": "in_progress"}, ["Ann", "Ben"]),
        ({"status": "completed"}, []),
    ],
)
def test_students_are_found_by_name_and_by_where_they_stand(
    world: World, wish: dict[str, Any], names: list[str]
) -> None:
    asked: dict[str, Any] = {"metric": "course_students", "course": COURSE, "limit": 2}
    assert select(world.ask(**asked, sort="name", **wish), "name") == [(name,) for name in names[:2]]
    assert world.metrics.run(Query(**asked, **wish), ADMIN).total == len(names)


def test_who_did_not_agree_is_told_apart_with_what_rests_on_contract(world: World) -> None:
    asked: dict[str, Any] = {"metric": "course_not_agreed", "course": COURSE}
    assert world.ask(**asked) == []
    world.clickhouse.insert("not_agreed", [(str(world.uuid(BEN)), 1, 0), (str(world.uuid(SAM)), 1, 0)])
    try:
        assert world.ask(**asked) == [
            {
                "student_id": world.uuid(BEN),
                "name": "Ben",
                "enrolled_at": moment(1, 10),
                "completion_pct": 25,
                "score_pct": 50,
            }
        ]
        (row,) = world.ask("course_summary", course=COURSE)
        assert row["learners_enrolled"] - row["learners_agreed"] == 1
        assert BEN not in {each["student_id"].bytes for each in world.ask("course_students", course=COURSE)}
        assert world.ask(**asked, end=date(2026, 3, 1)) == []
        assert world.ask(**asked, search="ann") == []
    finally:
        world.clickhouse.insert("not_agreed", [(str(world.uuid(BEN)), 2, 1), (str(world.uuid(SAM)), 2, 1)])


def test_who_has_no_name_is_found_by_the_beginning_of_the_pseudonym(world: World) -> None:
    start = str(world.uuid(DEE))[:4]
    rows = world.ask("course_students", course=COURSE, search=f"Student {start}")
    assert select(rows, "student_id") == [(world.uuid(DEE),)]
    assert world.ask("course_students", course=COURSE, search=start[:3]) == []


@pytest.mark.parametrize("name", ["bucket", "engagement", "status"])
def test_a_filter_that_no_row_could_pass_is_a_mistake(world: World, name: str) -> None:
    wish: dict[str, Any] = {name: "hopeless"}
    with pytest.raises(RequestError, match="must be one of") as refused:
        world.ask("course_students", course=COURSE, **wish)
    assert refused.value.code == "invalid_filter"


def test_those_who_struggle_come_with_their_reasons(world: World) -> None:
    rows = world.ask("course_students", course=COURSE)
    by_risk = {row["student_id"]: row["reasons"] for row in world.ask("course_risk", course=COURSE)}
    assert by_risk[world.uuid(DEE)]
    assert {row["student_id"]: row["reasons"] for row in rows} == by_risk
    assert select(rows, "risk_score") == sorted(select(rows, "risk_score"), reverse=True)


@pytest.mark.parametrize(
    "sort", [each.name for each in METRICS["course_students"].columns if each.unit is not Unit.LIST]
)
def test_students_sort_by_every_column(world: World, sort: str) -> None:
    up = world.ask("course_students", course=COURSE, sort=sort)
    down = world.ask("course_students", course=COURSE, sort=f"-{sort}")
    known = [row[sort] for row in up if row[sort] is not None]
    assert known == sorted(known)
    assert [row[sort] for row in down if row[sort] is not None] == known[::-1]


def test_course_daily(world: World) -> None:
    columns = (
        "day",
        "active_learners",
        "time_video",
        "time_quiz",
        "time_reading",
        "time_spent",
        "lessons_completed",
    )
    rows = select(world.ask("course_daily", course=COURSE), *columns)
    assert rows == [
        (date(2026, 3, 1), 0, 0, 0, 0, 0, 0),
        (date(2026, 3, 2), 3, 220, 510, 690, 1420, 2),
        (date(2026, 3, 3), 1, 40, 0, 0, 40, 0),
        (date(2026, 3, 5), 0, 0, 0, 0, 0, 0),
        (date(2026, 3, 9), 1, 0, 0, 0, 0, 1),
    ]


def test_course_lessons(world: World) -> None:
    rows = world.ask("course_lessons", course=COURSE)
    assert select(rows, "place", "lesson_id", "title", "started", "completed") == [
        (1, "l1", "Sets", 3, 2),
        (2, "l2", "", 1, 1),
        (3, "l3", "", 0, 0),
        (4, "l4", "", 0, 0),
    ]


def test_course_videos(world: World) -> None:
    assert world.ask("course_videos", course=COURSE) == [
        {
            "video_id": "v1",
            "title": "What is a set?",
            "duration": 100,
            "viewers": 2,
            "watched_pct": close(85),
            "completed": 1,
            "rewatch_pct": close(100 * 30 / 170),
        }
    ]


def test_video_dropoff(world: World) -> None:
    rows = world.ask("video_dropoff", course=COURSE, video="v1")
    assert [row["second"] for row in rows] == list(range(0, 100, 5))
    assert [row["viewers"] for row in rows] == [2] * 14 + [1] * 6
    assert [row["remaining_pct"] for row in rows] == [100] * 14 + [50] * 6
    assert [row["second"] for row in rows if row["rewatchers"]] == [30, 35, 40, 45, 50, 55]


def test_a_video_that_nobody_saw_has_no_curve(world: World) -> None:
    assert world.ask("video_dropoff", course=COURSE, video="v9") == []


def test_course_assessments(world: World) -> None:
    assert world.ask("course_assessments", course=COURSE) == [
        {
            "assessment_id": "q1",
            "title": "Quiz on sets",
            "kind": "quiz",
            "learners": 2,
            "attempts": 2,
            "score_pct": 65,
            "passed": 1,
            "passed_pct": 50,
            "bins": [0, 0, 0, 0, 0, 1, 0, 0, 1, 0],
        }
    ]


def test_question_first_try(world: World) -> None:
    rows = world.ask("question_first_try", course=COURSE)
    assert select(rows, "assessment_id", "title", "question_id", "answered", "correct", "first_try_pct") == [
        ("q1", "Quiz on sets", "1", 2, 1, 50)
    ]


def test_course_engagement(world: World) -> None:
    rows = world.ask("course_engagement", course=COURSE, sort="-engagement_score")
    first = [row for row in rows if row["week"] == MONDAY]
    # Ann: alone on top for days (2), time (760), attempts tie with Ben; lessons and videos tie with Ben.
    ann, ben, cy = 100 * 2.5 / 3, 100 * 1.5 / 3, 100 * 0.5 / 3
    tie = 100 * 2 / 3
    assert select(first, "name", "engagement_score", "band") == [
        ("Ann", close((2 * ann + 3 * tie) / 5), "normal"),
        ("Ben", close((100 / 3 + ben + 3 * tie) / 5), "normal"),
        ("", close((100 / 3 + 4 * cy) / 5), "low"),
    ]
    assert select(first, "low") == [([],), ([],), (["time_spent", "lessons", "videos", "quiz_attempts"],)]
    assert [row["name"] for row in rows if row["week"] > MONDAY] == ["Ann"]


def test_course_engagement_weeks(world: World) -> None:
    first, last = world.ask("course_engagement_weeks", course=COURSE)
    assert first == {"week": MONDAY, "active_learners": 3, "low": 1, "normal": 2, "high": 0}
    assert (last["active_learners"], last["low"] + last["normal"] + last["high"]) == (1, 1)


def test_course_risk(world: World) -> None:
    rows = world.ask("course_risk", course=COURSE)
    assert select(rows, "student_id", "risk_score", "bucket", "reasons", "days_silent", "missed") == [
        (
            world.uuid(DEE),
            80,
            "struggling",
            [("never_active", 20), ("missed_due", 40), ("no_result", 10), ("behind_cohort", 10)],
            None,
            1,
        ),
        (world.uuid(BEN), 20, "struggling", [("low_scores", 20)], 7, 0),
        (world.uuid(ANN), 5, "excelling", [("fair_scores", 5)], 0, 0),
    ]


def test_platform_summary(world: World) -> None:
    assert world.ask("platform_summary") == [
        {
            "active_learners": 3,
            "active_courses": 1,
            "enrolments": 4,
            "lessons_completed": 3,
            "courses_completed": 0,
            "time_spent": 1460,
            "events": 23,
        }
    ]


def test_platform_daily(world: World) -> None:
    rows = world.ask("platform_daily")
    assert select(rows, "day", "active_learners", "active_courses", "events", "sessions", "time_spent") == [
        (date(2026, 3, 1), 0, 0, 4, 0, 0),
        (date(2026, 3, 2), 3, 1, 15, 3, 1420),
        (date(2026, 3, 3), 1, 1, 2, 1, 40),
        (date(2026, 3, 5), 0, 0, 1, 0, 0),
        (date(2026, 3, 9), 1, 1, 1, 1, 0),
    ]


def test_active_users(world: World) -> None:
    rows = world.ask("active_users")
    found = {row["day"]: (row["daily"], row["weekly"], row["monthly"]) for row in rows}
    assert [found[date(2026, 3, day)] for day in (1, 2, 3, 9)] == [(0, 0, 0), (3, 3, 3), (1, 3, 3), (1, 1, 3)]
    assert [row["stickiness_pct"] for row in rows if row["day"] == date(2026, 3, 9)] == [close(100 / 3)]


@pytest.mark.parametrize(("metric", "by"), [("devices", "device_type"), ("countries", "country")])
def test_devices_and_countries(world: World, metric: str, by: str) -> None:
    assert select(world.ask(metric), by, "active_learners", "sessions", "events") == [("", 3, 5, 17)]


def test_courses(world: World) -> None:
    rows = world.ask("courses", sort="title")
    columns = (
        "course_id",
        "learners_enrolled",
        "active_learners",
        "time_spent",
        "completion_pct",
        "score_pct",
    )
    assert select(rows, *columns) == [(COURSE, 3, 3, 1460, close(25), close(65))]


def test_clicks(world: World) -> None:
    assert select(world.ask("clicks"), "course_id", "title", "clicks", "learners") == [
        (COURSE, "Mathematics", 15, 3)
    ]


def test_events_by_type(world: World) -> None:
    found = dict(select(world.ask("events_by_type"), "event_type", "events"))
    assert found["course_enroll"] == 5
    assert sum(found.values()) == 26


def test_retention(world: World) -> None:
    assert select(world.ask("retention"), "cohort", "period", "learners", "returned", "returned_pct") == [
        (date(2026, 2, 23), 0, 4, 0, 0),
        (date(2026, 2, 23), 1, 4, 3, 75),
        (date(2026, 2, 23), 2, 4, 1, 25),
    ]


def test_retention_registered(world: World) -> None:
    rows = world.ask("retention_registered")
    assert select(rows, "intake", "day", "enrolled", "registered") == [(date(2026, 3, 1), 0, 4, 4)]


def test_pipeline(world: World) -> None:
    rows = world.ask("pipeline")
    assert select(rows, "name", "latest_event_at", "applied_at", "idle") == [
        (consumer, moment(9, 9), NOW, 0) for consumer in ("learners", "served")
    ]


def test_students_who_left_are_in_no_list(world: World) -> None:
    listed = {
        row["student_id"]
        for name in ("course_students", "course_risk")
        for row in world.ask(name, course=COURSE)
    }
    assert world.uuid(CY) not in listed


# A team that is not there has no manager, and nobody else sees the board of a team.
@pytest.mark.parametrize("slug", sorted(METRICS.keys() - {"team_leaderboard"}))
def test_every_metric_answers_about_nothing(world: World, slug: str) -> None:
    needs = METRICS[slug].needs
    world.title("courses", ("nowhere", "", None, None))
    query = Query(
        metric=slug,
        course="nowhere" if Param.COURSE in needs else "",
        student=b"nobody".ljust(16, b"\0") if Param.STUDENT in needs else None,
        video="nothing" if Param.VIDEO in needs else "",
        team="nobody" if Param.TEAM in needs else "",
    )
    # Administrators see no leaderboard, and nobody but the student what is private.
    viewer = NOBODY if METRICS[slug].private else OF_NOTHING if METRICS[slug].board else ADMIN
    table = world.metrics.run(query, viewer)
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_what_cannot_be_sorted_by(world: World) -> None:
    with pytest.raises(RequestError) as caught:
        world.ask("course_students", course=COURSE, sort="nothing; DROP TABLE events")
    assert caught.value.code == "invalid_sort"
