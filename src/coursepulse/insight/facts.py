"""What models look at: facts, each with the day on which it became known.

A fact is never changed. A later grade, a new due date and an event that arrived late are rows of their own with a later
``known``. So what was known at a moment is one filter, and nothing that came later can slip through it.

Days are dates (``pl.Date``), in UTC. ``student`` is text, bytes or a number, the same in all frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from coursepulse.kit.errors import CoursepulseError


class FactsExtent(NamedTuple):
    """How much is known.

    :param newest: the last day on which somebody learned; None where nobody has
    :param days: on how many days learners have learned, of all together
    :param learners: in all courses; who is in two counts twice
    """

    newest: date | None
    days: int
    learners: int


class Ending(StrEnum):
    """How a student's time in a course ended."""

    PASSED = "passed"
    FAILED = "failed"
    WITHDREW = "withdrew"


class Pursuit(StrEnum):
    """What kind of activity it was."""

    LESSON = "lesson"
    VIDEO = "video"
    QUIZ = "quiz"
    ASSIGNMENT = "assignment"
    FORUM = "forum"
    LIVE = "live"
    OTHER = "other"


#: Columns of each frame besides ``student``, with their types. Every frame also has ``known``, a date.
#:
#: courses
#:     One row per course. ``series`` names what is given again in each run, ``cohort`` the run; both may be null.
#:     ``start`` and ``end`` are null for a self-paced course.
#: enrolments
#:     ``attempts_before`` and ``credits`` (points studied for at the same time) are null when unknown.
#: endings
#:     How it ended (:class:`Ending`) and on what ``day``; none while the student is in the course.
#: activity
#:     Sums of one day by kind (:class:`Pursuit`). ``seconds`` is null where time is not measured.
#:     Rows of one day add up.
#: results
#:     Work that was handed in: a row without a score when it was, and one with ``score`` (per cent) for each marking.
#:     ``attempt`` counts from 1. ``banked``: earned in an earlier run.
#: assessments
#:     The catalog: ``weight`` in per cent of the final mark, ``due`` null without a date. A change is another row.
#: items
#:     Lessons, videos and the like that a course consists of.
#: done
#:     Items that a student has completed.
COLUMNS: Mapping[str, Mapping[str, pl.DataType]] = MappingProxyType(
    {
        "courses": {
            "course": pl.String(),
            "series": pl.String(),
            "cohort": pl.String(),
            "start": pl.Date(),
            "end": pl.Date(),
        },
        "enrolments": {
            "course": pl.String(),
            "registered": pl.Date(),
            "attempts_before": pl.Int32(),
            "credits": pl.Int32(),
        },
        "endings": {"course": pl.String(), "day": pl.Date(), "kind": pl.String()},
        "activity": {
            "course": pl.String(),
            "day": pl.Date(),
            "kind": pl.String(),
            "count": pl.Int64(),
            "seconds": pl.Float64(),
        },
        "results": {
            "course": pl.String(),
            "assessment": pl.String(),
            "attempt": pl.Int32(),
            "handed_in": pl.Date(),
            "score": pl.Float64(),
            "banked": pl.Boolean(),
        },
        "assessments": {
            "course": pl.String(),
            "assessment": pl.String(),
            "kind": pl.String(),
            "weight": pl.Float64(),
            "due": pl.Date(),
        },
        "items": {"course": pl.String(), "item": pl.String(), "kind": pl.String()},
        "done": {"course": pl.String(), "item": pl.String(), "day": pl.Date()},
    }
)

#: Frames about students, which erasure reaches.
ABOUT_STUDENTS = ("enrolments", "endings", "activity", "results", "done")


class WrongFacts(CoursepulseError):
    """A frame of facts does not have the columns it must have."""


@dataclass(frozen=True, slots=True, eq=False)
class StudyFacts:
    """Frames with the columns of ``COLUMNS``. What a maker does not know is an empty frame of :func:`no_facts`."""

    courses: pl.DataFrame
    enrolments: pl.DataFrame
    endings: pl.DataFrame
    activity: pl.DataFrame
    results: pl.DataFrame
    assessments: pl.DataFrame
    items: pl.DataFrame
    done: pl.DataFrame

    def __post_init__(self) -> None:
        student = self.enrolments.schema.get("student", pl.String())
        for each in fields(self):
            _check(each.name, getattr(self, each.name), _schema(each.name, student))

    def known_at(self, day: date) -> StudyFacts:
        """The facts known by the end of ``day``."""
        return self._each(lambda frame: frame.filter(pl.col("known") <= day))

    def in_courses(self, courses: pl.Series) -> StudyFacts:
        """The facts about some courses."""
        return self._each(lambda frame: frame.filter(pl.col("course").is_in(courses.implode())))

    def without(self, students: pl.Series) -> StudyFacts:
        """The facts, as if these students had never been there."""
        gone = pl.col("student").is_in(students.implode())
        kept = {name: getattr(self, name).filter(~gone) for name in ABOUT_STUDENTS}
        return replace(self, **kept)

    def _each(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> StudyFacts:
        return StudyFacts(**{each.name: change(getattr(self, each.name)) for each in fields(self)})


def no_facts(student: pl.DataType | None = None) -> StudyFacts:
    """Facts about nothing, to start from: ``replace(no_facts(), courses=…)``."""
    return StudyFacts(
        **{name: pl.DataFrame(schema=_schema(name, student or pl.String())) for name in COLUMNS}
    )


def _schema(name: str, student: pl.DataType) -> pl.Schema:
    about = {"student": student} if name in ABOUT_STUDENTS else {}
    return pl.Schema({**about, **COLUMNS[name], "known": pl.Date()})


def _check(name: str, frame: pl.DataFrame, schema: pl.Schema) -> None:
    if dict(frame.schema) != dict(schema):
        raise WrongFacts(f"The frame {name!r} must have the columns {schema}, not {frame.schema}.")
    if frame["known"].null_count():
        raise WrongFacts(f"Rows of {name!r} do not say when they became known.")
