from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from coursepulse.learning.risk import Bucket, Cause, RiskFacts, judge_risk
from coursepulse.learning.risk_facts import usual_gap

FINE = RiskFacts(
    days_enrolled=30,
    days_silent=0,
    rhythm=1.0,
    due_passed=2,
    missed=0,
    scores=(80.0, 80.0),
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
        ({"days_silent": None}, {Cause.NEVER_ACTIVE: 30}),
        ({"days_silent": 2}, {}),
        ({"days_silent": 3}, {Cause.SLOWING: 15}),
        ({"days_silent": 4}, {Cause.SLOWING: 15}),
        ({"days_silent": 5}, {Cause.INACTIVE: 30}),
        ({"days_silent": 14, "rhythm": 7.0}, {}),
        ({"missed": 1}, {Cause.MISSED_DUE: 10}),
        ({"missed": 5}, {Cause.MISSED_DUE: 20}),
        ({"scores": (60.0,)}, {}),
        ({"scores": (59.0,)}, {Cause.LOW_SCORES: 15}),
        ({"scores": ()}, {}),
        ({"scores": (95.0, 80.0)}, {}),
        ({"scores": (95.0, 80.0, 80.0)}, {Cause.FALLING_SCORES: 10}),
        ({"scores": (94.0, 80.0, 80.0)}, {}),
        ({"progress": 20.0}, {}),
        ({"progress": 19.0}, {Cause.BEHIND_COHORT: 15}),
        ({"progress": None}, {}),
        ({"progress_p15": None}, {}),
        ({"coverage": 40.0}, {}),
        ({"coverage": 39.0}, {Cause.LOW_COVERAGE: 10}),
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
        ({"days_silent": None, "due_passed": 0}, Bucket.UNKNOWN),
        ({"days_silent": None}, Bucket.ON_TRACK),
        ({"days_silent": None, "missed": 1}, Bucket.STRUGGLING),
        ({"missed": 1}, Bucket.ON_TRACK),
        ({"scores": (79.0,)}, Bucket.ON_TRACK),
        ({"scores": ()}, Bucket.ON_TRACK),
        ({"progress": 49.0}, Bucket.ON_TRACK),
        ({"progress": None}, Bucket.ON_TRACK),
        ({"progress_p50": None}, Bucket.ON_TRACK),
    ],
)
def test_buckets(changes: dict[str, Any], expected: Bucket) -> None:
    assert bucket(**changes) is expected


@pytest.mark.parametrize(
    ("gaps", "expected"), [([], 7), ([1, 1], 1), ([2, 4], 3), ([3], 3), ([30, 30], 7), ([1, 1, 9], 1)]
)
def test_rhythm_is_the_median_gap_within_a_week(gaps: list[int], expected: float) -> None:
    days = [date(2026, 3, 2)]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    assert usual_gap(days) == expected
