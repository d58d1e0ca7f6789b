"""The rules of alerts as a page of the reference, from their declarations."""

from __future__ import annotations

from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.rule import EventStreak, LearnerCondition, Rule, Threshold
from coursepulse.alerts.trial import LEARNERS_PROVEN
from coursepulse.dashboards.alert_words import alert_clears, alert_title
from coursepulse.dashboards.format import span
from coursepulse.dashboards.text import plural, say
from coursepulse.kit.clock import DAY, SECOND, Micros

_HEAD = ("| rule | title | about | severity | told | cooldown |", "|---|---|---|---|---|---|")
_NUMBERS = ("| threshold | meaning | usual | least | most | unit |", "|---|---|---|---|---|---|")


def write_rules() -> str:
    """A table of all rules, then what clears each, and its thresholds."""
    lines = [*_HEAD, *(_row(rule) for rule in RULES), ""]
    for rule in RULES:
        lines += _section(rule)
    return "\n".join(lines).rstrip() + "\n"


def _row(rule: Rule) -> str:
    told = ", ".join(rule.audience)
    return (
        f"| [`{rule.name}`](#{rule.name}) | {alert_title(rule.name)} | {rule.about} | {rule.severity} | {told} "
        f"| {_length(rule.cooldown)} |"
    )


def _section(rule: Rule) -> list[str]:
    lines = [f"## {rule.name}", "", alert_clears(rule.name), ""]
    lines += [_tell_trial(rule), ""]
    if rule.thresholds:
        lines += [*_NUMBERS, *(_number(each) for each in rule.thresholds), ""]
    return lines


def _tell_trial(rule: Rule) -> str:
    """How ``test-rule`` finds out what the rule would have raised, and when it calls that right."""
    match rule.condition:
        case EventStreak(types=types, proven=proven, lateness=lateness):
            read = ", ".join(f"`{name}`" for name in sorted(types))
            right = f"nothing good followed on the same item within {_length(proven)}"
            late = f"an event may come up to {_length(lateness)} after it happened"
            return f"Read from {read}, as they come; {late}. `test-rule` counts an alert as right if {right}."
        case LearnerCondition():
            return f"`test-rule` counts an alert as right if it still held {_length(LEARNERS_PROVEN)} later."
        case _:
            right = f"it was still open {_length(rule.cooldown)} later"
            return f"`test-rule` judges the alerts on record, and counts one as right if {right}."


def _number(each: Threshold) -> str:
    cells = f"{each.default:g} | {each.least:g} | {each.most:g} | {say(f'alert.unit.{each.unit}')}"
    return f"| `{each.name}` | {say(f'alert.threshold.{each.name}')} | {cells} |"


def _length(micros: Micros) -> str:
    text = plural("unit.days", micros // DAY) if micros >= 2 * DAY else span(micros / SECOND)
    return text.replace("\u00a0", " ")
