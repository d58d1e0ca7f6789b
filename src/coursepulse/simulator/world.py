"""The running simulation: the events of each day, in the order in which they reach the collector."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from coursepulse.simulator import back_end
from coursepulse.simulator.learner import FAMOUS, Plan, SimulatedLearner
from coursepulse.simulator.nudges import Nudges
from coursepulse.simulator.offering import Offering
from coursepulse.simulator.stories import EASED, STUCK, Outage
from coursepulse.simulator.study import BREAK, attend, come_back, study, supervise
from coursepulse.simulator.track import LearnerState, Track
from coursepulse.simulator.wire import DAY, HOUR, MINUTE, SECOND, Millis

#: One event in this many is sent twice, as if the first answer was lost.
_DUPLICATE = 100

#: How far ahead a live campus is planned.
_AHEAD = MINUTE


#: How often a live campus checks which students are around.
_LOOK = 5 * MINUTE

#: The most extra sittings per student and day at a higher rate, and the hours over which they spread: two on each side
#: of the student's usual hour and of noon.
_SITTINGS, _HOURS = 2, 8 * HOUR

#: The students of the demo, whom no hard lesson stops.
_KNOWN = frozenset(famous.external_id for famous in FAMOUS)


class Cast(NamedTuple):
    """Everything that the seed determines before the first day.

    :param begin: midnight UTC of the first simulated day
    :param days: of history; students are written to on no later one
    """

    seed: int
    begin: Millis
    days: int
    outage: Outage
    offerings: list[Offering]
    learners: list[SimulatedLearner]
    teachers: list[SimulatedLearner]


class World:
    """A run of the simulation. It only moves forward; two runs of one cast are identical."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._rng = Random(f"{cast.seed} history")  # noqa: S311
        self._students = [_enrol_all(cast.seed, learner, cast.offerings) for learner in cast.learners]
        self._teachers = [_enrol_all(cast.seed, learner, cast.offerings) for learner in cast.teachers]
        self._around: list[LearnerState] = []
        self._looked: Millis = -_LOOK
        self._joining, self._classes = self._index_tracks()
        self.nudges = Nudges(cast.seed, cast.begin, cast.offerings, self._classes)
        self._day = 0
        self._pending: list[tuple[Millis, str]] = []

    def run(self, until: Millis) -> Iterator[list[tuple[Millis, str]]]:
        """The events before ``until`` that were not returned yet, at most a day at a time."""
        while True:
            planned = self._cast.begin + self._day * DAY
            if planned < until:
                self._absorb(self._live_day(self._day))
                self._day += 1
                planned += DAY
            limit = min(planned, until)
            cut = bisect_left(self._pending, (limit, ""))
            yield self._pending[:cut]
            del self._pending[:cut]
            if limit == until:
                return

    def crowd(self, now: Millis, rate: float, tick: Millis) -> None:
        """Starts sittings for the next ``tick``, for up to ``rate`` events a second within the next minute.

        Only for students at their usual hour on a day on which they study, and at most :data:`_SITTINGS` times: a
        higher rate respects personas too, and needs many students.
        """
        due = bisect_left(self._pending, (now + _AHEAD, "")) - bisect_left(self._pending, (now, ""))
        # A sitting brings about four events within its first minute.
        missing = int((rate * _AHEAD / SECOND - due) / 4)
        fresh: list[tuple[Millis, str]] = []
        day = (now - self._cast.begin) // DAY
        around = self._find_around(now, day) if missing > 0 else []
        arriving = int(len(around) * _SITTINGS * tick / _HOURS + self._rng.random())
        for student in self._rng.sample(around, min(missing, arriving, len(around))):
            if student.busy + BREAK < now:
                student.sit(day)
                study(fresh.append, self._rng, student, now + self._rng.randrange(_AHEAD // 3), day)
        self._absorb(fresh)

    def _find_around(self, now: Millis, day: int) -> list[LearnerState]:
        """Students who study today and might do so at this hour, recomputed every few minutes."""
        if now - self._looked >= _LOOK:
            begin = self._cast.begin + day * DAY
            weekday = datetime.fromtimestamp(begin / 1000, UTC).weekday()
            self._looked = now
            self._around = [
                student
                for student in self._students
                if _is_near(student.learner, now, begin) and self._studies(student, day, begin, weekday)
            ]
        return [student for student in self._around if student.sittings_on(day) < _SITTINGS]

    def _studies(self, student: LearnerState, day: int, begin: Millis, weekday: int) -> bool:
        """Whether a student wants to study on a day: the same answer all day."""
        dice = Random(f"{self._cast.seed} {student.learner.external_id} {day}").random()  # noqa: S311
        return dice < _chance(student, day, begin, weekday)

    def _index_tracks(
        self,
    ) -> tuple[dict[int, list[tuple[SimulatedLearner, Track]]], dict[str, list[LearnerState]]]:
        """Enrolments by day, and the students of each course."""
        joining: dict[int, list[tuple[SimulatedLearner, Track]]] = defaultdict(list)
        classes: dict[str, list[LearnerState]] = defaultdict(list)
        for student in self._students:
            for track in student.tracks:
                joining[(track.plan.enrolled - self._cast.begin) // DAY].append((student.learner, track))
                classes[track.offering.course_id].append(student)
        return joining, classes

    def _absorb(self, fresh: list[tuple[Millis, str]]) -> None:
        """Adds new events, one in a hundred of them twice."""
        rng = self._rng
        for at, text in rng.sample(fresh, len(fresh) // _DUPLICATE):
            again = rng.randrange(200, 20_000) if rng.random() < 0.8 else rng.randrange(MINUTE, 8 * HOUR)
            fresh.append((at + again, text))
        outage = self._cast.outage
        if self._day <= outage.day:
            fresh = [(outage.hold_back(at), text) for at, text in fresh]
        self._pending += fresh
        self._pending.sort()

    def _live_day(self, day: int) -> list[tuple[Millis, str]]:
        """Everything that people begin on ``day``, unordered; some events are later than the day."""
        fresh: list[tuple[Millis, str]] = []
        begin = self._cast.begin + day * DAY
        weekday = datetime.fromtimestamp(begin / 1000, UTC).weekday()
        for learner, track in self._joining.pop(day, ()):
            back_end.enrol(fresh.append, self._rng, learner, track)
        for student in self._students:
            self._live_student(fresh, student, day, begin, weekday)
        if day < self._cast.days:
            self.nudges.write(day, weekday)
        for student, track in self.nudges.returning(day):
            self._bring_back(fresh, student, track, day, begin)
        self._hold_classes(fresh, day, begin, weekday)
        for teacher in self._teachers:
            if teacher.tracks and weekday < 5 and self._rng.random() < 0.4:
                at = self._choose_moment(teacher.learner, begin)
                supervise(fresh.append, self._rng, teacher, at, day)
        return fresh

    def _live_student(
        self, fresh: list[tuple[Millis, str]], student: LearnerState, day: int, begin: Millis, weekday: int
    ) -> None:
        rng = self._rng
        if rng.random() >= _chance(student, day, begin, weekday):
            return
        sittings = 1 + (rng.random() < 0.22)
        for at in sorted(self._choose_moment(student.learner, begin) for _ in range(sittings)):
            # A second sitting waits until the first is over, and a long night moves the next morning.
            study(fresh.append, rng, student, max(at, student.busy + BREAK), day)

    def _bring_back(
        self, fresh: list[tuple[Millis, str]], student: LearnerState, track: Track, day: int, begin: Millis
    ) -> None:
        """A message works, unless the student is back already or the course is over for them."""
        at = max(self._choose_moment(student.learner, begin), student.busy + BREAK)
        if track.is_running(at, day) and not track.over:
            come_back(fresh.append, self._rng, student, track, at, day)

    def _hold_classes(self, fresh: list[tuple[Millis, str]], day: int, begin: Millis, weekday: int) -> None:
        for offering in self._cast.offerings:
            if offering.live is None or offering.live[0] != weekday:
                continue
            at = begin + offering.live[1] * HOUR
            for student in self._classes[offering.course_id]:
                self._invite(fresh, student, offering, at, day)

    def _invite(
        self, fresh: list[tuple[Millis, str]], student: LearnerState, offering: Offering, at: Millis, day: int
    ) -> None:
        """One in four active students joins a class, slightly early or late."""
        rng = self._rng
        track = next(track for track in student.tracks if track.offering is offering)
        if (
            track.over
            or not track.is_running(at, day)
            or student.busy + BREAK > at
            or day > student.learner.quits
        ):
            return
        if rng.random() < 0.25 * student.learner.diligence:
            attend(fresh.append, rng, student, offering, at + int(rng.gauss(0, 2.5 * MINUTE)), day)

    def _choose_moment(self, learner: SimulatedLearner, begin: Millis) -> Millis:
        """A moment of the UTC day that falls into the right hour in the student's time zone."""
        rng = self._rng
        hour = rng.gauss(12.6, 0.8) if rng.random() < 0.18 else rng.gauss(learner.hour, 1.5)
        return begin + int(hour * HOUR - _offset(learner.zone, begin)) % DAY


def _enrol_all(seed: int, learner: SimulatedLearner, offerings: list[Offering]) -> LearnerState:
    return LearnerState(learner, [_enrol(seed, learner, plan, offerings) for plan in learner.plans])


def _enrol(seed: int, learner: SimulatedLearner, plan: Plan, offerings: list[Offering]) -> Track:
    offering = offerings[plan.offering]
    if offering.changed is None or learner.external_id in _KNOWN:
        return Track(plan, offering)
    rng = Random(f"{seed} {learner.external_id} {offering.course_id} hard")  # noqa: S311
    return Track(plan, offering, stuck=rng.random() < STUCK, eased=rng.random() < EASED)


def _chance(student: LearnerState, day: int, begin: Millis, weekday: int) -> float:
    """The chance that a student studies on a day."""
    learner = student.learner
    if day > learner.quits or not student.tracks or student.tracks[0].plan.enrolled >= begin + DAY:
        return 0.0
    persona = learner.persona
    chance = (persona.weekday if weekday < 5 else persona.weekend) * learner.diligence
    if persona.name == "struggling":
        chance *= 0.988**day
    running = [track for track in student.tracks if not track.over and track.is_running(begin + DAY - 1, day)]
    if not running:
        return chance * 0.08
    if persona.name == "crammer" and any(track.is_pressing(begin) for track in running):
        return 0.8
    if not any(track.has_lesson(day) or track.find_quiz() for track in running):
        return chance * 0.5
    return chance


def _is_near(learner: SimulatedLearner, now: Millis, begin: Millis) -> bool:
    """Whether it is within two hours of the student's usual hour or of noon, in their time zone."""
    local = (now - begin + _offset(learner.zone, begin)) / HOUR % 24
    return any(min((local - hour) % 24, (hour - local) % 24) <= 2 for hour in (learner.hour, 12.6))


@lru_cache(maxsize=4096)
def _offset(zone: str, begin: Millis) -> Millis:
    """The UTC offset at noon of that day, after any change of the clocks at night."""
    noon = datetime.fromtimestamp(begin / 1000, UTC) + timedelta(hours=12)
    offset = noon.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return int(offset.total_seconds() * 1000)
