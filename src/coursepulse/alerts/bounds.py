"""Whether a threshold may be set to a number."""

from __future__ import annotations

from collections.abc import Mapping

from coursepulse.alerts.rule import About, Rule, Threshold, ThresholdUnit
from coursepulse.kit.errors import RequestError


def check_thresholds(rule: Rule, values: Mapping[str, float | None]) -> None:
    """Whether these numbers may be set.

    :raises RequestError: ``unknown_threshold`` or ``threshold_out_of_bounds``
    """
    if not values:
        raise RequestError("unknown_threshold", "Name at least one threshold of the rule.", path="$.values")
    known = {threshold.name: threshold for threshold in rule.thresholds}
    for name, value in values.items():
        if name not in known:
            raise RequestError(
                "unknown_threshold", f"The rule {rule.name} has no threshold {name}.", path=f"$.{name}"
            )
        if value is not None and not _fits(known[name], value):
            raise RequestError("threshold_out_of_bounds", _bounds(known[name]), path=f"$.{name}")


def check_place(rule: Rule, course: str) -> None:
    """Whether a course has numbers of this rule: those of the platform are the same everywhere.

    :raises RequestError: ``not_of_a_course`` or ``of_a_course``
    """
    platform = rule.about is About.PLATFORM
    if platform and course:
        sentence = f"The rule {rule.name} is about the platform, not about a course: leave `course` empty."
        raise RequestError("not_of_a_course", sentence, path="$.course")
    if not platform and not course:
        sentence = f"The rule {rule.name} has numbers for each course: name one in `course`."
        raise RequestError("of_a_course", sentence, path="$.course")


def _fits(threshold: Threshold, value: float) -> bool:
    if not threshold.least <= value <= threshold.most:
        return False
    return not threshold.unit.whole or value == int(value)


def _bounds(threshold: Threshold) -> str:
    kind = " a whole number" if threshold.unit.whole else ""
    unit = "" if threshold.unit is ThresholdUnit.FACTOR else f" {threshold.unit.value}"
    return f"{threshold.name} must be{kind} between {threshold.least:g} and {threshold.most:g}{unit}."
