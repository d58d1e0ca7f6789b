"""What a rule is: a declaration that the processors, the pages, the command line, the docs and the tests all walk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import msgspec

from coursepulse.alerts.facts import AssessmentOf, CourseFacts, LearnerFacts, PlatformFacts
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros
from coursepulse.stream.processor import LATENESS


class Severity(StrEnum):
    """How soon somebody should look."""

    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"


class Audience(StrEnum):
    """Who is told. Each of them hears only what their own rights show them."""

    INSTRUCTORS = "instructors"
    MANAGERS = "managers"
    ADMINS = "admins"


class About(StrEnum):
    """What an alert is about: a student in a course, a course, or the platform."""

    LEARNER = "learner"
    COURSE = "course"
    PLATFORM = "platform"


class ThresholdUnit(StrEnum):
    """What a threshold counts."""

    TIMES = "times"
    FACTOR = "factor"
    SECONDS = "s"
    MINUTES = "min"
    HOURS = "h"
    DAYS = "days"
    PERCENT = "%"
    POINTS = "points"
    LEARNERS = "learners"
    EVENTS = "events"

    @property
    def micros(self) -> Micros:
        """The length of one of them, if it is a length of time."""
        return _LENGTHS[self]

    @property
    def whole(self) -> bool:
        """Whether half of one makes no sense."""
        return self in _WHOLE


_LENGTHS = {
    ThresholdUnit.SECONDS: SECOND,
    ThresholdUnit.MINUTES: MINUTE,
    ThresholdUnit.HOURS: HOUR,
    ThresholdUnit.DAYS: DAY,
}


_WHOLE = {ThresholdUnit.TIMES, ThresholdUnit.LEARNERS, ThresholdUnit.EVENTS}


class Threshold(NamedTuple):
    """A number of a rule that a course may set differently, within bounds."""

    name: str
    default: float
    least: float
    most: float
    unit: ThresholdUnit


#: The numbers that hold in a course, by the names of the thresholds.
Values: TypeAlias = Mapping[str, float]


class Finding(msgspec.Struct, frozen=True):
    """What a condition has found: it holds now.

    :param item: the lesson, question, video or assessment that it is about, or empty
    :param since: since when it holds; tells one occurrence from the next
    :param evidence: ids of the events behind it, as text
    :param values: numbers and names for the alert's text. Round them: each change is an update of the alert.
    """

    item: str = ""
    since: Micros = 0
    evidence: tuple[str, ...] = ()
    values: dict[str, float | str] = {}


class Reading(StrEnum):
    """What an event says about a streak: it goes on, or it is over."""

    GOOD = "good"
    BAD = "bad"


def same_item(good: str, bad: str) -> bool:
    """A good reading ends the streak of its own item."""
    return good == bad


def no_detail(item: str) -> dict[str, float | str]:  # noqa: ARG001
    """The item says it all."""
    return {}


class EventStreak(NamedTuple):
    """So many bad events about one item within a time, and no good one since.

    The alert clears with a good event, or when the time has passed without another bad one.

    :param types: event types it reads
    :param item: what an event is about; an event about nothing does not count
    :param reading: whether an event is good, bad or neither
    :param times: name of the threshold that says how many
    :param within: name of the threshold that says in which time
    :param proven: an alert was right if the student did not get over it alone for so long
    :param place: the place of an item: events of one place are seen together, so that a good event about one of
        its items can end the streak of another; the item itself if None
    :param settles: whether a good event about one item ends the streak of another item of the place
    :param detail: values for the text that follow from the item
    :param lateness: events that happened longer before the newest arrival are passed over
    """

    types: frozenset[str]
    item: Callable[[Event, AssessmentOf], str]
    reading: Callable[[Event, AssessmentOf], Reading | None]
    times: str
    within: str
    proven: Micros
    place: Callable[[Event], str] | None = None
    settles: Callable[[str, str], bool] = same_item
    detail: Callable[[str], dict[str, float | str]] = no_detail
    lateness: Micros = LATENESS


class LearnerCondition(NamedTuple):
    """Judged for learners with new events at once, and for all in turn."""

    find: Callable[[LearnerFacts, Values], list[Finding]]


class CourseCondition(NamedTuple):
    """Judged each minute for courses with new events."""

    find: Callable[[CourseFacts, Values], list[Finding]]


class PlatformCondition(NamedTuple):
    """Judged every few seconds."""

    find: Callable[[PlatformFacts, Values], list[Finding]]


Condition: TypeAlias = EventStreak | LearnerCondition | CourseCondition | PlatformCondition


class Rule(NamedTuple):
    """One kind of alert. Its words are in the catalogue: ``alert.<name>.title``, ``.text`` and ``.clears``.

    :param cooldown: when the condition comes back so soon after it cleared, the old alert is opened again
    """

    name: str
    severity: Severity
    audience: tuple[Audience, ...]
    about: About
    thresholds: tuple[Threshold, ...]
    cooldown: Micros
    condition: Condition

    def defaults(self) -> dict[str, float]:
        """The numbers that hold where a course has set none."""
        return {threshold.name: threshold.default for threshold in self.thresholds}

    def length(self, name: str, values: Values) -> Micros:
        """A threshold that is a length of time, in microseconds."""
        unit = next(threshold.unit for threshold in self.thresholds if threshold.name == name)
        return round(values[name] * unit.micros)
