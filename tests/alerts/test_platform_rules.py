"""Every rule about the platform on both sides of each of its limits."""

from __future__ import annotations

from typing import Any

import pytest

from coursepulse.alerts.facts import PlatformFacts
from coursepulse.alerts.platform_rules import BACKLOG, DRIFT, PLATFORM_RULES, REFUSALS, STORE_DOWN
from coursepulse.alerts.rule import Finding, PlatformCondition, Rule
from coursepulse.kit.clock import MINUTE, SECOND
from tests.alerts.facts_made import NOW, PLATFORM


def findings(rule: Rule, facts: PlatformFacts, **set_: float) -> list[Finding]:
    assert isinstance(rule.condition, PlatformCondition)
    return rule.condition.find(facts, {**rule.defaults(), **set_})


@pytest.mark.parametrize(
    ("refused", "usually", "set_", "told"),
    [
        (20, 0.0, {}, True),
        (19, 0.0, {}, False),
        (19, 0.0, {"refused": 10}, True),
        # three times as many as usual are still usual
        (30, 10.0, {}, False),
        (31, 10.0, {}, True),
        (30, 10.0, {"more": 2}, True),
    ],
)
def test_dead_letters(refused: int, usually: float, set_: dict[str, float], told: bool) -> None:
    facts = PLATFORM._replace(refused=refused, usually_refused=usually)
    assert bool(findings(REFUSALS, facts, **set_)) is told


@pytest.mark.parametrize(
    ("refused", "said"), [(20, 20), (99, 99), (104, 100), (1_239, 1_200), (99_999, 99_000)]
)
def test_a_growing_number_of_dead_letters_changes_the_alert_now_and_then(refused: int, said: int) -> None:
    [finding] = findings(REFUSALS, PLATFORM._replace(refused=refused))
    assert finding.values == {"refused": said}


@pytest.mark.parametrize(
    ("behind", "set_", "told"),
    [(60 * SECOND, {}, True), (60 * SECOND - 1, {}, False), (5 * SECOND, {"waiting": 5}, True)],
)
def test_pipeline_behind(behind: int, set_: dict[str, float], told: bool) -> None:
    assert bool(findings(BACKLOG, PLATFORM._replace(behind=behind), **set_)) is told


def test_a_backlog_is_told_in_minutes_since_the_oldest_event() -> None:
    [finding] = findings(BACKLOG, PLATFORM._replace(behind=3 * MINUTE + 59 * SECOND))
    assert finding == Finding("", NOW - 3 * MINUTE - 59 * SECOND, (), {"behind_s": 180})


def test_each_store_that_is_down_is_an_alert_of_its_own() -> None:
    stores = {"postgres": "no answer", "clickhouse": "", "log": "the disk is full"}
    told = findings(STORE_DOWN, PLATFORM._replace(stores=stores))
    assert [(each.item, each.values) for each in told] == [
        ("log", {"trouble": "the disk is full"}),
        ("postgres", {"trouble": "no answer"}),
    ]


@pytest.mark.parametrize(("drifted", "told"), [(2, False), (3, True)])
def test_model_drift(drifted: int, told: bool) -> None:
    assert bool(findings(DRIFT, PLATFORM._replace(drifted=drifted))) is told


@pytest.mark.parametrize("rule", PLATFORM_RULES, ids=lambda rule: rule.name)
def test_when_all_is_well_nothing_is_told(rule: Rule) -> None:
    values: dict[str, Any] = {threshold.name: threshold.least for threshold in rule.thresholds}
    assert not findings(rule, PLATFORM, **values)
