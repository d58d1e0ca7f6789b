"""Rules about what a student does several times in a row: processors read them from the events as they come."""

from __future__ import annotations

from coursepulse.alerts.facts import AssessmentOf
from coursepulse.alerts.rule import (
    About,
    Audience,
    EventStreak,
    Reading,
    Rule,
    Severity,
    Threshold,
    ThresholdUnit,
)
from coursepulse.events.event import Event
from coursepulse.events.payloads import REGRADE
from coursepulse.kit.clock import DAY, HOUR, MINUTE

#: The passages of a video that rewinds are counted for, in seconds.
PASSAGE = 60

#: Threshold of each rule: in which time so many bad events count.
_WITHIN = "within"


def _assessment(event: Event, assessment: AssessmentOf) -> str:  # noqa: ARG001
    return event.assessment_id


def _result(event: Event, assessment: AssessmentOf) -> Reading | None:
    """A result passes if the platform says so, and otherwise by its score. One with neither says nothing.

    Handing in an assignment is no failure: its grade follows, and would count a second time. Neither is a regrade:
    staff have looked again at what was handed in before.
    """
    passed = event.passed
    if passed is None and event.score is not None:
        passed = event.score >= assessment(event.course_id, event.assessment_id).pass_mark
    if passed:
        return Reading.GOOD
    again = event.event_type == "assignment_submit" or event.attempt == REGRADE
    return None if passed is None or again else Reading.BAD


def _skill(event: Event, assessment: AssessmentOf) -> str:
    """The skill that the catalog names, or else the assessment itself."""
    return assessment(event.course_id, event.assessment_id).skill or event.assessment_id


def _answer(event: Event, assessment: AssessmentOf) -> Reading | None:  # noqa: ARG001
    if event.correct is None:
        return None
    return Reading.GOOD if event.correct else Reading.BAD


def _passage(event: Event, assessment: AssessmentOf) -> str:  # noqa: ARG001
    at = event.position if event.position_to is None else event.position_to
    return f"{event.video_id}@{int(at // PASSAGE) * PASSAGE}" if event.video_id and at is not None else ""


def _video(event: Event) -> str:
    return event.video_id


def _move(event: Event, assessment: AssessmentOf) -> Reading:  # noqa: ARG001
    """Playing somewhere is good for the passages before."""
    start, end = event.position, event.position_to
    back = start is not None and end is not None and end < start
    return Reading.BAD if back else Reading.GOOD


def _moved_on(good: str, bad: str) -> bool:
    """The next passage may still be about the same."""
    (video, at), (other, before) = read_passage(good), read_passage(bad)
    return video == other and at >= before + 2 * PASSAGE


def read_passage(item: str) -> tuple[str, int]:
    """The video of a passage, and the second in it where the passage begins."""
    video, _, second = item.rpartition("@")
    return video, int(second)


def _tell_passage(item: str) -> dict[str, float | str]:
    video, second = read_passage(item)
    return {"video": video, "position": second}


FAILED_SUBMITS = Rule(
    name="failed_submits",
    severity=Severity.WARNING,
    audience=(Audience.INSTRUCTORS, Audience.MANAGERS),
    about=About.LEARNER,
    # Three days, because the log keeps its events as long: what is forgotten can be read again.
    thresholds=(
        Threshold("submits", 3, 2, 20, ThresholdUnit.TIMES),
        Threshold(_WITHIN, 72, 1, 72, ThresholdUnit.HOURS),
    ),
    cooldown=DAY,
    condition=EventStreak(
        types=frozenset({"quiz_submit", "assignment_submit", "assignment_graded"}),
        item=_assessment,
        reading=_result,
        times="submits",
        within=_WITHIN,
        proven=7 * DAY,
        # A device that was offline hands in late: what it says still raises an alert, or clears one.
        lateness=DAY,
    ),
)

STUCK_ON_SKILL = Rule(
    name="stuck_on_skill",
    severity=Severity.WARNING,
    audience=(Audience.INSTRUCTORS,),
    about=About.LEARNER,
    thresholds=(
        Threshold("answers", 5, 2, 20, ThresholdUnit.TIMES),
        Threshold(_WITHIN, 30, 1, 240, ThresholdUnit.MINUTES),
    ),
    cooldown=HOUR,
    condition=EventStreak(
        types=frozenset({"quiz_answer", "interactive_attempt"}),
        item=_skill,
        reading=_answer,
        times="answers",
        within=_WITHIN,
        proven=HOUR,
    ),
)

REWOUND_PASSAGE = Rule(
    name="rewound_passage",
    severity=Severity.INFO,
    audience=(Audience.INSTRUCTORS,),
    about=About.LEARNER,
    thresholds=(
        Threshold("rewinds", 4, 2, 20, ThresholdUnit.TIMES),
        Threshold(_WITHIN, 10, 1, 120, ThresholdUnit.MINUTES),
    ),
    cooldown=HOUR,
    condition=EventStreak(
        types=frozenset({"video_seek", "video_play", "video_pause", "video_complete"}),
        item=_passage,
        reading=_move,
        times="rewinds",
        within=_WITHIN,
        proven=10 * MINUTE,
        place=_video,
        settles=_moved_on,
        detail=_tell_passage,
    ),
)

STREAK_RULES = (FAILED_SUBMITS, STUCK_ON_SKILL, REWOUND_PASSAGE)
