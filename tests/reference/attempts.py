"""Attempts at quizzes and assignments, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from coursepulse.events.event import Event
from coursepulse.events.payloads import REGRADE
from coursepulse.kit.clock import Micros


class Attempt(NamedTuple):
    """One try at one assessment of a course, and when it began; for an assignment, when it was handed in."""

    assessment_id: str
    attempt: int
    first_at: Micros


class Result(NamedTuple):
    """The outcome of one try: what the last quiz_submit, or assignment_graded, says; of one moment the better one.

    One without a score takes no score back: it may add whether the try was passed. A regrade, which has the number
    :data:`~coursepulse.events.payloads.REGRADE`, replaces those of all tries before it, also by no score.

    :param score: per cent of the points, or None
    :param passed: as the platform said, or None: then the pass mark decides when the number is asked for
    """

    assessment_id: str
    attempt: int
    at: Micros
    event_id: bytes
    score: float | None
    passed: bool | None


def find_attempts(events: Iterable[Event], *types: str) -> tuple[Attempt, ...]:
    """The attempts that events of these types belong to, sorted."""
    return keep_first(
        Attempt(event.assessment_id, event.attempt, event.at)
        for event in events
        if event.event_type in types and event.assessment_id and event.attempt != REGRADE
    )


def find_results(events: Iterable[Event], event_type: str) -> tuple[Result, ...]:
    """What came of each attempt, sorted."""
    return keep_last(
        Result(event.assessment_id, event.attempt, event.at, event.event_id, event.score, event.passed)
        for event in events
        if event.event_type == event_type and event.assessment_id
    )


def keep_first(attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """The earliest of each attempt, sorted by (assessment_id, attempt)."""
    kept = {each[:2]: each for each in sorted(attempts, reverse=True)}
    return tuple(sorted(kept.values()))


def keep_last(results: Iterable[Result]) -> tuple[Result, ...]:
    """What came of each attempt, sorted by (assessment_id, attempt)."""
    kept: dict[tuple[str, int], Result] = {}
    for each in sorted(results, key=_outcome):
        before = kept.get(each[:2])
        if each.attempt == REGRADE:
            kept = {key: other for key, other in kept.items() if key[0] != each.assessment_id}
            before = None
        kept[each[:2]] = each if before is None else _follow(before, each)
    return tuple(sorted(kept.values(), key=lambda each: each[:2]))


def _follow(before: Result, result: Result) -> Result:
    """A score replaces everything; without one, the score and its moment stay, and a word about passing counts."""
    if result.score is not None:
        return result
    passed = before.passed if result.passed is None else result.passed
    return (result if before.score is None else before)._replace(passed=passed)


def _outcome(result: Result) -> tuple[Micros, bool, float, bool, bool, bytes]:
    """In the order in which results replace each other. An id only chooses between two that say the same."""
    score = -1.0 if result.score is None else result.score
    return (
        result.at,
        result.attempt == REGRADE,
        score,
        result.passed is not None,
        bool(result.passed),
        result.event_id,
    )
