"""Metrics about one student, and the profile, against numbers computed by hand."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from clickhouse_connect.driver.client import Client
from psycopg.rows import dict_row

from coursepulse.aggregates.profiles import Profiles
from coursepulse.aggregates.row import Row
from coursepulse.definitions.steps import Advice
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.metrics.finish.own_courses import StepItems, list_steps
from coursepulse.metrics.query import Query, fill_in
from coursepulse.store.postgres.connect import Pool
from tests.metrics.small_course import ANN, BEN, BENS_REST, COURSE, CY, DEE, NOW, Line, events, fill
from tests.metrics.test_queries_course import moment, select, world
from tests.support.campus_world import World

__all__ = ["world"]

close = pytest.approx


def test_student_summary(world: World) -> None:
    assert world.ask("student_summary", student=ANN) == [
        {
            "student_id": world.uuid(ANN),
            "time_zone": "UTC",
            "streak_days": 1,
            "consistency": close(0.5 * 3 / 28 + 0.5 * (1 - 20 / 27)),
            "courses_enrolled": 1,
            "courses_completed": 0,
            "time_spent": 760,
            "time_outside": 0,
            "time_to_date": 760,
            "time_week": 40,
            "time_week_before": 720,
            "days_active": 3,
            "lessons_completed": 2,
            "score_pct": 80,
            "last_activity_at": moment(9, 9),
        }
    ]


def test_student_courses(world: World) -> None:
    columns = (
        "course_id",
        "title",
        "enrolled_at",
        "status",
        "completion_pct",
        "lessons_completed",
        "total_lessons",
    )
    numbers = ("time_spent", "time_to_date", "last_activity_at", "score_pct", "watched_pct")
    rows = world.ask("student_courses", student=ANN)
    assert select(rows, *columns) == [(COURSE, "Mathematics", moment(1, 10), "enrolled", 50, 2, 4)]
    assert select(rows, *numbers) == [(760, 760, moment(9, 9), 80, close(70))]
    assert select(world.ask("student_courses", student=CY), "status") == [("left",)]


def test_student_activity(world: World) -> None:
    rows = world.ask("student_activity", student=ANN)
    assert select(rows, "weekday", "hour", "quarters") == [(0, 9, 2), (1, 10, 1)]


def test_activity_is_told_by_the_student_s_own_clock(world: World) -> None:
    rows = world.ask("student_activity", student=BEN)
    assert select(rows, "weekday", "hour", "quarters") == [(0, 6, 1)]


def test_student_daily(world: World) -> None:
    days = [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 9)]
    assert select(world.ask("student_daily", student=ANN), "day", "quarters") == [(day, 1) for day in days]


def test_student_videos(world: World) -> None:
    assert world.ask("student_videos", student=ANN) == [
        {
            "course_id": COURSE,
            "video_id": "v1",
            "title": "What is a set?",
            "duration": 100,
            "covered": close(70),
            "watched_pct": close(70),
            "complete": False,
            "rewatch_pct": close(100 * 30 / 70),
        }
    ]


def test_student_assessments(world: World) -> None:
    assert world.ask("student_assessments", student=ANN) == [
        {
            "course_id": COURSE,
            "assessment_id": "q1",
            "title": "Quiz on sets",
            "kind": "quiz",
            "attempts": 1,
            "score_pct": 80,
            "last_pct": 80,
            "pass_mark": 60,
            "passed": True,
            "handed_in_at": moment(2, 9, 11),
            "due_at": moment(6, 0),
        }
    ]
    rows = world.ask("student_assessments", student=DEE)
    assert select(rows, "attempts", "score_pct", "passed", "handed_in_at") == [(0, None, None, None)]


def test_student_risk(world: World) -> None:
    rows = world.ask("student_risk", student=DEE)
    assert select(rows, "course_id", "title", "risk_score", "bucket", "missed") == [
        (COURSE, "Mathematics", 80, "struggling", 1)
    ]


def test_a_course_narrows_every_student_metric(world: World) -> None:
    world.title("courses", ("elsewhere", "", None, None))
    rows = world.ask("student_summary", student=ANN, course="elsewhere")
    assert select(rows, "courses_enrolled", "time_to_date", "score_pct") == [(0, 0, None)]


def test_the_first_lesson_seen_completes_no_course(world: World) -> None:
    world.take_in(elsewhere([("eve", "03-02 09:00:00", "e1", "lesson_complete", {"lesson_id": "l1"})]))
    eve = world.pseudonym("eve")
    columns = ("status", "completion_pct", "lessons_completed", "total_lessons")
    assert select(world.ask("student_courses", student=eve), *columns) == [("enrolled", None, 1, 1)]
    assert select(world.ask("student_summary", student=eve), "courses_completed") == [(0,)]
    assert select(world.ask("course_summary", course="elsewhere"), "completion_pct") == [(None,)]


def test_a_completion_without_an_enrolment_counts_and_enrols_nobody(world: World) -> None:
    world.take_in(elsewhere([("fay", "03-02 09:00:00", "", "course_complete", {})], "declared"))
    fay = world.pseudonym("fay")
    assert select(world.ask("student_courses", student=fay), "course_id", "status") == [
        ("declared", "completed")
    ]
    assert select(world.ask("student_summary", student=fay), "courses_enrolled", "courses_completed") == [
        (0, 1)
    ]
    assert world.ask("student_risk", student=fay) == []
    assert select(world.ask("course_summary", course="declared"), "learners_enrolled", "completion_pct") == [
        (0, None)
    ]


def elsewhere(script: list[Line], course: str = "elsewhere") -> list[Event]:
    return [msgspec.structs.replace(event, course_id=course) for event in events(script)]


@pytest.mark.parametrize(
    ("facts", "advice"),
    [
        ({"completion_pct": 50.0}, ["come_back", "go_on"]),
        ({"completion_pct": None}, ["come_back", "go_on"]),
        ({"completion_pct": 0.0, "lessons_completed": 0}, ["come_back"]),
        ({"completion_pct": 100.0}, []),
        ({"declared_complete": True}, []),
        ({"gone": True}, []),
        ({"over": True}, []),
    ],
)
def test_what_is_over_is_not_suggested(facts: Row, advice: list[str]) -> None:
    row = {
        "course_id": "c",
        "gone": False,
        "declared_complete": False,
        "completion_pct": 50.0,
        "rhythm": 1.0,
        "heard": True,
        "over": False,
        "lessons_completed": 2,
        "scores": [],
        "handed_in": [],
        "watched_pct": None,
        "joined_at": moment(1, 9) - timedelta(days=14),
        "last_activity_at": moment(2, 9) - timedelta(days=14),
    }
    parts = {
        "learner_rows": [row | facts],
        "due_rows": [],
        "heard_rows": [],
        "cohort_rows": [],
        "step_items": [],
    }
    asked = fill_in(Query(metric="student_steps"), None, to_micros(NOW), NOW.date())
    assert [each["advice"] for each in list_steps(parts, asked)] == advice


def test_a_step_names_what_there_is_to_do(world: World) -> None:
    """Ann has completed the first two lessons and watched 70 % of the video."""
    with world.pool.connection() as connection:
        connection.execute(
            "UPDATE courses SET url = 'https://learn.example.org' WHERE course_id = %s", [COURSE]
        )
        connection.execute(
            "INSERT INTO lessons (course_id, lesson_id, title, place, url) "
            "VALUES (%s, 'l3', 'Limits', 3, 'https://learn.example.org/l3')",
            [COURSE],
        )
        connection.execute(
            "INSERT INTO consents (student_id, purpose, granted, recorded_at) "
            "VALUES (%s, 'personalisation', true, now())",
            [world.uuid(ANN)],
        )
    rows = world.ask("student_steps", student=ANN)
    found = select(rows, "advice", "kind", "item_id", "item", "url")
    assert found == [("go_on", "lesson", "l3", "Limits", "https://learn.example.org/l3")]


@pytest.mark.parametrize(
    ("advice", "item"),
    [
        (Advice.NEXT_LESSON, {"kind": "lesson", "item_id": "l3", "due_at": None}),
        (Advice.PRACTISE, {"kind": "quiz", "item_id": "q1", "due_at": None}),
        (Advice.WATCH_REST, {"kind": "course", "item_id": "c", "due_at": None}),
    ],
)
def test_each_advice_is_about_something(advice: Advice, item: Row) -> None:
    known = {"course_id": "c", "lesson_id": "l3", "quiz_id": "q1", "video_id": ""}
    found = {"learner_rows": [], "due_rows": [], "heard_rows": [], "cohort_rows": [], "step_items": [known]}
    asked = fill_in(Query(metric="student_steps"), None, to_micros(NOW), NOW.date())
    assert StepItems(found, asked).of("c", advice) == item


def test_profile(clickhouse: Client, pool: Pool) -> None:
    world = World(clickhouse, pool, 0)
    fill(world)
    profiles = Profiles(lambda: clickhouse, pool, lambda: to_micros(NOW))
    assert profiles.refresh([ANN, CY], 1) == 2
    assert profiles.refresh([ANN, CY], 1) == 2  # and changes nothing
    with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = {
            row.pop("student_id"): row for row in cursor.execute("SELECT * FROM student_analytics_profiles")
        }
    regular = 0.5 * 3 / 28 + 0.5 * (1 - 20 / 27)
    assert rows[world.uuid(ANN)] == {
        "first_enrollment_at": moment(1, 10),
        "total_enrollments": 1,
        "active_enrollments": 1,
        "completed_courses": 0,
        "dropped_courses": 0,
        "total_time_spent_hours": close(760 / 3600),
        "avg_daily_minutes": close(760 / 60 / 3),
        "preferred_hour": 9,
        "preferred_day": 1,
        "avg_course_completion_days": None,
        "learning_consistency_score": close(regular),
        "overall_avg_score": 80,
        "quiz_accuracy": 100,
        "at_risk_score": 5,
        "last_activity_at": moment(9, 9),
        "updated_at": NOW,
        "version": 1,
    }
    assert (rows[world.uuid(CY)]["dropped_courses"], rows[world.uuid(CY)]["active_enrollments"]) == (1, 0)


def test_profile_of_a_completed_course(clickhouse: Client, pool: Pool) -> None:
    world = World(clickhouse, pool, 0)
    fill(world)
    world.take_in(events(BENS_REST))
    Profiles(lambda: clickhouse, pool, lambda: to_micros(NOW)).refresh([BEN], 2)
    with pool.connection() as connection:
        columns = "active_enrollments, completed_courses, avg_course_completion_days, quiz_accuracy"
        row = connection.execute(f"SELECT {columns} FROM student_analytics_profiles".encode()).fetchone()
    # Enrolled on 1 March at 10:00; the last lesson was done on the 4th, whose end is 3 days and 14 hours later.
    assert row == (0, 1, close(3 + 14 / 24), 0)


def test_courses_rest_on_contract_and_are_shown_without_consent(world: World) -> None:
    """Enrolment, completed lessons and results, as their teacher sees them; all else that the student did is null."""
    world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 21, 0)])
    try:
        (listed,) = world.ask("course_not_agreed", course=COURSE)
        (row,) = world.ask("student_courses", student=ANN)
        (left,) = world.ask("student_courses", student=CY)
        assert world.ask("student_videos", student=ANN) == []
    finally:
        world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 22, 1)])
    known = {name: value for name, value in row.items() if value is not None and name != "url"}
    assert known == {
        "course_id": COURSE,
        "title": "Mathematics",
        "enrolled_at": moment(1, 10),
        "status": "enrolled",
        "completion_pct": 50,
        "score_pct": 80,
    }
    assert {name: row[name] for name in ("completion_pct", "score_pct")} == {
        name: listed[name] for name in ("completion_pct", "score_pct")
    }
    assert left["status"] == "left"
