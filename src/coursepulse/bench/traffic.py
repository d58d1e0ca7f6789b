"""Traffic for benchmarks: many students in realistic sessions, generated fast.

Ids are time-ordered (UUID version 7 layout, RFC 9562) and sessions last some forty events, as on a real platform:
random ids or one endless session would make the stores look better or worse than they are.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

EVENTS_PER_SESSION = 40
LESSONS, VIDEOS = 30, 20
VIDEO_SECONDS = 600


class Crowd(NamedTuple):
    """The number of active students and courses."""

    students: int = 5_000
    courses: int = 200


class _TrafficLearner:
    def __init__(self, number: int, crowd: Crowd, rng: random.Random) -> None:
        self.step = rng.randrange(EVENTS_PER_SESSION)
        self._student = f"student-{number}"
        self._course = f"course-{number % crowd.courses}"
        self._rng = rng
        self._begin_session()

    def _begin_session(self) -> None:
        self._session = f"{self._rng.getrandbits(128):032x}"
        self._place = self._rng.randrange(LESSONS)

    def next(self, event_id: str, timestamp: str) -> str:
        """The student's next event as JSON."""
        self.step += 1
        if self.step == EVENTS_PER_SESSION:
            self.step = 0
            self._begin_session()
        kind, payload = _say(self.step)
        return (
            f'{{"event_id":"{event_id}","event_type":"{kind}","timestamp":"{timestamp}","student_id":"{self._student}",'
            f'"session_id":"{self._session}","context":{{"course_id":"{self._course}","lesson_id":"lesson-{self._place}",'
            f'"video_id":"{self._course}-video-{self._place % VIDEOS}","assessment_id":"quiz-{self._place // 5}"}},'
            f'"device":{{"type":"desktop","os":"Windows 11","browser":"Firefox 140"}},"payload":{payload}}}'
        )


def _say(step: int) -> tuple[str, str]:
    """Event type and payload at each step of a session."""
    if step == 0:
        return "session_start", "{}"
    if step == 1:
        return "lesson_start", "{}"
    if step < 30:
        kind = "video_play" if step == 2 else "video_pause" if step == 29 else "video_progress"
        return kind, (
            f'{{"current_time":{(step - 2) * 10}.5,"video_duration":{VIDEO_SECONDS},"playback_rate":1.0,'
            f'"video_quality":"720p","buffer_health":12.5}}'
        )
    if step == 30:
        return "quiz_start", '{"attempt":1}'
    if step < 38:
        correct = "true" if step % 3 else "false"
        return (
            "quiz_answer",
            f'{{"question_id":"q{step - 31}","answer_id":"b","is_correct":{correct},"attempt":1}}',
        )
    if step == 38:
        return "quiz_submit", '{"score":7,"max_score":10,"attempt":1}'
    return "lesson_complete", "{}"


def students(crowd: Crowd) -> list[str]:
    """The external ids of everyone in the crowd."""
    return [f"student-{number}" for number in range(crowd.students)]


def bodies(crowd: Crowd, size: int, *, duplicates: float = 0.0, seed: int = 1) -> Iterator[bytes]:
    """Endless request bodies of ``size`` current events; a share of the events is sent twice."""
    rng = random.Random(seed)  # noqa: S311 - traffic, not secrecy
    learners = [_TrafficLearner(number, crowd, rng) for number in range(crowd.students)]
    numbers = itertools.count(rng.getrandbits(40) << 20)
    previous = ""
    while True:
        now = datetime.now(UTC)
        millis = int(now.timestamp() * 1000)
        prefix = f"{millis >> 16:08x}-{millis & 0xFFFF:04x}-7000-8"
        stamp = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond:06d}Z"
        events = []
        for learner in rng.choices(learners, k=size):
            if not previous or rng.random() >= duplicates:
                tail = f"{next(numbers):015x}"
                previous = learner.next(f"{prefix}{tail[:3]}-{tail[3:]}", stamp)
            events.append(previous)
        yield ("[" + ",".join(events) + "]").encode()
