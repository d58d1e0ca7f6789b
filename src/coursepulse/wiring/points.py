"""The points rule that the settings choose."""

from __future__ import annotations

from coursepulse.definitions.points import PointsRule
from coursepulse.kit.settings import Settings


def points_rule(settings: Settings) -> PointsRule:
    """Each field of the rule is a setting with ``points_`` before its name."""
    return PointsRule(*(getattr(settings, f"points_{name}") for name in PointsRule._fields))
