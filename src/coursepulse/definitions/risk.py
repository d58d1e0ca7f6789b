"""Risk by rule, second edition: points that anybody can add up, each with its reason.

How well the rule does, and on which data it was found out: docs/reference/definitions.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import floor
from typing import NamedTuple

import msgspec

from coursepulse.definitions.stats import mean

#: Days after enrolment before anybody is judged.
SETTLING = 7

#: Learners of a class. What most of fewer did says nothing about one of them.
FEWEST = 5

#: Silence says something where at least this share of the class was heard of.
HEARD = 0.1

#: Silent days that say nothing, however short the rhythm: holidays, an illness.
QUIET = 14

STRUGGLING = 16
EXCELLING = 10

#: Completion %, below which nobody excels, however little the class has done.
FAR = 25

#: Points for missing everything, and at most for low scores.
ALL_MISSED = 40
LOWEST = 25

#: Mean score, per cent, below which scores are low rather than fair.
LOW_MEAN = 60

#: Mean score, per cent, from which somebody can excel.
HIGH_MEAN = 80

#: A mean is taken for the limit that it comes this near: sums of decimals are rounded.
NEAR = 1e-9


class Bucket(StrEnum):
    """Where a learner stands in a course."""

    UNKNOWN = "not_enough_information"
    STRUGGLING = "struggling"
    ON_TRACK = "on_track"
    EXCELLING = "excelling"
    COMPLETED = "completed"
    OVER = "course_over"


class Cause(StrEnum):
    """Every reason for which there are points."""

    NEVER_ACTIVE = "never_active"
    INACTIVE = "inactive"
    MISSED_DUE = "missed_due"
    NO_RESULT = "no_result"
    LOW_SCORES = "low_scores"
    FAIR_SCORES = "fair_scores"
    FALLING_SCORES = "falling_scores"
    BEHIND_COHORT = "behind_cohort"
    LOW_COVERAGE = "low_coverage"


class Points(NamedTuple):
    """Why, and how much of the score."""

    cause: Cause
    points: int


class RiskLimits(NamedTuple):
    """What a course may set differently: where its matrix is cut. Points are the same everywhere.

    :param struggling: points from which a learner is struggling
    :param low_score: mean score, per cent, below which scores are low rather than fair
    :param high_score: mean score, per cent, from which a learner can excel
    """

    struggling: int = STRUGGLING
    low_score: float = LOW_MEAN
    high_score: float = HIGH_MEAN


#: Those of a course that has set none.
USUAL_LIMITS = RiskLimits()

#: Between which numbers each may be set. Below ten points anybody with one reason would struggle; above 90 %
#: there are no points for scores.
LIMIT_BOUNDS = {"struggling": (EXCELLING, 60), "low_score": (20, 90), "high_score": (40, 100)}


class RiskInputs(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule looks at: one learner in one course at one moment. Days are UTC days.

    :param days_silent: since the last day with a learning event; None when there was none
    :param rhythm: usual days between active days, 1..7
    :param heard: enough of the class did something other than hand in: then silence says something
    :param graded: the catalog knows work of the course
    :param due_passed: due dates between enrolment and now that count, see :func:`has_met`; ``missed`` are of these
    :param scores: best score per assessment, per cent, in the order in which they were reached
    :param progress: completion %, with p15 and p50 of the course's enrolled learners
    :param coverage: average watched %
    :param completed: by the platform's word, or with the last lesson
    :param over: the last day of the course has passed
    :param limits: those of the course at that moment
    """

    days_enrolled: int
    days_silent: int | None
    rhythm: float
    heard: bool
    graded: bool
    due_passed: int
    missed: int
    scores: tuple[float, ...]
    progress: float | None
    progress_p15: float | None
    progress_p50: float | None
    coverage: float | None
    completed: bool = False
    over: bool = False
    limits: RiskLimits = USUAL_LIMITS


class Risk(NamedTuple):
    """The verdict: ``score`` is the sum of the points of the reasons, 0..100."""

    score: int
    bucket: Bucket
    reasons: tuple[Points, ...]


def has_met(expected: int, met: int) -> bool:
    """Whether a due date says anything about those who missed it: at least half of the class has handed in.

    Work that most leave out is optional, or its date is wrong.
    """
    return expected < FEWEST or 2 * met >= expected


def judge_risk(inputs: RiskInputs) -> Risk:
    """The risk of one learner. Nothing is remembered: when the inputs improve, the reasons are gone."""
    if inputs.completed:
        return Risk(0, Bucket.COMPLETED, ())
    if inputs.over:
        return Risk(0, Bucket.OVER, ())
    reasons = (*_silence(inputs), *_missed(inputs), *_scores(inputs), *_progress(inputs), *_coverage(inputs))
    score = sum(reason.points for reason in reasons)
    return Risk(score, _bucket(inputs, score), reasons)


def _silence(inputs: RiskInputs) -> Iterator[Points]:
    if not inputs.heard:
        return
    if inputs.days_silent is None:
        yield Points(Cause.NEVER_ACTIVE, 20)
    elif inputs.days_silent > max(QUIET, 4 * inputs.rhythm):
        yield Points(Cause.INACTIVE, 15)


def _missed(inputs: RiskInputs) -> Iterator[Points]:
    if inputs.missed:
        # Halves are rounded up, without a float in between.
        points = (2 * ALL_MISSED * inputs.missed + inputs.due_passed) // (2 * inputs.due_passed)
        yield Points(Cause.MISSED_DUE, points)


def _scores(inputs: RiskInputs) -> Iterator[Points]:
    average = mean(inputs.scores)
    if average is None:
        if inputs.graded:
            yield Points(Cause.NO_RESULT, 10)
        return
    points = min(LOWEST, floor((90 - average) / 2 + NEAR))
    if points > 0:
        yield Points(Cause.LOW_SCORES if average < inputs.limits.low_score else Cause.FAIR_SCORES, points)
    if _falls(inputs.scores):
        yield Points(Cause.FALLING_SCORES, 5)


def _falls(scores: Sequence[float]) -> bool:
    earlier, last_two = mean(scores[:-2]), mean(scores[-2:])
    return earlier is not None and last_two is not None and last_two <= earlier - 15


def _progress(inputs: RiskInputs) -> Iterator[Points]:
    if (
        inputs.progress is not None
        and inputs.progress_p15 is not None
        and inputs.progress < inputs.progress_p15
    ):
        yield Points(Cause.BEHIND_COHORT, 10)


def _coverage(inputs: RiskInputs) -> Iterator[Points]:
    if inputs.coverage is not None and inputs.coverage < 40:
        yield Points(Cause.LOW_COVERAGE, 5)


def _bucket(inputs: RiskInputs, score: int) -> Bucket:
    never = inputs.days_silent is None and not inputs.due_passed and not inputs.heard
    if inputs.days_enrolled < SETTLING or never:
        return Bucket.UNKNOWN
    if score >= inputs.limits.struggling:
        return Bucket.STRUGGLING
    return Bucket.EXCELLING if score < EXCELLING and _shines(inputs) else Bucket.ON_TRACK


def _shines(inputs: RiskInputs) -> bool:
    average = mean(inputs.scores)
    if average is None or inputs.progress is None or inputs.progress_p50 is None:
        return False
    return average >= inputs.limits.high_score and inputs.progress >= max(FAR, inputs.progress_p50)
