"""The rules. Each is one declaration, in the file of what it is about."""

from __future__ import annotations

from collections.abc import Iterable

from coursepulse.alerts.course_rules import COURSE_RULES
from coursepulse.alerts.learner_rules import LEARNER_RULES
from coursepulse.alerts.platform_rules import PLATFORM_RULES
from coursepulse.alerts.rule import Rule
from coursepulse.alerts.streak_rules import STREAK_RULES

#: All of them, in the order in which docs and pages list them.
RULES: tuple[Rule, ...] = (*STREAK_RULES, *LEARNER_RULES, *COURSE_RULES, *PLATFORM_RULES)


def rule_named(name: str, rules: Iterable[Rule] = RULES) -> Rule | None:
    """The rule with this name."""
    return next((rule for rule in rules if rule.name == name), None)
