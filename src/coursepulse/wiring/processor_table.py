"""The table of stream processors, for a server and for an engine outside of it, which has no database to look into.

It imports little, so that an engine can be set up with little.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from coursepulse.alerts.alert import Alert
from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.facts import AssessmentFacts, AssessmentOf
from coursepulse.alerts.rule import EventStreak, Rule, Values
from coursepulse.alerts.streaks import KIND, ValuesOfRule, streaks
from coursepulse.events.event import Event
from coursepulse.stream.processor import Output, Processor
from coursepulse.stream.processors.quiz_scoring import ATTEMPT, QuizScore, QuizScoring
from coursepulse.stream.processors.sessions import CLOSED, SESSION, ClosedSession, LiveSession, LiveSessions
from coursepulse.stream.processors.video_progress import VIDEO, VideoProgress, VideoProgressing
from coursepulse.stream.runners.engine import FedFacts
from coursepulse.stream.runners.student import StudentProcessors

#: What outputs of each kind say.
VALUES: Mapping[str, type[Any]] = {
    SESSION: LiveSession, CLOSED: ClosedSession, VIDEO: VideoProgress, ATTEMPT: QuizScore, KIND: Alert
}  # fmt: skip

_STREAKS: Sequence[Rule] = [rule for rule in RULES if isinstance(rule.condition, EventStreak)]

_UNKNOWN = AssessmentFacts()

_ByRule: TypeAlias = dict[str, dict[str, float]]
_ByAssessment: TypeAlias = dict[tuple[str, str], AssessmentFacts]

_decode_values = msgspec.msgpack.Decoder(_ByRule).decode
_decode_assessments = msgspec.msgpack.Decoder(list[tuple[str, str, AssessmentFacts]]).decode


def make_processors(assessments: AssessmentOf, values: ValuesOfRule) -> Sequence[Processor[Any]]:
    """Everything that watches the events as they come."""
    return (LiveSessions(), VideoProgressing(), QuizScoring(), *streaks(RULES, assessments, values))


class FactsToFeed:
    """:class:`coursepulse.stream.runners.engine.FactsSource`: what processors of an engine look up, as bytes."""

    def __init__(self, assessments: AssessmentOf, values: ValuesOfRule) -> None:
        self._assessments, self._values = assessments, values

    def of_events(self, events: Collection[Event]) -> FedFacts:
        named = {(event.course_id, event.assessment_id) for event in events if event.assessment_id}
        known = [(course, one, self._assessments(course, one)) for course, one in sorted(named)]
        told = [each for each in known if each[2] != _UNKNOWN]
        passing = msgspec.msgpack.encode(told) if told else b""
        return FedFacts(self._of_courses(event.course_id for event in events), passing)

    def of_outputs(self, outputs: Collection[Output]) -> FedFacts:
        return FedFacts(self._of_courses(getattr(output.value, "course_id", "") for output in outputs), b"")

    def _of_courses(self, courses: Iterable[str]) -> dict[str, bytes]:
        return {
            course: msgspec.msgpack.encode({rule.name: self._values(rule, course) for rule in _STREAKS})
            for course in sorted({*courses} - {""})
        }


class HeldFacts:
    """The same where the processors are: the facts about the student at hand."""

    def __init__(self) -> None:
        self._of_course: Mapping[str, bytes] = {}
        self._known: _ByAssessment = {}

    def hold(self, kept: Mapping[str, bytes], passing: bytes) -> None:
        """Another student, or other facts."""
        self._of_course = kept
        found = _decode_assessments(passing) if passing else ()
        self._known = {(course, assessment): facts for course, assessment, facts in found}

    def assessment(self, course: str, assessment: str) -> AssessmentFacts:
        """What the catalog says of an assessment that these events name."""
        return self._known.get((course, assessment), _UNKNOWN)

    def values(self, rule: Rule, course: str) -> Values:
        """The numbers that hold in a course."""
        packed = self._of_course.get(course)
        return rule.defaults() if packed is None else _read_values(packed)[rule.name]


#: Most courses have the usual numbers.
@lru_cache(4096)
def _read_values(packed: bytes) -> Mapping[str, Values]:
    return _decode_values(packed)


def make_student_processors() -> StudentProcessors:
    """All processors as an engine runs them."""
    held = HeldFacts()
    return StudentProcessors(make_processors(held.assessment, held.values), VALUES, held.hold)
