"""Risk over columns says what the rule for one learner says, of any class."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.aggregates.risk import judge_class
from coursepulse.definitions.risk import (
    HEARD,
    USUAL_LIMITS,
    Bucket,
    Cause,
    RiskInputs,
    RiskLimits,
    has_met,
    judge_risk,
)
from coursepulse.definitions.stats import mean
from tests.reference.stats import quantile
from tests.support.long import examples

TODAY = date(2026, 3, 9)
WORKS = ("essay", "quiz", "talk")


class Classmate(NamedTuple):
    """What is known of one learner of a class; ``due`` and ``missing`` are places in :data:`WORKS`."""

    enrolled: int
    silent: int | None
    rhythm: float
    heard: bool
    due: frozenset[int]
    missing: frozenset[int]
    scores: tuple[float, ...]
    progress: float | None
    coverage: float | None
    completed: bool


class Class(NamedTuple):
    """Everybody in one course."""

    classmates: list[Classmate]
    graded: bool
    over: bool


#: Round numbers and those beside the limits of the rule, so that many learners are equal and many stand at a limit.
PER_CENT = st.sampled_from((0.0, 24.9, 25.0, 39.9, 40.0, 59.9, 60.0, 75.0, 80.0, 88.1, 90.0, 100.0))
PLACES = st.frozensets(st.integers(0, len(WORKS) - 1))
CLASSMATES = st.builds(
    Classmate,
    enrolled=st.sampled_from((0, 6, 7, 30)),
    silent=st.none() | st.sampled_from((0, 14, 15, 20, 21, 28, 29)),
    rhythm=st.sampled_from((1.0, 3.5, 5.0, 7.0)),
    heard=st.sampled_from((False, False, True)),
    due=PLACES,
    missing=PLACES,
    scores=st.lists(PER_CENT, max_size=4).map(tuple),
    progress=st.none() | PER_CENT,
    coverage=st.none() | PER_CENT,
    completed=st.sampled_from((False, False, False, True)),
)
CLASSES = st.builds(
    Class,
    st.lists(CLASSMATES, min_size=1, max_size=14),
    st.booleans(),
    st.sampled_from((False, False, False, True)),
)


def falls(scores: tuple[float, ...]) -> bool:
    """As the database keeps it beside the scores: the last two are 15 below those before."""
    earlier, last = mean(scores[:-2]), mean(scores[-2:])
    return earlier is not None and last is not None and last <= earlier - 15


def at(days_ago: int) -> datetime:
    return datetime.combine(TODAY - timedelta(days=days_ago), time(12), UTC)


def works(places: frozenset[int]) -> list[str]:
    return [WORKS[place] for place in sorted(places)]


def as_frame(of: Class) -> pl.DataFrame:
    """The rows of the query ``class_rows``."""
    classmates = of.classmates
    return pl.DataFrame(
        {
            "completion_pct": pl.Series([one.progress for one in classmates], dtype=pl.Float64),
            "joined_on": [TODAY - timedelta(days=one.enrolled) for one in classmates],
            "last_activity_at": pl.Series(
                [None if one.silent is None else at(one.silent) for one in classmates],
                dtype=pl.Datetime("us", "UTC"),
            ),
            "rhythm": [one.rhythm for one in classmates],
            "score_pct": pl.Series([mean(one.scores) for one in classmates], dtype=pl.Float64),
            "falling": [falls(one.scores) for one in classmates],
            "watched_pct": pl.Series([one.coverage for one in classmates], dtype=pl.Float64),
            "due": pl.Series([works(one.due) for one in classmates], dtype=pl.List(pl.String)),
            "missing": pl.Series(
                [works(one.due & one.missing) for one in classmates], dtype=pl.List(pl.String)
            ),
            "graded": [of.graded] * len(classmates),
            "heard": [one.heard for one in classmates],
            "completed": [one.completed for one in classmates],
            "over": [of.over] * len(classmates),
        }
    )


#: Those of most courses, and at their bounds.
LIMITS = st.builds(
    RiskLimits,
    struggling=st.sampled_from((16, 16, 10, 60)),
    low_score=st.sampled_from((60, 20, 75)),
    high_score=st.sampled_from((80, 75, 100)),
)


def inputs_of(one: Classmate, of: Class, limits: RiskLimits = USUAL_LIMITS) -> RiskInputs:
    """What the rule for one learner looks at."""
    classmates = of.classmates
    expected = Counter(place for each in classmates for place in each.due)
    missed = Counter(place for each in classmates for place in each.due & each.missing)
    counts = {place for place, number in expected.items() if has_met(number, number - missed[place])}
    known = [each.progress for each in classmates if each.progress is not None]
    p15, p50 = (quantile(known, level) if known else None for level in (0.15, 0.5))
    return RiskInputs(
        days_enrolled=one.enrolled,
        days_silent=one.silent,
        rhythm=one.rhythm,
        heard=sum(each.heard for each in classmates) >= HEARD * len(classmates),
        graded=of.graded,
        due_passed=len(one.due & counts),
        missed=len(one.due & one.missing & counts),
        scores=one.scores,
        progress=one.progress,
        progress_p15=p15,
        progress_p50=p50,
        coverage=one.coverage,
        completed=one.completed,
        over=of.over,
        limits=limits,
    )


def compare(of: Class, limits: RiskLimits = USUAL_LIMITS) -> None:
    rows = judge_class(as_frame(of), TODAY, limits).to_dicts()
    for one, row in zip(of.classmates, rows, strict=True):
        wanted = judge_risk(inputs_of(one, of, limits))
        assert {cause: row[cause] for cause in Cause if row[cause]} == dict(wanted.reasons)
        assert (row["risk_score"], row["bucket"]) == (wanted.score, wanted.bucket)


#: Learners who between them give every reason, and stand in every bucket.
FINE = Classmate(30, 0, 1.0, True, frozenset(), frozenset(), (90.0,), 100.0, 100.0, False)
EVERYBODY = [
    *[FINE] * 6,
    FINE._replace(silent=None, scores=(), progress=0.0, coverage=39.9),
    FINE._replace(silent=29, rhythm=7.0, scores=(80.0, 59.9, 40.0)),
    FINE._replace(due=frozenset({0, 1}), missing=frozenset({0}), scores=(75.0,)),
    FINE._replace(enrolled=6),
    FINE._replace(scores=(75.0,)),
    FINE._replace(progress=60.0, scores=(75.0,)),
    FINE._replace(completed=True),
]


#: Classes at the limits of what is said of a whole class.
JUST_HEARD = [FINE, *[FINE._replace(heard=False, silent=29, rhythm=7.0)] * 9]
SPREAD = [FINE._replace(progress=float(progress)) for progress in range(10, 101, 10)]
AT_SIXTY = [
    FINE._replace(scores=(60.0,)),
    FINE._replace(scores=(59.0,)),
    FINE._replace(scores=(80.0, 50.0, 50.0)),
]


@pytest.mark.parametrize("classmates", [JUST_HEARD, SPREAD, AT_SIXTY])
def test_at_the_limits_too(classmates: list[Classmate]) -> None:
    compare(Class(classmates, graded=True, over=False))


@examples(60)
@given(of=CLASSES, limits=LIMITS)
def test_every_learner_is_judged_by_the_one_rule(of: Class, limits: RiskLimits) -> None:
    compare(of, limits)


def test_limits_move_learners_and_not_their_points() -> None:
    one = FINE._replace(scores=(70.0,))
    of = Class([one], graded=True, over=False)
    judged = {
        limits: judge_risk(inputs_of(one, of, limits))
        for limits in (USUAL_LIMITS, RiskLimits(struggling=10), RiskLimits(low_score=75))
    }
    assert {risk.score for risk in judged.values()} == {10}
    buckets = [Bucket.ON_TRACK, Bucket.STRUGGLING, Bucket.ON_TRACK]
    assert [risk.bucket for risk in judged.values()] == buckets
    causes = [Cause.FAIR_SCORES, Cause.FAIR_SCORES, Cause.LOW_SCORES]
    assert [risk.reasons[0].cause for risk in judged.values()] == causes
    shines = FINE._replace(scores=(85.0,))
    high = judge_risk(inputs_of(shines, Class([shines], graded=True, over=False), RiskLimits(high_score=86)))
    assert high.bucket is Bucket.ON_TRACK


@pytest.mark.parametrize("over", [False, True])
def test_every_reason_and_every_bucket_is_among_what_is_compared(over: bool) -> None:
    of = Class(EVERYBODY, graded=True, over=over)
    compare(of)
    risks = [judge_risk(inputs_of(one, of)) for one in EVERYBODY]
    causes = {point.cause for risk in risks for point in risk.reasons}
    buckets = {risk.bucket for risk in risks}
    assert causes == (set() if over else set(Cause))
    assert buckets == ({Bucket.COMPLETED, Bucket.OVER} if over else set(Bucket) - {Bucket.OVER})
