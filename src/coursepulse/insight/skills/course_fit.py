"""The model of skills of one course, from columns to columns. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

import numpy as np
import polars as pl

from coursepulse.definitions.mastery.answers import AnswerRows, Floats, Ints, line_up
from coursepulse.definitions.mastery.model import Fit, Habits, unknown_items
from coursepulse.insight.skills.calibrate import fit, refit_items
from coursepulse.insight.skills.questions import first_answers, fit_rasch

#: Which skills a question tests, by assessment and question; an empty question is the whole assessment.
SkillMap: TypeAlias = Mapping[tuple[str, str], Sequence[str]]

#: With fewer answers or students a course tells too little about how people learn: the usual habits hold.
FEW_ANSWERS, FEW_STUDENTS = 1000, 30

#: So many answers are enough to choose the habits of a course by.
ENOUGH = 12_000


class CourseFit(NamedTuple):
    """The rows of ``question_levels``, and the columns of ``course_habits``."""

    questions: pl.DataFrame
    habits: list[float]
    curve: list[float]


def fingerprint(skills: SkillMap) -> int:
    """A number that changes when the map does."""
    text = repr(sorted((key, list(named)) for key, named in skills.items()))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def fit_course(answers: pl.DataFrame, skills: SkillMap) -> CourseFit:
    """Fits a course.

    :param answers: rows of ``fits_answers``
    """
    questions = answers.select("assessment_id", "question_id").unique().sort("assessment_id", "question_id")
    named = [_skills_of(each, skills) for each in questions.iter_rows()]
    table = questions.with_columns(
        skills=pl.Series(named, dtype=pl.List(pl.String)), item=pl.int_range(pl.len(), dtype=pl.Int64)
    )
    rows = code(answers.join(table, on=("assessment_id", "question_id")))
    fitted = _fit(rows, (int(rows.student.max()) + 1, table.height, int(rows.skill.max()) + 1))
    rasch, error = _fit_rasch(answers, table)
    return CourseFit(
        table.drop("item").with_columns(
            difficulty=fitted.items.difficulty,
            difficulty_var=fitted.items.difficulty_var,
            slope=fitted.items.slope,
            slope_var=fitted.items.slope_var,
            rasch=pl.Series(rasch).fill_nan(None),
            rasch_error=pl.Series(error).fill_nan(None),
        ),
        list(fitted.habits),
        fitted.curve.tolist(),
    )


def _skills_of(question: tuple[str, str], skills: SkillMap) -> list[str]:
    """Its own, or those of its assessment, or else the assessment itself."""
    assessment, _ = question
    named = skills.get(question) or skills.get((assessment, ""))
    return sorted(named) if named else [assessment]


def code(rows: pl.DataFrame) -> AnswerRows:
    """Rows as answers: one that stands for two skills tells half about each."""
    weighed = rows.with_columns(weight=1 / pl.col("skills").list.len()).explode("skills")
    skill: Ints = weighed["skills"].rank("dense").cast(pl.Int64).to_numpy() - 1
    student: Ints = weighed["student_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
    return AnswerRows(
        student,
        weighed["item"].to_numpy(),
        skill,
        weighed["day"].to_numpy(),
        weighed["right"].to_numpy(),
        weighed["weight"].to_numpy(),
    )


def _fit(rows: AnswerRows, sizes: tuple[int, int, int]) -> Fit:
    if len(rows.right) >= FEW_ANSWERS and sizes[0] >= FEW_STUDENTS:
        return fit(rows, sizes, ENOUGH)
    usual = Fit(Habits(pause=1.0), unknown_items(sizes[1]), np.zeros(sizes[2]))
    return refit_items(line_up(rows), usual, sizes)


def _fit_rasch(answers: pl.DataFrame, table: pl.DataFrame) -> tuple[Floats, Floats]:
    """Assessment by assessment: what all its questions test is one ability."""
    difficulty, error = np.full(table.height, np.nan), np.full(table.height, np.nan)
    rows = answers.join(table, on=("assessment_id", "question_id")).with_columns(
        skills=pl.col("skills").list.head(1)
    )
    for part in rows.partition_by("assessment_id"):
        codes, place = np.unique(part["item"].to_numpy(), return_inverse=True)
        found = fit_rasch(first_answers(code(part)._replace(item=place)), len(codes))
        difficulty[codes], error[codes] = found.difficulty, found.error
    return difficulty, error
