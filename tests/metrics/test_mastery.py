"""Mastery of skills in the product: from the answers in the stores, whatever the order in which they came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from time import process_time
from typing import Any

import numpy as np
import polars as pl
import pytest

from coursepulse.aggregates.mastery import judge_skills
from coursepulse.definitions.mastery.gap import SkillStanding, judge_standing
from coursepulse.events.event import Event
from coursepulse.insight.skills.fitter import SkillFitter
from coursepulse.metrics.evidence.answer import Wanted
from coursepulse.metrics.query import Query
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.small_course import COURSE, Line, events, fill
from tests.support.campus_world import ADMIN, World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

STUDENTS = [f"m{n}" for n in range(14)]

pytestmark = pytest.mark.slow


def answers() -> list[Event]:
    """Two quizzes of five questions: the higher the number of a student, the more about sets are right."""
    rng, script = Random(5), list[Line]()
    for n, student in enumerate(STUDENTS):
        for place in range(10):
            quiz = "sets-quiz" if place < 5 else "logic-quiz"
            right = rng.random() < (0.1 + 0.06 * n if quiz == "sets-quiz" else 0.9)
            facts = {
                "assessment_id": quiz,
                "question_id": f"{quiz}-{place}",
                "is_correct": right,
                "attempt": 1,
            }
            script.append((student, f"03-04 0{place}:{n + 10}:00", f"m{n}", "quiz_answer", facts))
    return events(script)


LESSON = b"""INSERT INTO lessons (course_id, lesson_id, title, place, skills)
VALUES (%s, 'l9', 'All about sets', 9, '{sets}')"""
QUIZ = b"""INSERT INTO assessments (course_id, assessment_id, title, kind, skills)
VALUES (%s, 'sets-quiz', 'Sets', 'quiz', '{sets}')"""


class Kept:
    """A client that outlives the turn of a job."""

    def __init__(self, world: World) -> None:
        self.query, self.query_arrow = world.clickhouse.query, world.clickhouse.query_arrow
        self.insert_arrow = world.clickhouse.insert_arrow

    def close(self) -> None:
        """Stays open."""


def make(world: World, order: int) -> None:
    """The course with the answers, in one of many orders and batches, some of them twice."""
    fill(world)
    with world.pool.connection() as connection:
        connection.execute(LESSON, (COURSE,))
        connection.execute(QUIZ, (COURSE,))
    shuffled = answers()
    Random(order).shuffle(shuffled)
    for start in range(0, len(shuffled), 50):
        world.take_in(shuffled[start : start + 50 + order % 3])
    fit(world)


def fit(world: World) -> list[str]:
    """Runs the job until nothing is due."""
    fitter = SkillFitter(lambda: Kept(world), world.pool, lambda: world.now)  # type: ignore[arg-type, return-value]
    return list(iter(fitter.turn, None))


@pytest.fixture(scope="module")
def worlds(clickhouse_url: str, postgres_server: Server) -> Iterator[list[World]]:
    """The same events twice, in two orders."""
    with (
        migrated_database(clickhouse_url) as client,
        migrated_database(clickhouse_url) as other,
        postgres_server.database() as dsn,
        postgres_server.database() as other_dsn,
        open_pool(dsn, 2) as pool,
        open_pool(other_dsn, 2) as other_pool,
    ):
        found = [World(client, pool, 0), World(other, other_pool, 0)]
        for order, world in enumerate(found, 1):
            make(world, order)
        yield found


def test_mastery_does_not_depend_on_the_order_of_events(worlds: list[World]) -> None:
    first, second = (
        [world.ask("student_mastery", student=pseudonym(each)) for each in STUDENTS] for world in worlds
    )
    assert first == second
    assert first[0]


def test_who_is_right_more_often_masters_more_and_is_told_what_to_do(worlds: list[World]) -> None:
    low, high = (worlds[0].ask("student_mastery", student=pseudonym(each)) for each in ("m0", "m13"))
    assert [row["skill"] for row in low] == ["sets", "logic-quiz"]
    weak, strong = ({row["skill"]: row for row in rows}["sets"] for rows in (low, high))
    assert weak["mastery"] < 45
    assert strong["mastery"] > 60
    assert weak["mastery_low"] < weak["mastery"] < weak["mastery_high"]
    assert (weak["answers"], weak["standing"]) == (5, SkillStanding.GAP.value)
    assert (weak["kind"], weak["item_id"], weak["item"]) == ("lesson", "l9", "All about sets")
    assert {row["skill"]: row["kind"] for row in low}["logic-quiz"] == "quiz"
    [skill] = [
        row for row in worlds[0].ask("student_skills", student=pseudonym("m13")) if row["skill"] == "sets"
    ]
    assert (skill["mastery"], skill["answers"]) == (pytest.approx(strong["mastery"]), 5)


def test_the_class_is_the_sum_of_its_learners(worlds: list[World]) -> None:
    people = worlds[0].ask("course_learner_mastery", course=COURSE)
    alone = [row for each in STUDENTS for row in worlds[0].ask("student_mastery", student=pseudonym(each))]
    about = ("skill", "mastery", "mastery_low", "mastery_high", "answers", "standing")
    listed = sorted(
        tuple(row[name] for name in about) for row in people if row["skill"] in {"sets", "logic-quiz"}
    )
    assert [each[0] for each in listed] == sorted(row["skill"] for row in alone)
    for mine, theirs in zip(listed, sorted(tuple(row[name] for name in about) for row in alone), strict=True):
        assert mine[:1] + mine[4:] == theirs[:1] + theirs[4:]
        assert mine[1:4] == pytest.approx(theirs[1:4], abs=1e-6)
    [sets] = [row for row in worlds[0].ask("course_mastery", course=COURSE) if row["skill"] == "sets"]
    assert sets["learners"] == len(STUDENTS)
    assert sets["with_gap"] == sum(row["standing"] == "gap" for row in alone if row["skill"] == "sets")
    assert sets["mastery"] == pytest.approx(
        np.mean([row["mastery"] for row in alone if row["skill"] == "sets"])
    )


def test_the_answers_behind_mastery_are_listed(worlds: list[World]) -> None:
    wanted = Wanted("answers", {"course_id": COURSE, "skill": "sets"})
    told = worlds[0].metrics.explain(Query(metric="student_mastery", student=pseudonym("m3")), wanted, ADMIN)
    assert told.total == told.value == 5
    assert [row["question_id"] for row in told.records()] == [f"sets-quiz-{n}" for n in range(5)]


def test_questions_have_a_difficulty_with_its_error(worlds: list[World]) -> None:
    rows = [
        row for row in worlds[0].ask("course_items", course=COURSE) if row["assessment_id"] == "sets-quiz"
    ]
    assert len(rows) == 5
    for row in rows:
        assert (row["rasch"] is None) == (row["right_pct"] in {0, 100})
        assert row["rasch"] is None or row["rasch_error"] > 0.3
    known = sorted((row["right_pct"], -row["rasch"]) for row in rows if row["rasch"] is not None)
    assert [each for _, each in known] == sorted(each for _, each in known)


def test_a_course_is_fitted_when_something_has_changed(worlds: list[World]) -> None:
    world = worlds[1]
    assert fit(world) == []
    more: list[Line] = [
        (
            "m1",
            "03-05 10:00:00",
            "m1",
            "quiz_answer",
            {"assessment_id": "new", "question_id": "n1", "is_correct": True},
        )
    ]
    world.take_in(events(more))
    assert fit(world) == [COURSE]
    with world.pool.connection() as connection:
        connection.execute(b"UPDATE assessments SET skills = '{proofs}' WHERE assessment_id = 'sets-quiz'")
    assert fit(world) == [COURSE]
    assert "proofs" in {row["skill"] for row in world.ask("student_mastery", student=pseudonym("m3"))}


@pytest.mark.parametrize(
    ("figures", "standing"),
    [
        ((80, 60, 90, 80), SkillStanding.KNOWN),
        ((50, 40, 60, 55), SkillStanding.GAP),
        ((50, 40, 60, 70), SkillStanding.FADED),
        ((50, 20, 80, 55), SkillStanding.UNSURE),
        ((70, 40, 95, 70), SkillStanding.UNSURE),
        ((60, 50, 70, 60), SkillStanding.KNOWN),
    ],
)
def test_standing(figures: tuple[float, float, float, float], standing: SkillStanding) -> None:
    assert judge_standing(*figures) is standing


def test_a_class_of_five_thousand_takes_no_seconds() -> None:
    rng, count = np.random.default_rng(3), 5000 * 40
    student = np.repeat(np.arange(5000), 40)
    question = np.tile(np.arange(40), 5000)
    rows = pl.DataFrame(
        {
            "student_id": student,
            "course_id": "c",
            "assessment_id": [f"a{each}" for each in (question // 10).tolist()],
            "question_id": [f"q{each}" for each in question.tolist()],
            "at": pl.Series(1_772_000_000_000_000 + 60_000_000 * question).cast(pl.Datetime("us", "UTC")),
            "correct": rng.random(count) < 0.6,
        }
    )
    levels = pl.DataFrame(schema=LEVELS)
    began = process_time()
    found = judge_skills(rows, levels, pl.DataFrame(schema=HABITS), datetime(2026, 3, 20, tzinfo=UTC))
    assert found.height == 20_000
    assert process_time() - began < 3


HABITS: dict[str, Any] = {"course_id": pl.String, "habits": pl.List(pl.Float64), "curve": pl.List(pl.Float64)}

LEVELS: dict[str, Any] = {
    **dict.fromkeys(("course_id", "assessment_id", "question_id"), pl.String),
    "skills": pl.List(pl.String),
    **dict.fromkeys(("difficulty", "difficulty_var", "slope", "slope_var"), pl.Float64),
}
