from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from coursepulse.definitions.risk import Bucket, Cause, RiskInputs, has_met, judge_risk
from tests.reference.risk_inputs import usual_gap

FINE = RiskInputs(
    days_enrolled=30,
    days_silent=0,
    rhythm=1.0,
    heard=True,
    graded=True,
    due_passed=4,
    missed=0,
    scores=(90.0, 90.0),
    progress=50.0,
    progress_p15=20.0,
    progress_p50=50.0,
    coverage=80.0,
)


def causes(**changes: Any) -> dict[str, int]:
    return dict(judge_risk(msgspec.structs.replace(FINE, **changes)).reasons)


def bucket(**changes: Any) -> Bucket:
    return judge_risk(msgspec.structs.replace(FINE, **changes)).bucket


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"days_silent": None}, {Cause.NEVER_ACTIVE: 20}),
        ({"days_silent": None, "heard": False}, {}),
        ({"days_silent": 14}, {}),
        ({"days_silent": 15}, {Cause.INACTIVE: 15}),
        ({"days_silent": 15, "heard": False}, {}),
        ({"days_silent": 16, "rhythm": 4.0}, {}),
        ({"days_silent": 17, "rhythm": 4.0}, {Cause.INACTIVE: 15}),
        ({"missed": 1}, {Cause.MISSED_DUE: 10}),
        ({"missed": 1, "due_passed": 3}, {Cause.MISSED_DUE: 13}),
        ({"missed": 1, "due_passed": 16}, {Cause.MISSED_DUE: 3}),
        ({"missed": 4}, {Cause.MISSED_DUE: 40}),
        ({"scores": (88.1,)}, {}),
        ({"scores": (88.0,)}, {Cause.FAIR_SCORES: 1}),
        ({"scores": (60.0,)}, {Cause.FAIR_SCORES: 15}),
        ({"scores": (59.0,)}, {Cause.LOW_SCORES: 15}),
        ({"scores": (58.0,)}, {Cause.LOW_SCORES: 16}),
        ({"scores": (0.0,)}, {Cause.LOW_SCORES: 25}),
        ({"scores": (80.00000000000001,)}, {Cause.FAIR_SCORES: 5}),
        ({"scores": ()}, {Cause.NO_RESULT: 10}),
        ({"scores": (), "graded": False}, {}),
        ({"scores": (100.0, 95.0, 75.0)}, {Cause.FALLING_SCORES: 5}),
        ({"scores": (100.0, 95.0, 76.0)}, {}),
        ({"scores": (100.0, 80.0)}, {}),
        ({"progress": 20.0}, {}),
        ({"progress": 19.0}, {Cause.BEHIND_COHORT: 10}),
        ({"progress": None}, {}),
        ({"progress_p15": None}, {}),
        ({"coverage": 40.0}, {}),
        ({"coverage": 39.0}, {Cause.LOW_COVERAGE: 5}),
        ({"coverage": None}, {}),
    ],
)
def test_points_and_their_reasons(changes: dict[str, Any], expected: dict[str, int]) -> None:
    assert causes(**changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Bucket.EXCELLING),
        ({"days_enrolled": 6}, Bucket.UNKNOWN),
        ({"days_silent": None, "due_passed": 0, "heard": False}, Bucket.UNKNOWN),
        ({"days_silent": None, "due_passed": 0}, Bucket.STRUGGLING),
        ({"days_silent": None, "heard": False}, Bucket.EXCELLING),
        ({"scores": (59.0,)}, Bucket.ON_TRACK),
        ({"scores": (58.0,)}, Bucket.STRUGGLING),
        ({"scores": (0.0,)}, Bucket.STRUGGLING),
        ({"missed": 1}, Bucket.ON_TRACK),
        ({"missed": 2}, Bucket.STRUGGLING),
        ({"scores": (79.0,)}, Bucket.ON_TRACK),
        ({"scores": (80.0,)}, Bucket.EXCELLING),
        ({"scores": ()}, Bucket.ON_TRACK),
        ({"progress": 49.0}, Bucket.ON_TRACK),
        ({"progress": 24.0, "progress_p50": 2.0}, Bucket.ON_TRACK),
        ({"progress": 25.0, "progress_p50": 2.0}, Bucket.EXCELLING),
        ({"progress": None}, Bucket.ON_TRACK),
        ({"progress_p50": None}, Bucket.ON_TRACK),
        ({"completed": True}, Bucket.COMPLETED),
        ({"over": True}, Bucket.OVER),
        ({"completed": True, "over": True}, Bucket.COMPLETED),
    ],
)
def test_buckets(changes: dict[str, Any], expected: Bucket) -> None:
    assert bucket(**changes) is expected


WORST = {
    "days_silent": 100,
    "missed": 4,
    "scores": (60.0, 10.0, 10.0),
    "progress": 0.0,
    "coverage": 0.0,
}


def test_everything_at_once_is_a_hundred() -> None:
    assert sum(causes(**WORST).values()) == 100


@pytest.mark.parametrize("done", ["completed", "over"])
def test_who_is_done_has_no_risk_whatever_is_missing(done: str) -> None:
    assert causes(**WORST, **{done: True}) == {}


@pytest.mark.parametrize(
    ("expected", "met", "says"), [(4, 0, True), (5, 2, False), (5, 3, True), (6, 3, True), (100, 49, False)]
)
def test_a_due_date_that_most_have_missed_says_nothing(expected: int, met: int, says: bool) -> None:
    assert has_met(expected, met) is says


@pytest.mark.parametrize(
    ("gaps", "expected"), [([], 7), ([1, 1], 1), ([2, 4], 3), ([3], 3), ([30, 30], 7), ([1, 1, 9], 1)]
)
def test_rhythm_is_the_median_gap_within_a_week(gaps: list[int], expected: float) -> None:
    days = [date(2026, 3, 2)]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    assert usual_gap(days) == expected
