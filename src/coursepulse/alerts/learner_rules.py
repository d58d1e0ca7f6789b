"""The conditions about a student in a course that the rollups answer: silence, missed work, a sudden drop, risk.

None of them holds for a student who has completed the course, or after its last day.
"""

from __future__ import annotations

from statistics import median

from coursepulse.alerts.facts import Classmates, LearnerFacts
from coursepulse.alerts.rule import (
    About,
    Audience,
    Finding,
    LearnerCondition,
    Rule,
    Severity,
    Threshold,
    ThresholdUnit,
    Values,
)
from coursepulse.definitions.risk import EXCELLING, FEWEST, HEARD, STRUGGLING, Bucket
from coursepulse.kit.clock import DAY, HOUR

#: Whole weeks in the course before this one, without which nobody knows what is usual.
_KNOWN_WEEKS = 3

#: Of what is usual, the class must have done as much: otherwise it is a holiday.
_CLASS_GOES_ON = 0.5


def find_inactive(facts: LearnerFacts, values: Values) -> list[Finding]:
    """Silent for longer than usual for this student, while others of the class are not."""
    inputs, silent = facts.inputs, facts.inputs.days_silent
    if _is_done(facts) or not inputs.heard or is_away(facts.classmates):
        return []
    days = inputs.days_enrolled if silent is None else silent
    if days <= max(values["silent_days"], values["gaps"] * inputs.rhythm):
        return []
    since = facts.joined_at if facts.last_learned_at is None else facts.last_learned_at
    return [Finding(since=since, values={"since_at": since, "usual_days": inputs.rhythm})]


def find_missed_due(facts: LearnerFacts, values: Values) -> list[Finding]:
    """Nothing was handed in by a due date that most of the class has met."""
    if _is_done(facts):
        return []
    newest, oldest = facts.now - round(values["grace"] * HOUR), facts.now - round(values["recent_days"] * DAY)
    return [
        Finding(item=work.assessment_id, since=work.due_at, values={"due_at": work.due_at})
        for work in facts.overdue
        if oldest <= work.due_at <= newest
    ]


def find_drop(facts: LearnerFacts, values: Values) -> list[Finding]:
    """Far less learning in the last seven days than this student usually does, while the class goes on."""
    known = (facts.inputs.days_enrolled - 6) // 7
    before = facts.weeks[1 : 1 + max(0, known)]
    if _is_done(facts) or len(before) < _KNOWN_WEEKS or rests(facts.classmates, len(before)):
        return []
    week, usual = facts.weeks[0], median(before)
    if (
        usual < values["usual_minutes"] * 60
        or week >= min(before)
        or week > usual * (1 - values["drop"] / 100)
    ):
        return []
    since = facts.now - facts.now % DAY - 6 * DAY
    return [Finding(since=since, values={"week_s": round(week, -2), "usual_s": round(usual, -2)})]


def find_struggling(facts: LearnerFacts, values: Values) -> list[Finding]:
    """The risk rule calls the student struggling."""
    risk = facts.risk
    if risk.bucket is not Bucket.STRUGGLING or risk.score < values["points"]:
        return []
    reasons = " ".join(reason.cause for reason in risk.reasons)
    return [Finding(since=facts.now - facts.now % DAY, values={"points": risk.score, "reasons": reasons})]


def _is_done(facts: LearnerFacts) -> bool:
    return facts.inputs.completed or facts.inputs.over


def is_away(classmates: Classmates) -> bool:
    """A class in which hardly anybody learns is on holiday: silence says nothing about one of them."""
    return classmates.learners >= FEWEST and classmates.active < HEARD * classmates.learners


def rests(classmates: Classmates, weeks: int) -> bool:
    """A class that does far less than usual rests: then so may one of them.

    :param weeks: how many of the weeks before this one are usual ones
    """
    usual = median(classmates.weeks[1 : 1 + weeks])
    return classmates.learners >= FEWEST and classmates.weeks[0] < _CLASS_GOES_ON * usual


INACTIVE = Rule(
    name="inactive",
    severity=Severity.WARNING,
    audience=(Audience.INSTRUCTORS, Audience.MANAGERS),
    about=About.LEARNER,
    thresholds=(
        Threshold("silent_days", 7, 2, 60, ThresholdUnit.DAYS),
        Threshold("gaps", 4, 2, 10, ThresholdUnit.FACTOR),
    ),
    cooldown=DAY,
    condition=LearnerCondition(find_inactive),
)

MISSED_DUE = Rule(
    name="missed_due",
    severity=Severity.WARNING,
    audience=(Audience.INSTRUCTORS, Audience.MANAGERS),
    about=About.LEARNER,
    thresholds=(
        Threshold("grace", 1, 0, 72, ThresholdUnit.HOURS),
        Threshold("recent_days", 28, 1, 90, ThresholdUnit.DAYS),
    ),
    cooldown=DAY,
    condition=LearnerCondition(find_missed_due),
)

SUDDEN_DROP = Rule(
    name="sudden_drop",
    severity=Severity.WARNING,
    audience=(Audience.INSTRUCTORS,),
    about=About.LEARNER,
    thresholds=(
        Threshold("drop", 70, 30, 95, ThresholdUnit.PERCENT),
        Threshold("usual_minutes", 30, 10, 600, ThresholdUnit.MINUTES),
    ),
    cooldown=7 * DAY,
    condition=LearnerCondition(find_drop),
)

STRUGGLES = Rule(
    name="struggling",
    severity=Severity.WARNING,
    audience=(Audience.INSTRUCTORS,),
    about=About.LEARNER,
    thresholds=(Threshold("points", STRUGGLING, EXCELLING, 100, ThresholdUnit.POINTS),),
    cooldown=DAY,
    condition=LearnerCondition(find_struggling),
)

LEARNER_RULES = (INACTIVE, MISSED_DUE, SUDDEN_DROP, STRUGGLES)
