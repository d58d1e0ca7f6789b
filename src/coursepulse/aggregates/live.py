"""What students are doing right now: sessions, videos and attempts in progress, as stream processors report them.

In memory, and only while they go on: a start makes it anew from the states of the processors.
"""

from __future__ import annotations

import heapq
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, Protocol, TypeAlias
from uuid import UUID

from coursepulse.aggregates.row import Row
from coursepulse.definitions.sessions import IDLE
from coursepulse.kit.clock import Clock, Micros, from_micros
from coursepulse.stream.processor import About, Changes, Output
from coursepulse.stream.processors.quiz_scoring import ATTEMPT, QuizScore
from coursepulse.stream.processors.sessions import SESSION, LiveSession
from coursepulse.stream.processors.video_progress import VIDEO, VideoProgress

#: What the table holds.
LiveValue: TypeAlias = LiveSession | VideoProgress | QuizScore

#: What is of which type.
KINDS: Mapping[str, type[LiveValue]] = {SESSION: LiveSession, VIDEO: VideoProgress, ATTEMPT: QuizScore}


class LiveReader(Protocol):
    """What can be asked about right now."""

    def rows(self, name: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a query: :data:`LIVE_QUERIES` lists them."""


class LiveTable:
    """A :class:`coursepulse.stream.processor.OutputSink` that can be asked like a database.

    An output that depends on nothing after now is about something that is over; it is dropped.

    :param on_ended: told of course and student of sessions that have ended: silence is no event, so nothing else says
        that what pages show has changed
    """

    kinds: ClassVar[Collection[str]] = tuple(KINDS)

    def __init__(
        self, clock: Clock, on_ended: Callable[[Collection[tuple[str, bytes]]], None] = lambda _: None
    ) -> None:
        self._clock, self._on_ended, self._lock = clock, on_ended, threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._rows: dict[bytes, Output] = {}
        self._of_student: dict[bytes, set[bytes]] = defaultdict(set)
        self._in_course: dict[str, set[bytes]] = defaultdict(set)
        self._ends: list[tuple[Micros, bytes]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def apply(self, changes: Changes) -> None:
        with self._lock:
            for output_id in changes.withdrawn:
                self._drop(output_id)
            self._put(changes.put)
        if ended := _find_ended(changes.put):
            self._on_ended(ended)

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:  # noqa: ARG002 - the clock says what is over
        with self._lock:
            self._clear()
            self._put(outputs)

    def reconcile_some(self, outputs: Collection[Output], about: About) -> None:
        """These are all outputs about some students."""
        with self._lock:
            for student in [each for each in self._of_student if about(each)]:
                for output_id in list(self._of_student[student]):
                    self._drop(output_id)
            self._put(outputs)

    def forget(self, student: bytes) -> int:
        """Drop everything about a student; returns how much that was."""
        with self._lock:
            mine = list(self._of_student.get(student, ()))
            for output_id in mine:
                self._drop(output_id)
            return len(mine)

    def active_sessions(self) -> int:
        """How many sessions go on."""
        with self._lock:
            now = self._clock()
            values = (output.value for output in self._rows.values())
            return sum(isinstance(value, LiveSession) and _goes_on(value, now) for value in values)

    def about(self, subject: str) -> list[Output]:
        """All outputs about ``course:…`` or ``student:…``."""
        kind, _, name = subject.partition(":")
        with self._lock:
            self._expire(self._clock())
            if kind == "course":
                found = self._in_course.get(name, set())
            else:
                found = self._of_student.get(UUID(name).bytes, set())
            return [self._rows[output_id] for output_id in found]

    def rows(self, name: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a query: :data:`LIVE_QUERIES` lists them."""
        with self._lock:
            now = self._clock()
            self._expire(now)
            return LIVE_QUERIES[name](self, values, now)

    def in_course(self, values: Mapping[str, Any], now: Micros) -> list[Row]:
        """Where everybody is who is in a course: of each student the newest session that goes on."""
        found = [self._rows[output_id].value for output_id in self._in_course.get(values["course"], ())]
        newest: dict[bytes, LiveSession] = {}
        for session in found:
            if isinstance(session, LiveSession) and _goes_on(session, now):
                known = newest.get(session.student_id)
                if known is None or (known.last_at, known.session_id) < (session.last_at, session.session_id):
                    newest[session.student_id] = session
        return [_tell_place(session) for session in newest.values()]

    def of_student(self, values: Mapping[str, Any], now: Micros) -> list[Row]:
        """The videos and attempts of a student that go on."""
        mine = self._of_student.get(UUID(values["student"]).bytes, ())
        found = [self._rows[output_id].value for output_id in mine]
        videos = [_tell_video(each) for each in found if isinstance(each, VideoProgress)]
        scores = [
            _tell_score(each) for each in found if isinstance(each, QuizScore) and each.last_at + IDLE >= now
        ]
        wanted = values["course"]
        return [row for row in (*videos, *scores) if wanted in ("", row["course_id"])]

    def _put(self, outputs: Collection[Output]) -> None:
        for output in outputs:
            self._drop(output.output_id)
            self._rows[output.output_id] = output
            value = output.value
            if isinstance(value, LiveValue):
                self._of_student[value.student_id].add(output.output_id)
            if isinstance(value, LiveSession):
                self._in_course[value.course_id].add(output.output_id)
            heapq.heappush(self._ends, (output.until, output.output_id))
        self._expire(self._clock())

    def _drop(self, output_id: bytes) -> None:
        output = self._rows.pop(output_id, None)
        if output is not None and isinstance(value := output.value, LiveValue):
            _take_out(self._of_student, value.student_id, output_id)
            if isinstance(value, LiveSession):
                _take_out(self._in_course, value.course_id, output_id)

    def _expire(self, now: Micros) -> None:
        while self._ends and self._ends[0][0] < now:
            until, output_id = heapq.heappop(self._ends)
            kept = self._rows.get(output_id)
            if kept is not None and kept.until == until:
                self._drop(output_id)


class LivePart:
    """The part of a :class:`LiveTable` that the processors of one partition fill."""

    kinds: ClassVar[Collection[str]] = LiveTable.kinds

    def __init__(self, table: LiveTable, about: About) -> None:
        self._table, self._about = table, about

    def apply(self, changes: Changes) -> None:
        self._table.apply(changes)

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:  # noqa: ARG002
        self._table.reconcile_some(outputs, self._about)


#: What can be asked.
LIVE_QUERIES = {"course_now": LiveTable.in_course, "student_now": LiveTable.of_student}


def _goes_on(session: LiveSession, now: Micros) -> bool:
    return session.ended is None and session.last_at + IDLE >= now


def _find_ended(outputs: Collection[Output]) -> set[tuple[str, bytes]]:
    said = (output.value for output in outputs)
    sessions = (each for each in said if isinstance(each, LiveSession) and each.ended and each.course_id)
    return {(each.course_id, each.student_id) for each in sessions}


def _take_out(index: dict[Any, set[bytes]], key: bytes | str, output_id: bytes) -> None:
    index[key].discard(output_id)
    if not index[key]:
        del index[key]


def _tell_place(session: LiveSession) -> Row:
    places = {"video": session.video_id, "quiz": session.assessment_id, "lesson": session.lesson_id}
    kind, item = next(((kind, item) for kind, item in places.items() if item), ("course", ""))
    return {
        "student_id": UUID(bytes=session.student_id),
        "kind": kind,
        "item_id": item,
        "since": from_micros(session.started_at),
        "last_activity_at": from_micros(session.last_at),
        "device": session.device_type,
    }


def _tell_video(video: VideoProgress) -> Row:
    return {
        "course_id": video.course_id,
        "kind": "video",
        "item_id": video.video_id,
        "last_activity_at": from_micros(video.last_at),
        "resume_at": video.resume_at,
        "duration": video.duration,
        "segments": video.segments,
    }


def _tell_score(score: QuizScore) -> Row:
    return {
        "course_id": score.course_id,
        "kind": "quiz",
        "item_id": score.assessment_id,
        "last_activity_at": from_micros(score.last_at),
        "attempt": score.attempt,
        "questions": score.answered,
        "correct": score.correct,
        "first_try_correct": score.first_try_correct,
        "score_pct": score.score,
        "handed_in_at": None if score.handed_in_at is None else from_micros(score.handed_in_at),
    }
