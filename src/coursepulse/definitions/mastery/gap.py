"""What to say of a student's standing in a skill, and whether to practise it."""

from __future__ import annotations

from enum import StrEnum

#: Per cent of a skill's questions below which it is a gap: the usual pass mark.
ENOUGH = 60.0

#: Points between the bounds above which too little is known.
UNSURE = 50.0

#: Points that must be lost since the last answer to speak of forgetting.
LOST = 10.0


class SkillStanding(StrEnum):
    """How somebody stands in a skill, in the order in which it is worth doing something."""

    GAP = "gap"
    FADED = "faded"
    UNSURE = "unsure"
    KNOWN = "known"


def judge_standing(mastery: float, low: float, high: float, before: float) -> SkillStanding:
    """The standing of a student, in per cent of the skill's questions.

    :param low: lower bound of the mastery
    :param high: upper bound
    :param before: the mastery right after the last answer
    """
    if mastery < ENOUGH and before - mastery >= LOST and before >= ENOUGH:
        return SkillStanding.FADED
    if high - low > UNSURE:
        return SkillStanding.UNSURE
    return SkillStanding.GAP if mastery < ENOUGH else SkillStanding.KNOWN
