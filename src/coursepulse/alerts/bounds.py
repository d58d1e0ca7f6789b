"""Whether a course may set a number."""

from __future__ import annotations

from collections.abc import Mapping

from coursepulse.alerts.rule import Rule, Threshold
from coursepulse.kit.errors import RequestError


def check_thresholds(rule: Rule, values: Mapping[str, float | None]) -> None:
    """Whether a course may set these numbers.

    :raises RequestError: ``unknown_threshold`` or ``threshold_out_of_bounds``
    """
    known = {threshold.name: threshold for threshold in rule.thresholds}
    for name, value in values.items():
        if name not in known:
            raise RequestError(
                "unknown_threshold", f"The rule {rule.name} has no threshold {name}.", path=f"$.{name}"
            )
        if value is not None and not known[name].least <= value <= known[name].most:
            raise RequestError("threshold_out_of_bounds", _bounds(known[name]), path=f"$.{name}")


def _bounds(threshold: Threshold) -> str:
    return (
        f"{threshold.name} must be between {threshold.least:g} and {threshold.most:g} {threshold.unit.value}."
    )
