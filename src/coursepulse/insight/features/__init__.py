"""Features as declarations, and the table of all of them at a moment.

Each is a function of what was known at that moment, and most compare a student with the rest of the course, so that one
model serves all courses. No feature is an attribute of a person: no name, no age, no gender, no origin, no disability.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import polars as pl

from coursepulse.insight.facts import StudyFacts
from coursepulse.insight.features.course import COURSE
from coursepulse.insight.features.feature import Feature, FeatureUnit
from coursepulse.insight.features.graded_work import GRADED_WORK
from coursepulse.insight.features.moment import StudyMoment
from coursepulse.insight.features.registration import REGISTRATION
from coursepulse.insight.features.study import STUDY

FEATURES: tuple[Feature, ...] = (*REGISTRATION, *GRADED_WORK, *STUDY, *COURSE)

__all__ = ["FEATURES", "Feature", "FeatureUnit", "StudyMoment", "feature_table", "features_hash", "table_of"]


def feature_table(facts: StudyFacts, day: date, features: Sequence[Feature] = FEATURES) -> pl.DataFrame:
    """A row for everybody who is in a course at the end of ``day``: ``student``, ``course``, and the features."""
    return table_of(StudyMoment(facts, day), features)


def table_of(moment: StudyMoment, features: Sequence[Feature] = FEATURES) -> pl.DataFrame:
    """The same, of a moment that has been gathered already."""
    columns = [feature.value(moment).fill_nan(None).alias(feature.name) for feature in features]
    return moment.learners.select("student", "course").hstack(columns)


def features_hash(features: Sequence[Feature] = FEATURES) -> str:
    """Changes whenever a model made with these features would not understand others."""
    text = "\n".join(f"{each.name}|{each.definition}|{each.direction}" for each in features)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
