"""The reasons of the risk rule, as people say them."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards.text import say


class RiskReason(NamedTuple):
    """Why there are points, and how many. ``cause`` is one of ``coursepulse.definitions.risk.Cause``."""

    cause: str
    points: int


def read_reasons(value: list[tuple[str, int]]) -> tuple[RiskReason, ...]:
    """The reasons in a row of a metric, the weightiest first."""
    return tuple(sorted((RiskReason(*each) for each in value), key=lambda reason: -reason.points))


def reason_words(reason: RiskReason) -> str:
    """A reason with its points."""
    return say("reason.line", words=say(f"reason.{reason.cause}"), points=reason.points)
