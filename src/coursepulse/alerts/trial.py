"""Trying a rule on what is stored: how often it would have fired, and how often that would have been right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from coursepulse.alerts.alert import Alert, AlertSubject
from coursepulse.alerts.book import AlertBook
from coursepulse.alerts.facts import AssessmentOf, LearnerFacts
from coursepulse.alerts.memory import MemoryAlerts
from coursepulse.alerts.rule import EventStreak, LearnerCondition, Reading, Rule, Values
from coursepulse.alerts.streaks import KIND, StreakProcessor
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, Micros
from coursepulse.kit.ids import NIL
from coursepulse.stream.processor import Changes, Output
from coursepulse.stream.runners.embedded import EmbeddedRunner


class Fired(NamedTuple):
    """An alert that a rule would have raised.

    :param right: by what came after; None while that cannot be said yet
    """

    alert: Alert
    right: bool | None


class Trial(NamedTuple):
    """What came of trying a rule.

    :param replayed: by its condition over stored events; otherwise by the alerts on record
    :param events: how many events were read
    """

    rule: str
    since: Micros
    until: Micros
    replayed: bool
    events: int
    fired: list[Fired]


#: An alert about what a learner lets be was right if it still held after so long.
LEARNERS_PROVEN: Micros = 7 * DAY

#: What was known at the end of a day.
PastDay: TypeAlias = tuple[Micros, list[LearnerFacts]]


def replay_learners(
    rule: Rule, condition: LearnerCondition, values: Callable[[str], Values], days: Iterable[PastDay]
) -> Iterator[Fired]:
    """What a rule about learners would have raised, had it been asked at the end of each of some days."""
    store, last = MemoryAlerts(), 0
    book, judged = AlertBook(store), set[AlertSubject]()
    for last, facts in days:
        found = {
            AlertSubject(each.course_id, each.student_id): condition.find(each, values(each.course_id))
            for each in facts
        }
        judged |= found.keys()
        book.judge(rule, judged, found, last)
    for kept in reversed(store.changed_after(0).changed):
        proven = kept.alert.raised_at + LEARNERS_PROVEN
        holds = kept.alert.cleared_at is None or kept.alert.cleared_at > proven
        yield Fired(kept.alert, None if holds and last < proven else holds)


class Raised:
    """A sink that keeps the alerts of a replay."""

    kinds = frozenset({KIND})

    def __init__(self) -> None:
        self.alerts: dict[bytes, Alert] = {}

    def apply(self, changes: Changes) -> None:
        self.alerts.update(
            (output.output_id, output.value) for output in changes.put if isinstance(output.value, Alert)
        )

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:
        """Nothing has run before."""


class Replay:
    """The processor of a rule over events that come when they happened, and what shows whether it was right."""

    def __init__(
        self,
        rule: Rule,
        streak: EventStreak,
        assessment: AssessmentOf,
        values: Callable[[str], Values],
    ) -> None:
        self._streak, self._assessment = streak, assessment
        self._raised = Raised()
        self._runner = EmbeddedRunner([StreakProcessor(rule, assessment, values)], [self._raised])
        self._wrong: set[bytes] = set()
        self.events = 0

    def take(self, events: list[Event]) -> None:
        """Go on with these."""
        self.events += len(events)
        self._runner.process(events)
        good = self._find_good(events)
        for alert in self._raised.alerts.values():
            signs = good.get((alert.student_id or NIL, alert.course_id), ())
            if any(self._refutes(sign, alert) for sign in signs):
                self._wrong.add(alert.alert_id)

    def end(self, now: Micros) -> list[Fired]:
        """All alerts, in the order in which they were raised."""
        self._runner.tick(now)
        alerts = sorted(self._raised.alerts.values(), key=lambda alert: (alert.raised_at, alert.alert_id))
        return [Fired(alert, self._judge(alert, now)) for alert in alerts]

    def _find_good(self, events: list[Event]) -> dict[tuple[bytes, str], list[tuple[Micros, str]]]:
        found: dict[tuple[bytes, str], list[tuple[Micros, str]]] = defaultdict(list)
        for event in events:
            if self._streak.reading(event, self._assessment) is Reading.GOOD:
                item = self._streak.item(event, self._assessment)
                found[event.student_id, event.course_id].append((event.at, item))
        return found

    def _refutes(self, sign: tuple[Micros, str], alert: Alert) -> bool:
        """The student got over it alone in the time that the rule names: nobody had to help."""
        at, item = sign
        soon = alert.raised_at < at <= alert.raised_at + self._streak.proven
        return soon and bool(item) and self._streak.settles(item, alert.item)

    def _judge(self, alert: Alert, now: Micros) -> bool | None:
        if alert.alert_id in self._wrong:
            return False
        return True if now >= alert.raised_at + self._streak.proven else None


def count_right(fired: Iterable[Fired]) -> tuple[int, int]:
    """How many were right, and how many were not; the rest is not known yet."""
    known = [each.right for each in fired if each.right is not None]
    return sum(known), len(known) - sum(known)
