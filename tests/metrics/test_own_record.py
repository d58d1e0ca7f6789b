"""What only a student's own page shows: goals, skills, certificates and the pace, by hand."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.campus.goals import Goal, GoalKind
from coursepulse.store.postgres.goals import GoalStore
from tests.metrics.small_course import ANN, BEN, COURSE, DEE, Line, events
from tests.metrics.test_queries_course import world
from tests.support.campus_world import World

__all__ = ["world"]

pytestmark = pytest.mark.slow


def execute(world: World, sql: str, *values: Any) -> None:
    with world.pool.connection() as connection:
        connection.execute(sql.encode(), values)


def test_skills_are_the_means_of_best_scores_beside_what_the_job_needs(world: World) -> None:
    execute(world, "UPDATE assessments SET skills = '{sets,logic}' WHERE course_id = %s", COURSE)
    execute(world, "INSERT INTO target_profiles VALUES ('clerk', 'acme', '') ON CONFLICT DO NOTHING")
    needs = "INSERT INTO target_needs VALUES ('clerk', %s, '', %s) ON CONFLICT DO NOTHING"
    execute(world, needs, "sets", 70)
    execute(world, needs, "typing", 50)
    people = "INSERT INTO target_people VALUES ('clerk', %s) ON CONFLICT DO NOTHING"
    execute(world, people, UUID(bytes=ANN))
    rows = world.ask("student_skills", student=ANN)
    columns = ("skill", "reached", "results", "tests", "level")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        ("logic", 80, 1, 1, None),
        ("sets", 80, 1, 1, 70),
        ("typing", None, 0, 0, 50),
    ]
    assert [row["skill"] for row in world.ask("student_skills", student=ANN, course=COURSE)] == [
        "logic",
        "sets",
    ]
    assert [row["reached"] for row in world.ask("student_skills", student=DEE)] == [None, None]


def test_results_have_their_newest_score_and_what_was_wrong(world: World) -> None:
    [ann] = world.ask("student_assessments", student=ANN)
    assert (ann["score_pct"], ann["last_pct"]) == (80, 80)
    [answer] = world.ask("student_answers", student=BEN)
    assert (answer["assessment_id"], answer["number"], answer["answers"]) == ("q1", 1, 1)
    assert (answer["first_right"], answer["last_right"]) == (False, False)
    quiz = {"assessment_id": "q1", "attempt": 2}
    again: list[Line] = [
        ("ben", "03-08 11:00:00", "b3", "quiz_answer", {**quiz, "question_id": "1", "is_correct": True}),
        ("ben", "03-08 11:01:00", "b3", "quiz_answer", {**quiz, "question_id": "0", "is_correct": False}),
        ("ben", "03-08 11:02:00", "b3", "quiz_submit", {**quiz, "score": 40}),
    ]
    world.take_in(events(again))
    rows = world.ask("student_answers", student=BEN)
    assert [(row["question_id"], row["number"], row["answers"], row["last_right"]) for row in rows] == [
        ("0", 1, 1, False),
        ("1", 2, 2, True),
    ]
    [ben] = world.ask("student_assessments", student=BEN)
    assert (ben["score_pct"], ben["last_pct"]) == (50, 40)


def test_certificates_of_the_roster_have_an_end_and_come_first(world: World) -> None:
    held = "INSERT INTO certificates VALUES ('acme', %s, %s, %s, %s, %s, %s, 'valid') ON CONFLICT DO NOTHING"
    about = UUID(bytes=ANN)
    execute(world, held, about, "aid", "First aid", None, date(2025, 1, 1), None)
    execute(world, held, about, "fork", "Forklift", COURSE, date(2024, 1, 1), date(2026, 3, 20))
    execute(world, held, UUID(bytes=BEN), "fork", "", None, date(2023, 1, 1), date(2026, 3, 8))
    rows = world.ask("student_certificates", student=ANN)
    assert [(row["certificate"], row["state"], row["days_left"], row["title"]) for row in rows] == [
        ("Forklift", "expires_30", 11, "Mathematics"),
        ("First aid", "valid", None, ""),
    ]
    [row] = world.ask("student_certificates", student=ANN, course=COURSE)
    assert row["certificate"] == "Forklift"
    [row] = world.ask("student_certificates", student=BEN)
    assert (row["certificate"], row["state"], row["days_left"]) == ("fork", "expired", -1)


def test_a_certificate_that_an_event_tells_of_is_valid_for_good(world: World) -> None:
    row = (COURSE, str(UUID(bytes=DEE)), "2026-03-05 10:00:00", str(UUID(int=7)), "certificate_issued")
    names = "(course_id, student_id, at, event_id, event_type)"
    world.clickhouse.command(f"INSERT INTO enrolments {names} VALUES {row}")
    [found] = world.ask("student_certificates", student=DEE)
    assert (found["title"], found["state"], found["issued_on"]) == ("Mathematics", "valid", date(2026, 3, 5))
    assert found["expires_on"] is None


def test_goals_say_what_was_learned_this_week_and_what_is_left_of_a_course(world: World) -> None:
    GoalStore(world.pool).put(
        ANN, Goal(GoalKind.FINISH_COURSE, COURSE, finish_on=date(2026, 3, 15)), world.now
    )
    own = Viewer(role=Role.STUDENT, subject="ann", student_id=ANN)
    weekly, course = world.ask("student_goals", student=ANN, viewer=own)
    # The week began today, with one lesson and no time; the week before had 13 minutes.
    assert (weekly["minutes"], weekly["time_week"], weekly["goal_state"]) == (30, 0, "on_track")
    assert (weekly["weeks_kept"], weekly["weeks_seen"]) == (0, 1)
    # Two of four lessons in seven days, which are the 9th to the 15th.
    assert (course["lessons_left"], course["lessons_needed"], course["goal_state"]) == (2, 2, "too_early")
