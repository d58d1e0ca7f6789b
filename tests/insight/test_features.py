"""Features say what was known on a day: whatever came later changes nothing."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from coursepulse.insight.facts import StudyFacts, WrongFacts, no_facts
from coursepulse.insight.features import FEATURES, Feature, StudyMoment, feature_table, features_hash
from tests.insight.synthetic import START, make_facts
from tests.support.long import examples

FIRST = START["one-2030A"]

#: What a person is, which is never a feature.
PROTECTED = (
    "gender",
    "age",
    "sex",
    "disab",
    "region",
    "imd",
    "ethnic",
    "religion",
    "name",
    "mail",
    "country",
)


@cache
def campus() -> StudyFacts:
    return make_facts(7)


def with_future(facts: StudyFacts, day: date, other: StudyFacts) -> StudyFacts:
    """The facts of ``day``, followed by another future: all rows of ``other``, known from the next day on."""

    def grow(name: str) -> pl.DataFrame:
        later = getattr(other, name).with_columns(pl.max_horizontal("known", day + timedelta(days=1)))
        past: pl.DataFrame = getattr(facts.known_at(day), name)
        return past.vstack(later)

    return StudyFacts(**{each.name: grow(each.name) for each in fields(facts)})


def regraded(facts: StudyFacts) -> StudyFacts:
    """Every score turned round, every date moved, every catalog row changed."""
    return replace(
        facts,
        results=facts.results.with_columns(
            score=100 - pl.col("score"), handed_in=pl.col("handed_in") - pl.duration(days=9)
        ),
        assessments=facts.assessments.with_columns(
            weight=pl.col("weight") * 7, due=pl.col("due") - pl.duration(days=15)
        ),
        activity=facts.activity.with_columns(
            count=pl.col("count") + 50, day=pl.col("day") - pl.duration(days=30)
        ),
        items=facts.items.with_columns(item=pl.col("item") + "b"),
        done=facts.done.with_columns(day=pl.col("day") - pl.duration(days=30)),
        enrolments=facts.enrolments.with_columns(
            credits=pl.col("credits") * 2, registered=pl.col("registered") - pl.duration(days=90)
        ),
    )


@given(elapsed=st.integers(1, 500), seed=st.integers(0, 3))
@examples(12)
def test_the_future_changes_nothing(elapsed: int, seed: int) -> None:
    day = FIRST + timedelta(days=elapsed)
    then = feature_table(campus().known_at(day), day)
    assert_frame_equal(feature_table(campus(), day), then)
    assert_frame_equal(feature_table(with_future(campus(), day, regraded(campus())), day), then)
    assert_frame_equal(feature_table(with_future(campus(), day, make_facts(seed)), day), then)


@given(seed=st.integers(0, 1000))
@examples(5)
def test_the_order_of_facts_changes_nothing(seed: int) -> None:
    day = FIRST + timedelta(days=70)
    mixed = StudyFacts(
        **{
            each.name: getattr(campus(), each.name).sample(fraction=1, shuffle=True, seed=seed)
            for each in fields(StudyFacts)
        }
    )
    assert_frame_equal(feature_table(mixed, day), feature_table(campus(), day))


def test_only_who_is_in_a_course_has_features() -> None:
    day = FIRST + timedelta(days=100)
    table = feature_table(campus(), day)
    left = campus().endings.filter(pl.col("day") <= day)
    assert left.height
    assert table.join(left, on=["student", "course"], how="semi").is_empty()
    here = campus().enrolments.filter(pl.col("known") <= day).join(left, on=["student", "course"], how="anti")
    assert table.height == here.height


def test_a_score_is_unknown_until_it_is_marked() -> None:
    handed = campus().results["handed_in"].min()
    assert isinstance(handed, date)
    first = StudyMoment(campus(), handed).handed
    assert first["score"].null_count() == first.height > 0
    assert StudyMoment(campus(), handed + timedelta(days=5)).handed["score"].drop_nulls().len() >= 1


@pytest.mark.parametrize("feature", FEATURES, ids=lambda each: each.name)
def test_a_feature_says_what_it_is(feature: Feature) -> None:
    name = feature.name
    assert re.fullmatch(r"[a-z0-9_]+", name)
    assert "{value}" in feature.sentence
    assert not [word for word in PROTECTED if re.search(rf"(^|_){word}", name)]
    day = START["one-2031A"] + timedelta(days=90)
    assert feature_table(campus(), day)[name].drop_nulls().len(), "has no value for anybody"


def test_names_are_unique_and_the_hash_knows_them() -> None:
    assert len({each.name for each in FEATURES}) == len(FEATURES)
    assert features_hash(FEATURES[:-1]) != features_hash()
    turned = replace(FEATURES[0], definition="something else")
    assert features_hash((turned, *FEATURES[1:])) != features_hash()


def test_ranks_lie_within_the_course() -> None:
    table = feature_table(campus(), FIRST + timedelta(days=70))
    for name in (name for name in table.columns if name.endswith("_rank")):
        known = table[name].drop_nulls()
        assert known.is_between(0, 1).all(), name


def test_no_fact_is_left_of_an_erased_student() -> None:
    student = campus().enrolments["student"][:1]
    without = campus().without(student)
    for name in ("enrolments", "endings", "activity", "results", "done"):
        assert not getattr(without, name)["student"].is_in(student.implode()).any()
    assert without.enrolments.height == campus().enrolments.height - 1


def test_facts_without_their_columns_are_refused() -> None:
    with pytest.raises(WrongFacts, match="activity"):
        replace(no_facts(), activity=pl.DataFrame({"day": [FIRST]}))
    with pytest.raises(WrongFacts, match="became known"):
        replace(campus(), items=campus().items.with_columns(known=pl.lit(None, pl.Date)))
