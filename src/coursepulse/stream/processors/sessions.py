"""The live session of a student: since when, where the student is now, on what device, and how it ended."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from coursepulse.definitions.sessions import IDLE, LONGEST
from coursepulse.events.event import Event
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.clock import Micros
from coursepulse.kit.ids import NIL
from coursepulse.stream.processor import Output, happened, make_id

KIND = "session"


class Ended(StrEnum):
    """Why a session is over."""

    BY_STUDENT = "session_end"
    IDLE = "idle"
    LONGEST = "longest"


class LiveSession(msgspec.Struct, frozen=True):
    """One session as far as it is known.

    :param last_at: the newest event; an ended session lasted until then
    :param run_at: start of the run of events without a long silence; every 24 hours of it are a session
    """

    student_id: bytes
    session_id: bytes
    started_at: Micros
    last_at: Micros
    run_at: Micros
    course_id: str = ""
    lesson_id: str = ""
    video_id: str = ""
    device_type: str = ""
    ended: Ended | None = None


class LiveSessions:
    """Keeps the sessions that :func:`coursepulse.definitions.sessions.split_sessions` finds afterwards, as they happen.

    A student who does something within 30 minutes after ``session_end`` is back in the same session.
    """

    name = "sessions"
    types = frozenset(TYPES)

    def key(self, event: Event) -> tuple[bytes, bytes] | None:
        return None if event.session_id == NIL else (event.student_id, event.session_id)

    def on_event(self, state: LiveSession | None, event: Event) -> tuple[LiveSession, list[Output]]:
        at = happened(event)
        closed: list[Output] = []
        if state is None or at - state.last_at > IDLE:
            opened = LiveSession(event.student_id, event.session_id, at, at, at)
        elif _lap(state.run_at, at) != _lap(state.run_at, state.last_at):
            closed = [] if state.ended else [_say(_end(state, Ended.LONGEST))]
            opened = LiveSession(event.student_id, event.session_id, at, at, state.run_at)
        else:
            opened = state
        now = _move(opened, event, at)
        return now, [*closed, _say(now)]

    def on_timer(self, state: LiveSession, now: Micros) -> tuple[LiveSession | None, list[Output]]:
        if now - state.last_at > IDLE:
            return None, [] if state.ended else [_say(_end(state, Ended.IDLE))]
        ended = _end(state, Ended.LONGEST)
        return ended, [_say(ended)]

    def due(self, state: LiveSession) -> Micros:
        idle = state.last_at + IDLE + 1
        return idle if state.ended else min(idle, _lap_ends(state))

    def forget(self, state: LiveSession, student: bytes) -> LiveSession | None:
        return None if state.student_id == student else state


def _lap(run_at: Micros, at: Micros) -> int:
    return (at - run_at) // LONGEST


def _lap_ends(state: LiveSession) -> Micros:
    return state.run_at + (_lap(state.run_at, state.last_at) + 1) * LONGEST


def _move(state: LiveSession, event: Event, at: Micros) -> LiveSession:
    """The student is where the newest event says; an event that names no course leaves the student in place."""
    elsewhere = event.course_id and event.course_id != state.course_id
    moved = bool(event.lesson_id or event.video_id) or elsewhere
    return msgspec.structs.replace(
        state,
        last_at=at,
        course_id=event.course_id or state.course_id,
        lesson_id=event.lesson_id if moved else state.lesson_id,
        video_id=event.video_id if moved else state.video_id,
        device_type=event.device_type or state.device_type,
        ended=Ended.BY_STUDENT if event.event_type == "session_end" else None,
    )


def _end(state: LiveSession, why: Ended) -> LiveSession:
    return msgspec.structs.replace(state, ended=why)


def _say(state: LiveSession) -> Output:
    return Output(make_id(KIND, state.student_id, state.session_id, state.started_at), KIND, state)
