"""Rules about what a student does several times in a row: processors read them from the events as they come."""

from __future__ import annotations

from coursepulse.alerts.facts import AssessmentOf
from coursepulse.alerts.rule import (
    About,
    Audience,
    EventStreak,
    Reading,
    Rule,
    Severity,
    Threshold,
    ThresholdUnit,
)
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY


def _assessment(event: Event, assessment: AssessmentOf) -> str:  # noqa: ARG001
    return event.assessment_id


def _result(event: Event, assessment: AssessmentOf) -> Reading | None:
    """A result passes if the platform says so, and otherwise by its score. One with neither says nothing."""
    passed = event.passed
    if passed is None and event.score is not None:
        passed = event.score >= assessment(event.course_id, event.assessment_id).pass_mark
    if passed is None:
        return None
    return Reading.GOOD if passed else Reading.BAD


FAILED_SUBMITS = Rule(
    name="failed_submits",
    severity=Severity.WARNING,
    audience=(Audience.INSTRUCTORS,),
    about=About.LEARNER,
    thresholds=(
        Threshold("submits", 3, 2, 20, ThresholdUnit.TIMES),
        Threshold("within", 14, 1, 90, ThresholdUnit.DAYS),
    ),
    cooldown=DAY,
    condition=EventStreak(
        types=frozenset({"quiz_submit", "assignment_submit", "assignment_graded"}),
        item=_assessment,
        reading=_result,
        times="submits",
        within="within",
    ),
)

STREAK_RULES = (FAILED_SUBMITS,)
