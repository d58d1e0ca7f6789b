"""Messages to students who have gone silent: who is written to, and whom a message brings back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from coursepulse.simulator.offering import Offering
from coursepulse.simulator.track import LearnerState, Track
from coursepulse.simulator.wire import DAY, HOUR, Millis

#: A message brings back this share of those who would have stayed away, within the days that the product looks at.
EFFECT = 0.25
_WITHIN = 6

#: Days of silence after which somebody is on the list, and of waiting for those who are drawn to be written to later.
SILENCE, WAITING = 7, 7

#: Lists are made for the most popular courses, at ten o'clock UTC on Wednesdays.
_COURSES, _WEEKDAY, _HOUR = 6, 2, 10


class Nudge(NamedTuple):
    """A student on a list.

    :param drawn: the draw that decided, or empty where the teacher chose
    :param at: when the list was made
    :param written: when they were written to; later than ``at`` for those who had to wait, None for those left out
    :param helped: whether the message brings them back if nothing else does
    """

    who: str
    course_id: str
    drawn: str
    at: Millis
    written: Millis | None
    helped: bool


class Nudges:
    """Lists of silent students, week by week. In every other course half of the list is drawn to wait; in the others
    the teacher writes rather to those who were diligent, so that a naive comparison flatters the messages.

    :param classes: the students of each course
    """

    def __init__(
        self,
        seed: int,
        begin: Millis,
        offerings: Sequence[Offering],
        classes: Mapping[str, Sequence[LearnerState]],
    ) -> None:
        self._rng = Random(f"{seed} nudges")  # noqa: S311
        self._begin, self._offerings, self._classes = begin, offerings[:_COURSES], classes
        self._listed: set[tuple[str, str]] = set()
        self._returning: dict[int, list[tuple[LearnerState, Track]]] = defaultdict(list)
        self.kept: list[Nudge] = []

    def write(self, day: int, weekday: int) -> None:
        """Make the lists of a day, and write."""
        if weekday != _WEEKDAY:
            return
        for place, offering in enumerate(self._offerings):
            silent = list(self._find_silent(offering, day))
            drawn = place % 2 == 0
            waiting = set(self._rng.sample(range(len(silent)), len(silent) // 2)) if drawn else set()
            for number, (student, track) in enumerate(silent):
                now = number not in waiting if drawn else self._prefers(student)
                self._note(student, track, day, now=now, drawn=drawn)

    def returning(self, day: int) -> list[tuple[LearnerState, Track]]:
        """Those whom a message brings back on a day."""
        return self._returning.pop(day, [])

    def _find_silent(self, offering: Offering, day: int) -> list[tuple[LearnerState, Track]]:
        at = self._begin + day * DAY + _HOUR * HOUR
        found = []
        for student in self._classes.get(offering.course_id, ()):
            track = next(each for each in student.tracks if each.offering is offering)
            key = (student.learner.external_id, offering.course_id)
            since = max(student.busy, track.plan.enrolled)
            if track.over or not track.is_running(at, day) or at - since < SILENCE * DAY:
                continue
            if key not in self._listed:
                self._listed.add(key)
                found.append((student, track))
        return found

    def _prefers(self, student: LearnerState) -> bool:
        """Whether a teacher writes to somebody: rather to those who were diligent."""
        return self._rng.random() < min(0.9, max(0.1, student.learner.diligence - 0.6))

    def _note(self, student: LearnerState, track: Track, day: int, *, now: bool, drawn: bool) -> None:
        rng, course_id = self._rng, track.offering.course_id
        at = self._begin + day * DAY + _HOUR * HOUR
        helped, later = rng.random() < EFFECT, rng.randint(1, _WITHIN)
        written = at if now else at + WAITING * DAY if drawn else None
        draw = f"{course_id}-{day}" if drawn else ""
        self.kept.append(Nudge(student.learner.external_id, course_id, draw, at, written, helped))
        if helped and written is not None:
            self._returning[(written - self._begin) // DAY + later].append((student, track))
