"""Facts from the files of OULAD.

Open University Learning Analytics Dataset, Kuzilek, Hlosta, Zdrahal, Sci. Data 4:170171 (2017).
Days of OULAD count from the start of a presentation; here they become dates, as in the importer. When work was marked
is not in these data: a score counts as known on the day the work was handed in.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from coursepulse.formats.oulad_tables import start_of
from coursepulse.insight.facts import Ending, Pursuit, StudyFacts, no_facts
from coursepulse.kit.errors import CoursepulseError

#: What each type of page is for; all others are lessons.
_KINDS = {
    "homepage": Pursuit.OTHER,
    "forumng": Pursuit.FORUM,
    "ouwiki": Pursuit.FORUM,
    "quiz": Pursuit.QUIZ,
    "externalquiz": Pursuit.QUIZ,
    "questionnaire": Pursuit.QUIZ,
    "oucollaborate": Pursuit.LIVE,
    "ouelluminate": Pursuit.LIVE,
}

_UNKNOWN = ("", "?", "nan", "na", "n/a", "<na>", "none", "null", "NaN", "NA", "None", "NULL")

_COURSE = pl.format("{}-{}", "code_module", "code_presentation").alias("course")
_KEYS = ("code_module", "code_presentation", "id_student")


class NoOulad(CoursepulseError):
    """The folder lacks a table of OULAD."""


def read_oulad(folder: Path) -> StudyFacts:
    """All presentations of a folder of CSV files, compressed or not.

    :raises NoOulad: when a table is missing
    """
    courses = _courses(folder)
    people = _people(folder).join(courses.select("course", "start", "end"), on="course")
    works = _works(folder).join(courses.select("course", "start", "end"), on="course")
    return StudyFacts(
        courses=_shaped("courses", courses),
        enrolments=_shaped("enrolments", people, known=_registered(), registered=_registered()),
        endings=_endings(people),
        activity=_activity(folder, courses),
        results=_results(folder, works),
        assessments=_shaped("assessments", works, known=pl.col("start")),
        items=_items(folder, courses),
        done=_opened(folder, courses),
    )


def read_groups(folder: Path) -> pl.DataFrame:
    """What the report on fairness compares. Never a feature."""
    return _read(folder, "studentInfo").select(
        "gender",
        "disability",
        _COURSE,
        student="id_student",
        age=pl.col("age_band"),
        deprivation=pl.col("imd_band"),
        education=pl.col("highest_education"),
    )


def _courses(folder: Path) -> pl.DataFrame:
    rows = _read(folder, "courses").with_columns(_COURSE, length=_whole("module_presentation_length"))
    starts = pl.Series("start", [start_of(course) for course in rows["course"]], pl.Date)
    return rows.with_columns(starts).with_columns(
        series="code_module",
        cohort="code_presentation",
        end=_day(pl.col("length")),
        known=pl.col("start").dt.offset_by("-1y"),
    )


def _people(folder: Path) -> pl.DataFrame:
    registered = _read(folder, "studentRegistration").select(
        *_KEYS, began=_whole("date_registration"), gone=_whole("date_unregistration")
    )
    return (
        _read(folder, "studentInfo")
        .select(
            *_KEYS,
            _COURSE,
            "final_result",
            student="id_student",
            attempts_before=_whole("num_of_prev_attempts"),
            credits=_whole("studied_credits"),
        )
        .join(registered, on=_KEYS, how="left")
    )


def _registered() -> pl.Expr:
    """Without a date, somebody enrolled by the start, or on the day of leaving."""
    return _day(pl.col("began").fill_null(pl.min_horizontal(0, pl.col("gone"))))


def _endings(people: pl.DataFrame) -> pl.DataFrame:
    """Leaving is known on its day, and any other result when the course is over."""
    left = people.filter(pl.col("gone").is_not_null()).with_columns(
        kind=pl.lit(Ending.WITHDREW.value), day=_day(pl.col("gone"))
    )
    words = {"Pass": Ending.PASSED, "Distinction": Ending.PASSED, "Fail": Ending.FAILED}
    kinds = {**words, "Withdrawn": Ending.WITHDREW}
    over = people.with_columns(
        kind=pl.col("final_result").replace_strict(
            {word: kind.value for word, kind in kinds.items()}, default=None
        ),
        day=pl.col("end"),
    )
    rows = pl.concat([left, over.filter(pl.col("kind").is_not_null())], how="diagonal")
    return _shaped("endings", rows, known=pl.col("day"))


def _works(folder: Path) -> pl.DataFrame:
    return _read(folder, "assessments").select(
        _COURSE,
        assessment="id_assessment",
        kind="assessment_type",
        weight=pl.col("weight").cast(pl.Float64),
        due_day=_whole("date"),
    )


def _results(folder: Path, works: pl.DataFrame) -> pl.DataFrame:
    rows = (
        _read(folder, "studentAssessment")
        .join(works, left_on="id_assessment", right_on="assessment")
        .with_columns(
            handed=_whole("date_submitted").fill_null(pl.col("due_day")),
            score=pl.col("score").cast(pl.Float64),
            attempt=pl.lit(1),
            banked=pl.col("is_banked").str.to_lowercase().is_in(["1", "1.0", "true"]),
        )
        .with_columns(handed_in=_day(pl.col("handed")).fill_null(pl.col("end")))
        .rename({"id_assessment": "assessment", "id_student": "student"})
    )
    return _shaped("results", rows, known=pl.col("handed_in"))


def _activity(folder: Path, courses: pl.DataFrame) -> pl.DataFrame:
    sites = _sites(folder).select("id_site", "code_module", "code_presentation", "kind")
    clicks = _read(folder, "studentVle").select(
        *_KEYS, "id_site", date=_whole("date"), clicks=_whole("sum_click")
    )
    sums = (
        clicks.join(sites, on=["id_site", "code_module", "code_presentation"], how="left")
        .group_by(*_KEYS, "date", "kind")
        .agg(count=pl.col("clicks").sum())
        .with_columns(_COURSE)
        .join(courses.select("course", "start"), on="course")
        .with_columns(
            kind=pl.col("kind").fill_null(Pursuit.LESSON.value),
            day=_day(pl.col("date")),
            seconds=pl.lit(None),
        )
        .rename({"id_student": "student"})
    )
    return _shaped("activity", sums, known=pl.col("day"))


def _opened(folder: Path, courses: pl.DataFrame) -> pl.DataFrame:
    """A page is done on the day it was first opened: there is no other sign of it in these data."""
    rows = (
        _read(folder, "studentVle")
        .with_columns(_COURSE, date=_whole("date"), item=pl.col("id_site"), student=pl.col("id_student"))
        .group_by("student", "course", "item")
        .agg(pl.col("date").min())
        .join(courses.select("course", "start"), on="course")
        .with_columns(day=_day(pl.col("date")))
    )
    return _shaped("done", rows, known=pl.col("day"))


def _items(folder: Path, courses: pl.DataFrame) -> pl.DataFrame:
    rows = _sites(folder).with_columns(_COURSE, item="id_site").join(courses, on="course")
    return _shaped("items", rows, known=pl.col("start"))


def _sites(folder: Path) -> pl.DataFrame:
    kinds = pl.col("activity_type").replace_strict(
        {name: kind.value for name, kind in _KINDS.items()}, default=Pursuit.LESSON.value
    )
    return _read(folder, "vle").with_columns(kind=kinds)


def _shaped(name: str, rows: pl.DataFrame, **given: pl.Expr) -> pl.DataFrame:
    """The columns of a frame of facts, in their order and types."""
    if name == "assessments":
        rows = rows.with_columns(due=_day(pl.col("due_day")))
    shape = getattr(no_facts(), name).schema
    return rows.with_columns(**given).select(pl.col(column).cast(kind) for column, kind in shape.items())


def _day(days: pl.Expr) -> pl.Expr:
    return pl.col("start") + pl.duration(days=days)


def _whole(column: str) -> pl.Expr:
    """A whole number, also when another program has saved 28 as ``28.0``."""
    return pl.col(column).cast(pl.Float64).cast(pl.Int32)


def _read(folder: Path, table: str) -> pl.DataFrame:
    for path in (folder / f"{table}.csv", folder / f"{table}.csv.gz"):
        if path.is_file():
            rows = pl.read_csv(path, infer_schema=False, null_values=list(_UNKNOWN))
            return rows.with_columns(pl.col("^id_.*$").str.replace(r"\.0$", ""))
    raise NoOulad(f"There is no {table}.csv or {table}.csv.gz in {folder}.")
