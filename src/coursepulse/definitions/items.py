"""What a question and its choices tell: the guidelines of Ebel (1965), and of Haladyna and Downing (1993)."""

from __future__ import annotations

from enum import StrEnum


class ItemQuality(StrEnum):
    """How well a question tells apart who knows the rest."""

    CHECK_KEY = "check_key"
    WEAK = "weak"
    FAIR = "fair"
    GOOD = "good"
    VERY_GOOD = "very_good"


def judge_item(discrimination: float | None) -> ItemQuality | None:
    """The verdict on how much more the upper group gets right than the lower, in points; None where that is unknown."""
    if discrimination is None:
        return None
    if discrimination < 0:
        return ItemQuality.CHECK_KEY
    if discrimination < 20:
        return ItemQuality.WEAK
    if discrimination < 30:
        return ItemQuality.FAIR
    return ItemQuality.GOOD if discrimination < 40 else ItemQuality.VERY_GOOD


#: Per cent of the learners below which a wrong choice hardly distracts anybody.
FEW = 5


class ChoiceRole(StrEnum):
    """What a choice of a question does."""

    KEY = "key"
    WORKS = "works"
    UNUSED = "unused"
    HARDLY_USED = "hardly_used"
    MISLEADS = "misleads"


def judge_choice(
    *, right: bool, chosen_pct: float | None, upper_pct: float | None, lower_pct: float | None
) -> ChoiceRole | None:
    """What a choice does; a wrong one should draw those who know less. None where too little is known."""
    if right:
        return ChoiceRole.KEY
    if chosen_pct is None:
        return None
    if chosen_pct < FEW:
        return ChoiceRole.HARDLY_USED if chosen_pct else ChoiceRole.UNUSED
    if upper_pct is None or lower_pct is None:
        return None
    return ChoiceRole.MISLEADS if upper_pct > lower_pct else ChoiceRole.WORKS
