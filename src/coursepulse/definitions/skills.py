"""What somebody has reached of a skill or a course, and whether it is what a job role needs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from coursepulse.definitions.stats import mean


class SkillState(StrEnum):
    """How somebody stands against a need."""

    MET = "met"
    BELOW = "below"
    NO_RESULT = "no_result"


def skill_level(scores: Iterable[float]) -> float | None:
    """The mean of the best scores in the assessments of a skill; None without one."""
    return mean(list(scores))


def course_level(declared: bool, completed: int, total: int) -> float | None:
    """How much of a course is done, in per cent; None before it is begun."""
    if declared:
        return 100.0
    return 100 * completed / total if total and completed else None


def skill_state(level: float | None, needed: float) -> SkillState:
    """Whether the need is met."""
    if level is None:
        return SkillState.NO_RESULT
    return SkillState.MET if level >= needed else SkillState.BELOW
