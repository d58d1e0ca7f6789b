"""Rows to train on and to evaluate: students at moments, with features, the rule's points, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coursepulse.insight.facts import StudyFacts
from coursepulse.insight.features import Feature, StudyMoment, table_of
from coursepulse.insight.risk.labels import Horizon, outcomes
from coursepulse.insight.risk.rule import rule_scores

#: Days somebody must have been in a course before anything is said.
SETTLING = 7


class CourseKind(StrEnum):
    """What being lost means differs between them."""

    DATED = "dated"
    SELF_PACED = "self_paced"


@dataclass(frozen=True, slots=True)
class CutOff:
    """A moment of some courses.

    :param period: what is calibrated and weighted together, such as a term; periods sort in time
    :param elapsed: days since the courses began, or any number that tells moments of one period apart
    """

    day: date
    period: str
    elapsed: int
    courses: pl.Series


def make_rows(
    facts: StudyFacts, cuts: Iterable[CutOff], until: date, features: Sequence[Feature], horizon: Horizon
) -> pl.DataFrame:
    """Rows of every cut-off whose outcome is known at ``until``."""
    tables = [_rows_of(facts, cut, until, features, horizon) for cut in cuts]
    return pl.concat(tables)


def score_rows(moment: StudyMoment, features: Sequence[Feature]) -> pl.DataFrame:
    """Everybody in a course at a moment: ``student``, ``course``, the features, ``rule``, ``enough`` and ``dated``."""
    dated = moment.learners["start"].is_not_null().rename("dated")
    return table_of(moment, features).with_columns(rule_scores(moment), enough_information(moment), dated)


def enough_information(moment: StudyMoment) -> pl.Series:
    """Whether anything can be said: in the course for a week, and something could have been seen of them."""
    seen = pl.any_horizontal(
        pl.col("due") > 0,
        pl.col("handed") > 0,
        pl.col("heard").is_not_null(),
        pl.col("counted").is_not_null(),
    )
    table = moment.work.select("since", "due", "handed").hstack(
        [moment.activity["heard"], moment.progress["counted"]]
    )
    return table.select(enough=(seen & (pl.col("since") >= SETTLING)).fill_null(False)).to_series()


def of_kind(rows: pl.DataFrame, kind: CourseKind) -> pl.Series:
    """Which rows are of courses of a kind."""
    return rows["dated"] if kind is CourseKind.DATED else ~rows["dated"]


def kinds_of(rows: pl.DataFrame) -> tuple[CourseKind, ...]:
    """The kinds of courses in some rows, the one with most rows first."""
    sizes = {kind: int(of_kind(rows, kind).sum()) for kind in CourseKind}
    return tuple(sorted((kind for kind in CourseKind if sizes[kind]), key=lambda kind: -sizes[kind]))


def matrix(rows: pl.DataFrame, features: Sequence[str]) -> NDArray[np.float64]:
    """The features as numbers, unknown as NaN."""
    return rows.select(pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in features).to_numpy()


def lost_of(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Labels: 1 for lost, 0 for not."""
    return rows["lost"].cast(pl.Float64).to_numpy()


def period_weights(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Each period weighs the same, however many students it has; the mean weight is 1."""
    size, periods = pl.len().over("period"), pl.col("period").n_unique()
    return rows.select((pl.len() / (size * periods)).cast(pl.Float64)).to_series().to_numpy()


def _rows_of(
    facts: StudyFacts, cut: CutOff, until: date, features: Sequence[Feature], horizon: Horizon
) -> pl.DataFrame:
    moment = StudyMoment(facts, cut.day, cut.courses)
    rows = score_rows(moment, features)
    ended = outcomes(facts, moment.learners, cut.day, until, horizon)
    return rows.join(ended, on=("student", "course"), maintain_order="left").with_columns(
        period=pl.lit(cut.period), elapsed_days=pl.lit(cut.elapsed), day=pl.lit(cut.day)
    )
