"""Rules and alerts for tests."""

from __future__ import annotations

from typing import Any

from coursepulse.alerts.alert import Alert, AlertSubject
from coursepulse.alerts.rule import (
    About,
    Audience,
    Finding,
    LearnerCondition,
    Rule,
    Severity,
    Threshold,
    ThresholdUnit,
)
from coursepulse.kit.clock import HOUR

ANN, BEN = bytes([1]) * 16, bytes([2]) * 16
NOW = 1_772_000_000_000_000


def rule(name: str = "quiet", **other: Any) -> Rule:
    """A rule about learners."""
    usual: dict[str, Any] = {
        "severity": Severity.WARNING,
        "audience": (Audience.INSTRUCTORS,),
        "about": About.LEARNER,
        "thresholds": (Threshold("days", 3, 1, 30, ThresholdUnit.DAYS),),
        "cooldown": 6 * HOUR,
        "condition": LearnerCondition(lambda *_: [Finding()]),
    }
    return Rule(name=name, **(usual | other))


def alert(number: int, student: bytes | None = ANN, course: str = "maths", **other: Any) -> Alert:
    """An open alert."""
    about = About.LEARNER if student else About.COURSE if course else About.PLATFORM
    usual: dict[str, Any] = {
        "alert_id": bytes([number]) * 16,
        "rule": "quiet",
        "severity": Severity.WARNING,
        "about": about,
        "course_id": course,
        "student_id": student,
        "raised_at": NOW + number,
        "updated_at": NOW + number,
    }
    return Alert(**(usual | other))


def about(student: bytes | None = ANN, course: str = "maths") -> AlertSubject:
    """A subject."""
    return AlertSubject(course, student)
