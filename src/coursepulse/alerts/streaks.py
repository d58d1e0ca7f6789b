"""Streaks, read from the events as they come: one processor for every rule whose condition is an EventStreak.

The signs of one place are walked in the order in which they happened. What no late event can change is folded into
:attr:`StreakState.runs`; the rest is kept as it is, the oldest and the newest of it when there are too many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from coursepulse.alerts.alert import Alert, AlertSubject, make_alert_id
from coursepulse.alerts.facts import AssessmentOf
from coursepulse.alerts.rule import EventStreak, Reading, Rule, Values
from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.kit.ids import to_text
from coursepulse.stream.processor import Output, happened, make_id

KIND = "alert"

#: Signs kept of the oldest, and as many of the newest: enough for any threshold (20 at most).
MOST = 32

#: Items of a place whose runs are kept.
_ITEMS = 64

#: Events named as evidence: the newest.
_EVIDENCE = 10

#: A count goes no further: by then it says enough, and of more signs than :data:`MOST` some are not kept.
COUNTED = 50

#: The numbers of a rule that hold in a course.
ValuesOf: TypeAlias = Callable[[str], Values]

#: The same of any rule: ``values(rule, course_id)``.
ValuesOfRule: TypeAlias = Callable[[Rule, str], Values]


class Sign(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """What one event says about an item. Signs sort in the order in which they happened."""

    at: Micros
    good: bool
    event_id: bytes
    item: str


class Episode(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One occurrence of a streak.

    :param since: its first bad event
    :param raised_at: the bad event that made it long enough
    :param last_at: its last bad event
    :param times: bad events in a row, up to the last one
    :param broken: something good has come since
    """

    since: Micros
    raised_at: Micros
    last_at: Micros
    times: int
    evidence: tuple[bytes, ...]
    cleared_at: Micros | None = None
    broken: bool = False


class Run(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where the walk over the signs of one item stands.

    :param bads: the last bad ones that count: when, and their events
    :param episode: the newest one, open or not
    """

    item: str
    bads: tuple[tuple[Micros, bytes], ...] = ()
    episode: Episode | None = None


class StreakState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One place of a student in a course.

    :param runs: as of the moment before which no event can come any more
    :param signs: what happened since, sorted
    """

    student_id: bytes
    course_id: str
    runs: tuple[Run, ...] = ()
    signs: tuple[Sign, ...] = ()


class StreakLimits(msgspec.Struct, frozen=True):
    """The numbers of a rule in a course."""

    times: int
    within: Micros
    cooldown: Micros


class StreakProcessor:
    """:class:`coursepulse.stream.processor.Processor` of a rule.

    :param assessment: what the catalog says of assessments
    :param values: the thresholds that hold in a course
    """

    version = 1
    state = StreakState

    def __init__(self, rule: Rule, assessment: AssessmentOf, values: ValuesOf) -> None:
        if not isinstance(rule.condition, EventStreak):
            raise TypeError(f"{rule.name} is not a rule about a streak of events.")
        self._rule, self._streak = rule, rule.condition
        self._assessment, self._values = assessment, values
        self._known: dict[tuple[float, float], StreakLimits] = {}
        self.name, self.types, self.lateness = rule.name, rule.condition.types, rule.condition.lateness

    def key(self, event: Event) -> bytes | None:
        item = self._streak.item(event, self._assessment)
        if not item or not event.course_id or self._streak.reading(event, self._assessment) is None:
            return None
        place = self._streak.place(event) if self._streak.place else item
        course = event.course_id.encode()
        return event.student_id + make_id("streak", len(course), course, place.encode())

    def on_event(self, state: StreakState | None, event: Event) -> StreakState:
        known = state or StreakState(event.student_id, event.course_id)
        if any(sign.event_id == event.event_id for sign in known.signs):
            return known
        good = self._streak.reading(event, self._assessment) is Reading.GOOD
        sign = Sign(happened(event), good, event.event_id, self._streak.item(event, self._assessment))
        return replace(known, signs=_bound(sorted((*known.signs, sign))))

    def outputs(self, state: StreakState, now: Micros) -> list[Output]:
        limits = self._limits(state.course_id)
        walk = Walk(self._streak, limits, state.runs)
        walk.take(state.signs)
        return [self._say(state, item, _expire(episode, limits, now)) for item, episode in walk.episodes()]

    def due(self, state: StreakState, now: Micros) -> Micros:
        limits = self._limits(state.course_id)
        walk = Walk(self._streak, limits, state.runs)
        walk.take(state.signs)
        moments = [
            episode.last_at + limits.within + 1
            for _, episode in walk.episodes()
            if episode.cleared_at is None
        ]
        over = max((_over(run, limits) for run in walk.runs.values()), default=0)
        last = max([over, *(sign.at for sign in state.signs[-1:])])
        return min(
            (moment for moment in (*moments, last + self.lateness + 1) if moment > now), default=now + 1
        )

    def settle(self, state: StreakState, horizon: Micros) -> StreakState | None:
        limits = self._limits(state.course_id)
        walk = Walk(self._streak, limits, state.runs)
        walk.take(sign for sign in state.signs if sign.at < horizon)
        runs = [run for run in walk.runs.values() if _over(run, limits) >= horizon]
        signs = tuple(sign for sign in state.signs if sign.at >= horizon)
        if not runs and not signs:
            return None
        newest = sorted(runs, key=lambda run: _over(run, limits))[-_ITEMS:]
        return replace(state, runs=tuple(sorted(newest, key=lambda run: run.item)), signs=signs)

    def _limits(self, course: str) -> StreakLimits:
        values = self._values(course)
        numbers = values[self._streak.times], values[self._streak.within]
        if (limits := self._known.get(numbers)) is None:
            within = self._rule.length(self._streak.within, values)
            limits = self._known[numbers] = StreakLimits(round(numbers[0]), within, self._rule.cooldown)
        return limits

    def _say(self, state: StreakState, item: str, episode: Episode) -> Output:
        rule, subject = self._rule, AlertSubject(state.course_id, state.student_id)
        alert = Alert(
            alert_id=make_alert_id(rule, subject, item, episode.since),
            rule=rule.name,
            severity=rule.severity,
            about=rule.about,
            audience=rule.audience,
            course_id=state.course_id,
            student_id=state.student_id,
            item=item,
            raised_at=episode.raised_at,
            updated_at=episode.last_at if episode.cleared_at is None else episode.cleared_at,
            cleared_at=episode.cleared_at,
            evidence=tuple(to_text(event) for event in episode.evidence),
            values={"times": min(episode.times, COUNTED), **self._streak.detail(item)},
        )
        until = episode.cleared_at or episode.last_at + self._limits(state.course_id).within
        return Output(alert.alert_id, KIND, until, alert)


def streaks(rules: Sequence[Rule], assessment: AssessmentOf, values: ValuesOfRule) -> list[StreakProcessor]:
    """The processors of those rules that are about streaks."""
    return [
        StreakProcessor(rule, assessment, partial(values, rule))
        for rule in rules
        if isinstance(rule.condition, EventStreak)
    ]


class Walk:
    """Goes over signs, and says which episodes they make."""

    def __init__(self, streak: EventStreak, limits: StreakLimits, runs: tuple[Run, ...]) -> None:
        self._streak, self._limits = streak, limits
        self.runs = {run.item: run for run in runs}
        self._ended: list[tuple[str, Episode]] = []

    def take(self, signs: Iterable[Sign]) -> None:
        """Go on with these."""
        for sign in signs:
            if not sign.good:
                self.runs[sign.item] = self._fail(self.runs.get(sign.item, Run(sign.item)), sign)
                continue
            for item, run in self.runs.items():
                if self._streak.settles(sign.item, item):
                    self.runs[item] = self._recover(run, sign.at)

    def episodes(self) -> list[tuple[str, Episode]]:
        """All of them, each with its item."""
        newest = [(run.item, run.episode) for run in self.runs.values() if run.episode]
        return [*self._ended, *newest]

    def _fail(self, run: Run, sign: Sign) -> Run:
        episode = run.episode and _expire(run.episode, self._limits, sign.at)
        going = bool(episode and episode.cleared_at is None)
        oldest = 0 if going else sign.at - self._limits.within
        counted = [bad for bad in run.bads if bad[0] >= oldest]
        bads = (*counted, (sign.at, sign.event_id))[-MOST:]
        if going or len(bads) >= self._limits.times:
            episode = self._lengthen(run.item, episode, bads)
        return Run(run.item, bads, episode)

    def _lengthen(
        self, item: str, episode: Episode | None, bads: tuple[tuple[Micros, bytes], ...]
    ) -> Episode:
        at, evidence = bads[-1][0], tuple(event for _, event in bads[-_EVIDENCE:])
        if episode is not None and episode.cleared_at is None:
            return replace(episode, last_at=at, times=episode.times + 1, evidence=evidence)
        if episode is not None and at - (episode.cleared_at or 0) <= self._limits.cooldown:
            times = len(bads) + (0 if episode.broken else episode.times)
            return replace(episode, last_at=at, times=times, evidence=evidence, cleared_at=None, broken=False)
        if episode is not None:
            self._ended.append((item, episode))
        return Episode(bads[0][0], at, at, len(bads), evidence)

    def _recover(self, run: Run, at: Micros) -> Run:
        """A good sign: nothing that was bad before counts any more."""
        episode = run.episode and _expire(run.episode, self._limits, at)
        if episode and not episode.broken:
            episode = replace(episode, cleared_at=episode.cleared_at or at, broken=True)
        return Run(run.item, (), episode)


def _expire(episode: Episode, limits: StreakLimits, at: Micros) -> Episode:
    """An open episode ends by itself when nothing bad has come for long enough."""
    end = episode.last_at + limits.within
    return replace(episode, cleared_at=end) if episode.cleared_at is None and at > end else episode


def _over(run: Run, limits: StreakLimits) -> Micros:
    """From then on the run has no influence on what is to come."""
    bads = run.bads[-1][0] + limits.within if run.bads else 0
    if run.episode is None:
        return bads
    end = run.episode.cleared_at or run.episode.last_at + limits.within
    return max(bads, end + limits.cooldown)


def _bound(signs: list[Sign]) -> tuple[Sign, ...]:
    """The oldest and the newest. Whatever comes in whatever order, the same ones are left."""
    return tuple(signs if len(signs) <= 2 * MOST else [*signs[:MOST], *signs[-MOST:]])
