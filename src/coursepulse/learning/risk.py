"""Risk by rule: points that anybody can add up, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from coursepulse.learning.stats import mean

#: Days after enrolment before anybody is judged.
SETTLING = 7

STRUGGLING = 40
EXCELLING = 10


class Bucket(StrEnum):
    """Where a learner stands in a course."""

    UNKNOWN = "not_enough_information"
    STRUGGLING = "struggling"
    ON_TRACK = "on_track"
    EXCELLING = "excelling"


class Cause(StrEnum):
    """Every reason for which there are points."""

    NEVER_ACTIVE = "never_active"
    INACTIVE = "inactive"
    SLOWING = "slowing"
    MISSED_DUE = "missed_due"
    LOW_SCORES = "low_scores"
    FALLING_SCORES = "falling_scores"
    BEHIND_COHORT = "behind_cohort"
    LOW_COVERAGE = "low_coverage"


class Points(NamedTuple):
    """Why, and how much of the score."""

    cause: Cause
    points: int


class RiskFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule looks at: one learner in one course at one moment. Days are UTC days.

    :param days_silent: since the last day with a learning event; None when there was none
    :param rhythm: usual days between active days, 1..7
    :param due_passed: due dates between enrolment and now, and how many of them were ``missed``
    :param scores: best score per assessment, per cent, in the order in which they were reached
    :param progress: completion %, with p15 and p50 of the course's enrolled learners
    :param coverage: average watched %
    """

    days_enrolled: int
    days_silent: int | None
    rhythm: float
    due_passed: int
    missed: int
    scores: tuple[float, ...]
    progress: float | None
    progress_p15: float | None
    progress_p50: float | None
    coverage: float | None


class Risk(NamedTuple):
    """The verdict: ``score`` is the sum of the points of the reasons, 0..100."""

    score: int
    bucket: Bucket
    reasons: tuple[Points, ...]


def judge_risk(facts: RiskFacts) -> Risk:
    """The risk of one learner. Nothing is remembered: when the facts mend, the reasons are gone."""
    reasons = (*_silence(facts), *_missed(facts), *_scores(facts), *_progress(facts), *_coverage(facts))
    score = sum(reason.points for reason in reasons)
    return Risk(score, _bucket(facts, score), reasons)


def _silence(facts: RiskFacts) -> Iterator[Points]:
    if facts.days_silent is None:
        yield Points(Cause.NEVER_ACTIVE, 30)
    elif facts.days_silent > 4 * facts.rhythm:
        yield Points(Cause.INACTIVE, 30)
    elif facts.days_silent > 2 * facts.rhythm:
        yield Points(Cause.SLOWING, 15)


def _missed(facts: RiskFacts) -> Iterator[Points]:
    if facts.missed:
        yield Points(Cause.MISSED_DUE, min(20, 10 * facts.missed))


def _scores(facts: RiskFacts) -> Iterator[Points]:
    average = mean(facts.scores)
    if average is not None and average < 60:
        yield Points(Cause.LOW_SCORES, 15)
    if _falls(facts.scores):
        yield Points(Cause.FALLING_SCORES, 10)


def _falls(scores: Sequence[float]) -> bool:
    earlier, last_two = mean(scores[:-2]), mean(scores[-2:])
    return earlier is not None and last_two is not None and last_two <= earlier - 15


def _progress(facts: RiskFacts) -> Iterator[Points]:
    if facts.progress is not None and facts.progress_p15 is not None and facts.progress < facts.progress_p15:
        yield Points(Cause.BEHIND_COHORT, 15)


def _coverage(facts: RiskFacts) -> Iterator[Points]:
    if facts.coverage is not None and facts.coverage < 40:
        yield Points(Cause.LOW_COVERAGE, 10)


def _bucket(facts: RiskFacts, score: int) -> Bucket:
    if facts.days_enrolled < SETTLING or (facts.days_silent is None and not facts.due_passed):
        return Bucket.UNKNOWN
    if score >= STRUGGLING:
        return Bucket.STRUGGLING
    return Bucket.EXCELLING if score < EXCELLING and _shines(facts) else Bucket.ON_TRACK


def _shines(facts: RiskFacts) -> bool:
    average = mean(facts.scores)
    if average is None or facts.progress is None or facts.progress_p50 is None:
        return False
    return average >= 80 and facts.progress >= facts.progress_p50
