"""What a feature is: a number about a student in a course at a moment, with the words that go with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from coursepulse.insight.features.moment import StudyMoment


class FeatureUnit(StrEnum):
    """What a feature counts in."""

    SHARE = "share"
    DAYS = "days"
    COUNT = "count"
    SPREAD = "standard deviations"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Feature:
    """A declaration. The rows of ``value`` are those of ``StudyMoment.learners``, in that order.

    :param sentence: for a teacher, with ``{value}`` where the number stands
    :param direction: 1 if more of it can only mean more risk, -1 if only less, 0 if either may be
    """

    name: str
    unit: FeatureUnit
    sentence: str
    definition: str
    direction: int
    value: Callable[[StudyMoment], pl.Series]


def from_work(value: pl.Expr) -> Callable[[StudyMoment], pl.Series]:
    """A feature over the columns of ``StudyMoment.work``."""
    return lambda moment: moment.work.select(value.cast(pl.Float64)).to_series()


def from_activity(value: pl.Expr) -> Callable[[StudyMoment], pl.Series]:
    """A feature over the columns of ``StudyMoment.activity``."""
    return lambda moment: moment.activity.select(value.cast(pl.Float64)).to_series()


def from_learners(value: pl.Expr) -> Callable[[StudyMoment], pl.Series]:
    """A feature over the columns of ``StudyMoment.learners``."""
    return lambda moment: moment.learners.select(value.cast(pl.Float64)).to_series()


def from_course(value: pl.Expr) -> Callable[[StudyMoment], pl.Series]:
    """A feature over the columns of ``StudyMoment.class_``."""
    return lambda moment: moment.class_.select(value.cast(pl.Float64)).to_series()


def from_progress(value: pl.Expr) -> Callable[[StudyMoment], pl.Series]:
    """A feature over the columns of ``StudyMoment.progress``."""
    return lambda moment: moment.progress.select(value.cast(pl.Float64)).to_series()


def rank(value: pl.Expr) -> pl.Expr:
    """The place in the course, from 0 (the lowest) to 1; null where the value is."""
    place = value.rank("average").over("course") - 0.5
    return place / value.count().over("course")
