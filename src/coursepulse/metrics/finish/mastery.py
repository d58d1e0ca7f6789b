"""What students know of the skills of their courses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from coursepulse.aggregates.mastery import READS, judge_skills
from coursepulse.aggregates.row import QueryFrames, QueryRows, Row
from coursepulse.definitions.mastery.gap import SkillStanding
from coursepulse.kit.clock import from_micros
from coursepulse.metrics.query import Query

__all__ = ["READS"]

ANSWERS, QUESTIONS, HABITS = READS

#: Where a skill is taught, as the catalog says.
LESSONS = "skill_lessons"

_ORDER = {standing.value: place for place, standing in enumerate(SkillStanding)}

_ANSWERS = {
    "student_id": pl.Object(),
    "course_id": pl.String(),
    "assessment_id": pl.String(),
    "question_id": pl.String(),
    "at": pl.Datetime("us", "UTC"),
    "correct": pl.Boolean(),
}
_QUESTIONS = {
    **{name: pl.String() for name in ("course_id", "assessment_id", "question_id")},
    "skills": pl.List(pl.String()),
    **{name: pl.Float64() for name in ("difficulty", "difficulty_var", "slope", "slope_var")},
}
_HABITS = {
    "course_id": pl.String(),
    "habits": pl.List(pl.Float64()),
    "curve": pl.List(pl.Float64()),
}


def list_own(found: QueryRows, query: Query) -> list[Row]:
    """One row per skill of the student, what is worth practising first."""
    rows = _judge_own(found, query)
    lessons = {(row["course_id"], row["skill"]): row["lesson_id"] for row in reversed(found.get(LESSONS, []))}
    led = [row | _practice(row, found, lessons) for row in rows]
    return sorted(
        led, key=lambda row: (_ORDER[row["standing"]], row["mastery"], row["course_id"], row["skill"])
    )


def mastered(found: QueryRows, query: Query) -> dict[str, Row]:
    """By skill over all courses: the mean of their questions, with its bounds."""
    sizes = _sizes(found[QUESTIONS])
    by_skill: dict[str, list[tuple[int, Row]]] = {}
    for row in _judge_own(found, query):
        weight = sizes.get((row["course_id"], row["skill"]), 1)
        by_skill.setdefault(row["skill"], []).append((weight, row))
    return {skill: _pool(rows) for skill, rows in by_skill.items()}


def list_class(frames: QueryFrames, query: Query) -> pl.DataFrame:
    """One row per learner and skill."""
    return judge_skills(frames[ANSWERS], frames[QUESTIONS], frames[HABITS], from_micros(query.moment))


def add_up(frames: QueryFrames, query: Query) -> pl.DataFrame:
    """One row per skill: how the class stands."""
    judged = list_class(frames, query)
    return (
        judged.group_by("skill")
        .agg(
            learners=pl.len().cast(pl.Int64),
            mastery=pl.col("mastery").sort().mean(),
            **{each.value: (pl.col("standing") == each.value).sum().cast(pl.Int64) for each in SkillStanding},
        )
        .rename({SkillStanding.GAP.value: "with_gap"})
        .with_columns(gap_pct=100 * pl.col("with_gap") / pl.col("learners"))
        .sort("mastery", "skill")
    )


def answers_of(row: Row, found: QueryRows) -> list[Row]:
    """The answers behind a row about a skill, oldest first."""
    known = {_key(each): row["skill"] in each["skills"] for each in found[QUESTIONS]}
    behind = (
        each
        for each in found[ANSWERS]
        if row.get("course_id") in {None, each["course_id"]}
        and known.get(_key(each), each["assessment_id"] == row["skill"])
    )
    return sorted(behind, key=lambda each: (each["at"], each["event_id"].bytes))


def _key(row: Row) -> tuple[str, str, str]:
    return row["course_id"], row["assessment_id"], row["question_id"]


def _judge_own(found: QueryRows, query: Query) -> list[Row]:
    answers = [row | {"student_id": 0} for row in found[ANSWERS]]
    judged = judge_skills(
        pl.DataFrame(answers, schema={**_ANSWERS, "student_id": pl.Int64()}),
        pl.DataFrame(found[QUESTIONS], schema=_QUESTIONS),
        pl.DataFrame(found[HABITS], schema=_HABITS),
        from_micros(query.moment),
    )
    return judged.drop("student_id").to_dicts()


def _sizes(questions: Sequence[Row]) -> dict[tuple[str, str], int]:
    sizes: dict[tuple[str, str], int] = {}
    for row in questions:
        for skill in row["skills"]:
            sizes[row["course_id"], skill] = sizes.get((row["course_id"], skill), 0) + 1
    return sizes


def _pool(rows: list[tuple[int, Row]]) -> Row:
    whole = sum(weight for weight, _ in rows)
    pooled: dict[str, Any] = {
        name: sum(weight * row[name] for weight, row in rows) / whole
        for name in ("mastery", "mastery_low", "mastery_high")
    }
    return pooled | {"answers": sum(row["answers"] for _, row in rows)}


def _practice(row: Row, found: QueryRows, lessons: dict[tuple[str, str], str]) -> Row:
    """What to do: the lesson that fills a gap, else the quiz with the most wrong last answers."""
    lesson = lessons.get((row["course_id"], row["skill"]))
    if row["standing"] == SkillStanding.GAP and lesson:
        return {"kind": "lesson", "item_id": lesson}
    last: dict[tuple[str, str], bool] = {}
    for answer in answers_of(row, found):
        last[answer["assessment_id"], answer["question_id"]] = answer["correct"]
    wrong: dict[str, int] = {}
    for (assessment, _), right in sorted(last.items()):
        wrong[assessment] = wrong.get(assessment, 0) + (not right)
    return {"kind": "quiz", "item_id": max(wrong, key=lambda each: wrong[each])}
