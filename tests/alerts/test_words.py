"""What each rule that rests on rollups or on the platform says, in the words that people read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from coursepulse.alerts.alert import Alert, AlertNames
from coursepulse.alerts.catalog import RULES, rule_named
from coursepulse.alerts.facts import LessonStop, Overdue, QuestionAnswers
from coursepulse.alerts.rule import EventStreak, Finding
from coursepulse.dashboards.alert_words import alert_reason
from coursepulse.definitions.risk import Bucket, Cause, Points, Risk
from coursepulse.kit.clock import DAY, HOUR, MINUTE
from tests.alerts.facts_made import COURSE, LEARNER, NOW, PLATFORM

QUIET = msgspec.structs.replace(LEARNER.inputs, days_silent=10, rhythm=2.0)
RISK = Risk(31, Bucket.STRUGGLING, (Points(Cause.NO_RESULT, 10), Points(Cause.BEHIND_COHORT, 10)))
BUSY = dict.fromkeys(range(168), 10)

#: By rule: facts with which it holds, and what is said.
SAID: dict[str, tuple[Any, str]] = {
    "inactive": (
        LEARNER._replace(inputs=QUIET, last_learned_at=NOW - 10 * DAY),
        "Ann has not been active since Mar 1, 2026, 12:20 UTC; the usual gap is 2 days.",
    ),
    "missed_due": (
        LEARNER._replace(overdue=(Overdue("essay", NOW - DAY),)),
        "Ann has not handed in “Sets”, which was due on Mar 10, 2026, 12:20 UTC.",
    ),
    "sudden_drop": (
        LEARNER._replace(weeks=(600.0, *(7200.0,) * 4)),
        "Ann learned for 10 min in the last seven days. The usual time is 2 h a week.",
    ),
    "struggling": (
        LEARNER._replace(risk=RISK),
        "Ann is struggling by the risk rule, with 31 points: No result yet; Behind most of the class.",
    ),
    "lesson_stops": (
        COURSE._replace(lessons=(LessonStop("l1", 20, 12),)),
        "12 of 20 learners who began “Sets” have not completed it and have not gone on.",
    ),
    "nobody_right": (
        COURSE._replace(questions=tuple(QuestionAnswers("quiz", name, 20, 0) for name in ("a", "b"))),
        "Hardly anybody answers these questions of “Sets” correctly: a, b.",
    ),
    "course_silent": (
        COURSE._replace(usual=BUSY, heard_at=NOW - 3 * HOUR),
        "Nothing has arrived from “Maths” for 2 h. "
        "Learners were active at this time in each of the last four weeks.",
    ),
    "course_finished": (COURSE._replace(finished=7), "7 learners have completed “Maths” this week."),
    "dead_letters": (
        PLATFORM._replace(refused=1_234),
        "1,200 events were refused in the last 15 minutes, far more than usual.",
    ),
    "pipeline_behind": (
        PLATFORM._replace(behind=3 * MINUTE),
        "The oldest event that is not yet in the numbers has been waiting for 3 min.",
    ),
    "model_drift": (
        PLATFORM._replace(drifted=4),
        "4 of the things that the model of risk looks at are no longer as they were in its training.",
    ),
    "store_down": (
        PLATFORM._replace(stores={"clickhouse": "no answer"}),
        "The store “clickhouse” does not answer: no answer",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_it_says(name: str) -> None:
    facts, said = SAID[name]
    assert sentence(name, facts).replace("\u00a0", " ") == said


def sentence(name: str, facts: Any) -> str:
    rule = rule_named(name)
    assert rule is not None
    assert not isinstance(rule.condition, EventStreak)
    [finding] = rule.condition.find(facts, rule.defaults())
    return alert_reason(
        as_alert(name, finding), AlertNames("Ann", "Maths", "" if name == "store_down" else "Sets")
    )


def as_alert(name: str, finding: Finding) -> Alert:
    rule = rule_named(name)
    assert rule is not None
    return Alert(
        alert_id=b"a" * 16,
        rule=name,
        severity=rule.severity,
        about=rule.about,
        item=finding.item,
        student_id=b"s" * 16,
        raised_at=NOW,
        updated_at=NOW,
        values=finding.values,
    )


def test_none_is_left_out() -> None:
    assert set(SAID) == {rule.name for rule in RULES if not isinstance(rule.condition, EventStreak)}
