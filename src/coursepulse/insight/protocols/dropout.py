"""The dropout protocol: enrolments with daily counts of events, and whether each dropped out.

Columns, in any number of CSV files of a folder: ``enrolment``, ``course``, ``start`` (a date), ``day`` (from 0) or
``date``, a count for each type of event, and ``label`` (1 for dropped out). A row is an enrolment on one day; course,
start and label may also stand in a file of their own, with a row for each enrolment. A wide file has a column for each
type and day instead, named ``type_day`` such as ``video_3``.

Trained on the courses that began first, tested on those that began last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from coursepulse.insight.facts import Pursuit, StudyFacts, no_facts
from coursepulse.insight.features import FEATURES
from coursepulse.insight.features.moment import StudyMoment
from coursepulse.insight.protocols.figures import figures
from coursepulse.insight.protocols.protocol import Evaluation, Wishes
from coursepulse.insight.risk.dataset import lost_of, score_rows
from coursepulse.insight.risk.metrics import reliability
from coursepulse.insight.risk.train import train
from coursepulse.kit.errors import CoursepulseError

#: Names under which the columns are found, the first being ours.
_NAMES = {
    "enrolment": ("enrolment", "enrollment", "enrolment_id", "enrollment_id", "id"),
    "course": ("course", "course_id"),
    "start": ("start", "start_date", "course_start", "from"),
    "day": ("day", "day_index", "elapsed"),
    "date": ("date", "event_date"),
    "label": ("label", "dropout", "dropped_out", "truth", "y"),
}

#: Parts of the name of an event type, and what kind of activity it is.
_KINDS = {
    "video": Pursuit.VIDEO,
    "problem": Pursuit.QUIZ,
    "quiz": Pursuit.QUIZ,
    "answer": Pursuit.QUIZ,
    "assign": Pursuit.ASSIGNMENT,
    "forum": Pursuit.FORUM,
    "discuss": Pursuit.FORUM,
    "wiki": Pursuit.LESSON,
    "lesson": Pursuit.LESSON,
    "page": Pursuit.LESSON,
    "access": Pursuit.LESSON,
    "live": Pursuit.LIVE,
}

_WIDE = re.compile(r"(.+?)_(?:d|day_?)?(\d+)")

#: So large a part of the enrolments, of the courses that began last, is tested on.
_TESTED = 0.3


def evaluate(folder: Path, wishes: Wishes) -> Evaluation:
    """Train on courses that began earlier, and test on later ones."""
    enrolments, counts = _read(folder)
    facts = _facts(enrolments, counts)
    length = max(counts["day"])
    rows = _rows(facts, enrolments, length)
    past, new = _split(rows, enrolments, wishes)
    trained = train(past)
    return Evaluation(
        "dropout",
        {
            "train": sorted(past["course"].unique()),
            "test": sorted(new["course"].unique()),
            "days_seen": length + 1,
            "model": trained.model.scorer.kind,
            "contenders": dict(trained.contenders),
            "calibration": trained.model.calibration,
        },
        [{"enrolments": new.height} | figures(trained.model, new)],
        {
            "reliability": [
                each._asdict() for each in reliability(lost_of(new), trained.model.probabilities(new))
            ]
        },
    )


def _read(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row for each enrolment, and one for each enrolment, day and type of event."""
    tables = [_named(pl.read_csv(path, infer_schema=False)) for path in sorted(folder.glob("*.csv*"))]
    tables = [table for table in tables if "enrolment" in table.columns]
    enrolments = _enrolments(tables)
    return enrolments, _counts(tables, enrolments)


def _named(table: pl.DataFrame) -> pl.DataFrame:
    lower = table.rename({name: name.strip().lower() for name in table.columns})
    found = {
        name: next((each for each in others if each in lower.columns), None)
        for name, others in _NAMES.items()
    }
    return lower.rename({theirs: ours for ours, theirs in found.items() if theirs})


def _enrolments(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    whole: pl.DataFrame | None = None
    for name in ("course", "start", "label"):
        holding = [table.select("enrolment", name).drop_nulls() for table in tables if name in table.columns]
        if not holding:
            raise CoursepulseError(f"No CSV file of this folder has the columns `enrolment` and `{name}`.")
        one = pl.concat(holding).unique("enrolment", keep="first", maintain_order=True)
        whole = one if whole is None else whole.join(one, on="enrolment")
    assert whole is not None  # noqa: S101 - three names were read
    return whole.with_columns(
        start=pl.col("start").str.slice(0, 10).str.to_date(strict=True),
        lost=pl.col("label").str.to_lowercase().is_in(["1", "1.0", "true", "yes"]),
    ).drop("label")


def _counts(tables: Sequence[pl.DataFrame], enrolments: pl.DataFrame) -> pl.DataFrame:
    long = [_melted(table, enrolments) for table in tables]
    found = pl.concat(
        [table for table in long if table.height] or [_melted(pl.DataFrame({"enrolment": []}), enrolments)]
    )
    if found.is_empty():
        raise CoursepulseError(
            "No CSV file of this folder has daily counts: a `day` or `date`, and numbers by type of event."
        )
    return found


def _melted(table: pl.DataFrame, enrolments: pl.DataFrame) -> pl.DataFrame:
    """``enrolment``, ``day``, ``type``, ``count``."""
    known = [name for name in table.columns if name in _NAMES]
    types = [name for name in table.columns if name not in _NAMES]
    dated = "day" in table.columns or "date" in table.columns
    types = types if dated else [name for name in types if _WIDE.fullmatch(name)]
    rows = table.unpivot(types, index=known, variable_name="type", value_name="count")
    if not dated:
        rows = rows.with_columns(
            day=pl.col("type").str.extract(_WIDE.pattern, 2),
            type=pl.col("type").str.extract(_WIDE.pattern, 1),
        )
    elif "day" not in table.columns:
        starts = enrolments.select("enrolment", began=pl.col("start"))
        passed = (pl.col("date").str.slice(0, 10).str.to_date() - pl.col("began")).dt.total_days()
        rows = rows.join(starts, on="enrolment").with_columns(day=passed)
    return rows.select(
        "enrolment",
        pl.col("type").cast(pl.String),
        pl.col("day").cast(pl.Float64).cast(pl.Int32),
        pl.col("count").cast(pl.Float64, strict=False).cast(pl.Int64),
    ).filter(pl.col("count") > 0)


def _facts(enrolments: pl.DataFrame, counts: pl.DataFrame) -> StudyFacts:
    """Each enrolment is a student of its own: who they are is not in these data."""
    empty = no_facts()
    begun = enrolments.rename({"enrolment": "student"}).with_columns(
        registered=pl.col("start"), known=pl.col("start"), series=pl.col("course"), cohort=pl.lit(None)
    )
    courses = begun.group_by("course").agg(
        pl.col("start").min(), pl.col("known").min(), pl.col("series").first()
    )
    acts = counts.rename({"enrolment": "student"}).join(
        begun.select("student", "course", "start"), on="student"
    )
    acts = acts.with_columns(
        kind=_kind(pl.col("type")),
        day=pl.col("start") + pl.duration(days=pl.col("day")),
        seconds=pl.lit(None),
    ).with_columns(known=pl.col("day"))
    return replace(
        empty,
        courses=_shaped(courses.with_columns(cohort=pl.lit(None), end=pl.lit(None)), empty.courses),
        enrolments=_shaped(begun, empty.enrolments),
        activity=_shaped(acts, empty.activity),
    )


def _kind(name: pl.Expr) -> pl.Expr:
    reached = [pl.when(name.str.contains(part)).then(pl.lit(kind.value)) for part, kind in _KINDS.items()]
    return pl.coalesce(*reached, pl.lit(Pursuit.OTHER.value))


def _shaped(rows: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    given = [
        pl.col(name).cast(kind) if name in rows.columns else pl.lit(None, kind).alias(name)
        for name, kind in like.schema.items()
    ]
    return rows.select(given)


def _rows(facts: StudyFacts, enrolments: pl.DataFrame, length: int) -> pl.DataFrame:
    """Everybody on the last day that is known of their course."""
    labels = enrolments.select("course", "lost", student=pl.col("enrolment"))
    parts = []
    for start, courses in facts.courses.group_by("start", maintain_order=True):
        day = _date(start[0]) + timedelta(days=length)
        part = score_rows(StudyMoment(facts, day, courses["course"]), FEATURES)
        parts.append(part.with_columns(period=pl.lit(str(start[0])), enough=pl.lit(True)))
    return pl.concat(parts).join(labels, on=("student", "course"))


def _split(rows: pl.DataFrame, enrolments: pl.DataFrame, wishes: Wishes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """By course, in the order in which they began; a single course is divided by its enrolments."""
    order = enrolments.group_by("course").agg(pl.col("start").min(), size=pl.len()).sort("start", "course")
    if order.height == 1:
        late = pl.col("student").hash(seed=2) % 10 < 10 * _TESTED
        return rows.filter(~late), rows.filter(late)
    before = order["size"].cum_sum() - order["size"]
    chosen = order.filter(before < (1 - _TESTED) * enrolments.height)["course"].to_list()
    past = list(wishes.train) or [each for each in chosen if each != order["course"][-1]]
    new = list(wishes.test) or [each for each in order["course"] if each not in past]
    return rows.filter(pl.col("course").is_in(past)), rows.filter(pl.col("course").is_in(new))


def _date(value: object) -> date:
    if not isinstance(value, date):
        raise CoursepulseError(f"`{value}` is no date.")
    return value
