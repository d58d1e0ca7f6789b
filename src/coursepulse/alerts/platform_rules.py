"""The conditions about the platform as a whole."""

from __future__ import annotations

from coursepulse.alerts.facts import PlatformFacts
from coursepulse.alerts.rule import (
    About,
    Audience,
    Finding,
    PlatformCondition,
    Rule,
    Severity,
    Threshold,
    ThresholdUnit,
    Values,
)
from coursepulse.kit.clock import DAY, MINUTE, SECOND


def find_refusals(facts: PlatformFacts, values: Values) -> list[Finding]:
    """Many more events than usual are refused."""
    if facts.refused < values["refused"] or facts.refused <= values["more"] * facts.usually_refused:
        return []
    return [Finding(since=facts.now, values={"refused": _two_digits(facts.refused)})]


def find_backlog(facts: PlatformFacts, values: Values) -> list[Finding]:
    """Acknowledged events wait for longer than they should."""
    if facts.behind < values["waiting"] * SECOND:
        return []
    return [Finding(since=facts.now - facts.behind, values={"behind_s": facts.behind // MINUTE * 60})]


def find_stores_down(facts: PlatformFacts, values: Values) -> list[Finding]:  # noqa: ARG001
    """Stores that do not answer."""
    return [
        Finding(item=store, since=facts.now, values={"trouble": trouble})
        for store, trouble in sorted(facts.stores.items())
        if trouble
    ]


def find_drift(facts: PlatformFacts, values: Values) -> list[Finding]:
    """Learners are no longer like those that the model of risk was trained on."""
    if facts.drifted < values["drifted"]:
        return []
    return [Finding(since=facts.now, values={"drifted": facts.drifted})]


def _two_digits(number: int) -> int:
    """Rounded down, so that a number that grows steadily changes the alert now and then only."""
    step: int = 10 ** max(0, len(str(number)) - 2)
    return number - number % step


REFUSALS = Rule(
    name="dead_letters",
    severity=Severity.WARNING,
    audience=(Audience.ADMINS,),
    about=About.PLATFORM,
    thresholds=(
        Threshold("refused", 20, 1, 100_000, ThresholdUnit.EVENTS),
        Threshold("more", 3, 1, 100, ThresholdUnit.FACTOR),
    ),
    cooldown=15 * MINUTE,
    condition=PlatformCondition(find_refusals),
)

BACKLOG = Rule(
    name="pipeline_behind",
    severity=Severity.WARNING,
    audience=(Audience.ADMINS,),
    about=About.PLATFORM,
    thresholds=(Threshold("waiting", 60, 5, 3600, ThresholdUnit.SECONDS),),
    cooldown=5 * MINUTE,
    condition=PlatformCondition(find_backlog),
)

STORE_DOWN = Rule(
    name="store_down",
    severity=Severity.URGENT,
    audience=(Audience.ADMINS,),
    about=About.PLATFORM,
    thresholds=(),
    cooldown=5 * MINUTE,
    condition=PlatformCondition(find_stores_down),
)

DRIFT = Rule(
    name="model_drift",
    severity=Severity.INFO,
    audience=(Audience.ADMINS,),
    about=About.PLATFORM,
    thresholds=(Threshold("drifted", 3, 1, 50, ThresholdUnit.TIMES),),
    cooldown=7 * DAY,
    condition=PlatformCondition(find_drift),
)

PLATFORM_RULES = (REFUSALS, BACKLOG, STORE_DOWN, DRIFT)
