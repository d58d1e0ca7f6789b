"""Every rule about learners on both sides of each of its limits."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from coursepulse.alerts.facts import Classmates, LearnerFacts, Overdue
from coursepulse.alerts.learner_rules import INACTIVE, LEARNER_RULES, MISSED_DUE, STRUGGLES, SUDDEN_DROP
from coursepulse.alerts.rule import Finding, LearnerCondition, Rule
from coursepulse.definitions.risk import Bucket, Cause, Points, Risk
from coursepulse.kit.clock import DAY, HOUR
from tests.alerts.facts_made import LEARNER, NOW

AWAY = Classmates(20, 1, (72_000.0,) * 5)
RESTING = Classmates(20, 15, (35_000.0, *(72_000.0,) * 4))
QUIET = {"days_silent": 8, "days_enrolled": 60}
STRUGGLING = Risk(31, Bucket.STRUGGLING, (Points(Cause.INACTIVE, 15), Points(Cause.LOW_SCORES, 16)))


def learner(inputs: dict[str, Any] | None = None, **facts: Any) -> LearnerFacts:
    return LEARNER._replace(inputs=msgspec.structs.replace(LEARNER.inputs, **(inputs or {})), **facts)


def findings(rule: Rule, facts: LearnerFacts, **set_: float) -> list[Finding]:
    assert isinstance(rule.condition, LearnerCondition)
    return rule.condition.find(facts, {**rule.defaults(), **set_})


@pytest.mark.parametrize(
    ("inputs", "facts", "set_", "told"),
    [
        ({"days_silent": 7}, {}, {}, False),
        (QUIET, {}, {}, True),
        # four of the student's own gaps
        (QUIET | {"rhythm": 2.0}, {}, {}, False),
        ({"days_silent": 9, "rhythm": 2.0}, {}, {}, True),
        ({"days_silent": 28, "rhythm": 7.0}, {}, {}, False),
        ({"days_silent": 29, "rhythm": 7.0}, {}, {}, True),
        # a course that sets other numbers
        (QUIET, {}, {"silent_days": 8}, False),
        (QUIET | {"rhythm": 2.0}, {}, {"gaps": 3}, True),
        # who never came is waited for since joining
        ({"days_silent": None, "days_enrolled": 28, "rhythm": 7.0}, {}, {}, False),
        ({"days_silent": None, "days_enrolled": 29, "rhythm": 7.0}, {}, {}, True),
        # a course that hears only of work handed in, and a holiday
        (QUIET | {"heard": False}, {}, {}, False),
        (QUIET, {"classmates": AWAY}, {}, False),
        (QUIET, {"classmates": AWAY._replace(active=2)}, {}, True),
        # a class of four says nothing about one of them
        (QUIET, {"classmates": Classmates(4, 0, (0.0,) * 5)}, {}, True),
    ],
)
def test_inactive(inputs: dict[str, Any], facts: dict[str, Any], set_: dict[str, float], told: bool) -> None:
    assert bool(findings(INACTIVE, learner(inputs, **facts), **set_)) is told


def test_silence_is_told_since_the_last_learning_or_since_joining() -> None:
    [finding] = findings(INACTIVE, learner(QUIET, last_learned_at=NOW - 8 * DAY))
    assert (finding.since, finding.values) == (NOW - 8 * DAY, {"since_at": NOW - 8 * DAY, "usual_days": 1.0})
    never = {"days_silent": None, "rhythm": 7.0}
    [finding] = findings(INACTIVE, learner(never, last_learned_at=None))
    assert finding.since == LEARNER.joined_at


@pytest.mark.parametrize(
    ("ago", "set_", "told"),
    [
        (HOUR - 1, {}, False),
        (HOUR, {}, True),
        (HOUR - 1, {"grace": 0}, True),
        (28 * DAY, {}, True),
        (28 * DAY + 1, {}, False),
        (15 * DAY, {"recent_days": 14}, False),
    ],
)
def test_missed_due(ago: int, set_: dict[str, float], told: bool) -> None:
    facts = learner(overdue=(Overdue("essay", NOW - ago),))
    assert bool(findings(MISSED_DUE, facts, **set_)) is told


def test_each_missed_date_is_an_alert_of_its_own() -> None:
    overdue = (Overdue("essay", NOW - 2 * DAY), Overdue("quiz", NOW - 3 * DAY), Overdue("talk", NOW))
    told = findings(MISSED_DUE, learner(overdue=overdue))
    assert [(each.item, each.since) for each in told] == [("essay", NOW - 2 * DAY), ("quiz", NOW - 3 * DAY)]
    assert told[0].values == {"due_at": NOW - 2 * DAY}


@pytest.mark.parametrize(
    ("weeks", "inputs", "classmates", "set_", "told"),
    [
        ((2160.0, *(7200.0,) * 4), {}, None, {}, True),
        ((2161.0, *(7200.0,) * 4), {}, None, {}, False),
        ((2161.0, *(7200.0,) * 4), {}, None, {"drop": 69}, True),
        # silence altogether is a drop as well
        ((0.0, *(7200.0,) * 4), {}, None, {}, True),
        # who has had such a week before is as usual
        ((1000.0, 7200.0, 1000.0, 7200.0, 7200.0), {}, None, {}, False),
        # little is no habit
        ((0.0, *(1799.0,) * 4), {}, None, {}, False),
        ((0.0, *(1800.0,) * 4), {}, None, {}, True),
        ((0.0, *(1799.0,) * 4), {}, None, {"usual_minutes": 20}, True),
        # three whole weeks before this one must be known
        ((0.0, *(7200.0,) * 3, 0.0), {"days_enrolled": 26}, None, {}, False),
        ((0.0, *(7200.0,) * 3, 0.0), {"days_enrolled": 27}, None, {}, True),
        # the whole class has slowed down
        ((0.0, *(7200.0,) * 4), {}, RESTING, {}, False),
        ((0.0, *(7200.0,) * 4), {}, RESTING._replace(learners=4), {}, True),
    ],
)
def test_sudden_drop(
    weeks: tuple[float, ...],
    inputs: dict[str, Any],
    classmates: Classmates | None,
    set_: dict[str, float],
    told: bool,
) -> None:
    facts = learner(inputs, weeks=weeks, classmates=classmates or LEARNER.classmates)
    assert bool(findings(SUDDEN_DROP, facts, **set_)) is told


def test_a_drop_says_how_much_and_compared_with_what() -> None:
    [finding] = findings(SUDDEN_DROP, learner(weeks=(600.0, 7200.0, 3600.0, 5400.0, 9000.0)))
    assert finding.values == {"week_s": 600, "usual_s": 6300}
    assert finding.since == NOW - NOW % DAY - 6 * DAY


@pytest.mark.parametrize(
    ("risk", "set_", "told"),
    [
        (STRUGGLING, {}, True),
        (STRUGGLING, {"points": 31}, True),
        (STRUGGLING, {"points": 32}, False),
        *((STRUGGLING._replace(bucket=bucket), {}, False) for bucket in Bucket if bucket != "struggling"),
    ],
)
def test_struggling(risk: Risk, set_: dict[str, float], told: bool) -> None:
    assert bool(findings(STRUGGLES, learner(risk=risk), **set_)) is told


def test_a_struggling_student_is_told_of_with_the_reasons() -> None:
    [finding] = findings(STRUGGLES, learner(risk=STRUGGLING))
    assert finding.values == {"points": 31, "reasons": "inactive low_scores"}


@pytest.mark.parametrize("rule", LEARNER_RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("end", [{"completed": True}, {"over": True}])
def test_nothing_is_told_of_who_is_done(rule: Rule, end: dict[str, bool]) -> None:
    bad = {"weeks": (0.0, *(7200.0,) * 4), "overdue": (Overdue("essay", NOW - DAY),), "risk": STRUGGLING}
    assert findings(rule, learner(QUIET, **bad))
    done = bad | {"risk": Risk(0, Bucket.COMPLETED if "completed" in end else Bucket.OVER, ())}
    assert not findings(rule, learner(QUIET | end, **done))
