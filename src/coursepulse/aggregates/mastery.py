"""Mastery, worked out from the answers each time: nothing is kept that the order of events could spoil."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from coursepulse.definitions.mastery.answers import AnswerRows, Floats, Sequence, line_up
from coursepulse.definitions.mastery.filter import follow
from coursepulse.definitions.mastery.gap import judge_standing
from coursepulse.definitions.mastery.measure import Bank, measure
from coursepulse.definitions.mastery.model import Fit, Habits, Items

#: The queries behind it: answers, questions as they were last fitted, and how people learn in each course.
READS = ("mastery_answers", "mastery_questions", "mastery_habits")

_KEYS = ("course_id", "assessment_id", "question_id")

_SHAPE: dict[str, pl.DataType] = {
    "course_id": pl.String(),
    "skill": pl.String(),
    "answers": pl.Int64(),
    "right": pl.Int64(),
    "last_answer_at": pl.Datetime("us", "UTC"),
    "mastery": pl.Float64(),
    "mastery_low": pl.Float64(),
    "mastery_high": pl.Float64(),
    "standing": pl.String(),
}


def judge_skills(
    answers: pl.DataFrame, questions: pl.DataFrame, habits: pl.DataFrame, moment: datetime
) -> pl.DataFrame:
    """One row a student, course and skill with an answer; ``mastery`` and its bounds in per cent.

    :param answers: rows of ``mastery_answers``
    :param questions: rows of ``mastery_questions``
    :param habits: rows of ``mastery_habits``
    :param moment: when: what is forgotten since the last answer counts
    """
    known = {row["course_id"]: row for row in habits.iter_rows(named=True)}
    parts = [
        _judge_course(part, questions.filter(pl.col("course_id") == course), known.get(course), moment)
        for (course,), part in answers.partition_by("course_id", as_dict=True).items()
    ]
    empty = pl.DataFrame(schema={"student_id": answers.schema.get("student_id", pl.Binary()), **_SHAPE})
    return pl.concat([empty, *parts]).sort("course_id", "student_id", "skill")


def _judge_course(
    answers: pl.DataFrame, questions: pl.DataFrame, habits: dict[str, list[float]] | None, moment: datetime
) -> pl.DataFrame:
    table = _with_new(questions, answers)
    bank = table.explode("skills").rename({"skills": "skill"})
    skills = bank["skill"].unique().sort().to_list()
    coded = pl.DataFrame({"skill": skills}, schema={"skill": pl.String}).with_row_index("code")
    weighed = table.with_columns(weight=1 / pl.col("skills").list.len()).explode("skills")
    rows = (
        answers.join(weighed, on=_KEYS)
        .rename({"skills": "skill"})
        .join(coded, on="skill")
        .with_columns(who=pl.col("student_id").rank("dense").cast(pl.Int64) - 1)
    )
    line, fitted = line_up(_answers_of(rows)), _fit_of(table, habits, len(skills))
    reached = _reach(line, fitted, Bank(*_bank_of(bank.join(coded, on="skill"))), moment)
    people = rows.select("who", "student_id").unique().sort("who")["student_id"]
    return (
        _describe(line, reached, skills, people, str(answers["course_id"][0]))
        .join(_count(rows), on=("student_id", "skill"))
        .select("student_id", *_SHAPE)
    )


def _with_new(questions: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """All questions, also those that came after the last fit: nothing is known of them but their assessment."""
    new = answers.select(_KEYS).unique().join(questions, on=_KEYS, how="anti")
    mean = pl.lit(questions["difficulty"].mean() or 0.0, pl.Float64)
    guessed = new.with_columns(
        skills=pl.concat_list("assessment_id"),
        difficulty=mean,
        difficulty_var=pl.lit(1.0),
        slope=pl.lit(1.0),
        slope_var=pl.lit(0.1),
    )
    table = pl.concat([questions.select(guessed.columns), guessed]).sort(_KEYS)
    return table.with_columns(item=pl.int_range(pl.len(), dtype=pl.Int64))


def _answers_of(rows: pl.DataFrame) -> AnswerRows:
    return AnswerRows(
        rows["who"].to_numpy(),
        rows["item"].to_numpy(),
        rows["code"].cast(pl.Int64).to_numpy(),
        _days(rows["at"]),
        rows["correct"].cast(pl.Float64).to_numpy(),
        rows["weight"].to_numpy(),
    )


def _days(moments: pl.Series) -> Floats:
    days: Floats = moments.dt.timestamp("us").to_numpy() / 86400e6
    return days


def _bank_of(bank: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return bank["item"].to_numpy(), bank["code"].cast(pl.Int64).to_numpy()


def _fit_of(table: pl.DataFrame, habits: dict[str, list[float]] | None, skills: int) -> Fit:
    items = Items(*(table[name].to_numpy() for name in Items._fields))
    if not habits or not habits["habits"]:
        return Fit(Habits(), items, np.zeros(skills))
    return Fit(Habits(*habits["habits"]), items, np.zeros(skills), np.array(habits["curve"]))


def _reach(line: Sequence, fitted: Fit, bank: Bank, moment: datetime) -> dict[str, Floats]:
    """Mastery and its bounds now, and right after the last answer."""
    students = int(line.student_of.max()) + 1
    state = follow(line, fitted.items, fitted.habits, students).state
    before = measure(line, state, fitted, bank)
    last = np.full(line.pairs, -np.inf)
    np.maximum.at(last, line.pair, line.answers.at)
    rests = np.maximum(moment.timestamp() / 86400 - last, 0)
    now = measure(line, state, fitted, bank, rests)
    return {
        "mastery": 100 * now.expected,
        "mastery_low": 100 * now.expected_low,
        "mastery_high": 100 * now.expected_high,
        "before": 100 * before.expected,
    }


def _describe(
    line: Sequence, reached: dict[str, Floats], skills: list[str], people: pl.Series, course: str
) -> pl.DataFrame:
    columns = list(
        zip(
            *(reached[name].tolist() for name in ("mastery", "mastery_low", "mastery_high", "before")),
            strict=True,
        )
    )
    return pl.DataFrame(
        {
            "student_id": people.gather(line.student_of),
            "course_id": [course] * line.pairs,
            "skill": [skills[each] for each in line.skill_of.tolist()],
            **{name: reached[name] for name in ("mastery", "mastery_low", "mastery_high")},
            "standing": [judge_standing(*each).value for each in columns],
        }
    )


def _count(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("student_id", "skill").agg(
        answers=pl.len().cast(pl.Int64),
        right=pl.col("correct").cast(pl.Int64).sum(),
        last_answer_at=pl.col("at").max().dt.cast_time_unit("us"),
    )
