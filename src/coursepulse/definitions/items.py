"""What the discrimination of a question says about it, by the guideline of Ebel (1965)."""

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
