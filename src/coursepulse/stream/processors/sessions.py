"""The live session of a student: since when, where the student is now, on what device, and how it ended."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache, reduce
from typing import NamedTuple

import msgspec

from coursepulse.definitions.order import MEANING
from coursepulse.definitions.sessions import IDLE, LONGEST
from coursepulse.events.closing import ClosedBy, is_closing
from coursepulse.events.event import Event
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.clock import MINUTE, Micros
from coursepulse.kit.ids import NIL
from coursepulse.stream.processor import Output, happened, make_id, order
from coursepulse.stream.runs import add_run

SESSION, CLOSED = "session", "session_end"

#: Of the events of a minute the first and the last are kept, and those only until no late event can move the 24 hours.
_GRAIN: Micros = MINUTE

_NOWHERE = ("", "", "", "", "")

_END = MEANING.index("session_end")


class Ended(StrEnum):
    """Why a session is over."""

    BY_STUDENT = "session_end"
    IDLE = "idle"
    LONGEST = "longest"


class LiveSession(msgspec.Struct, frozen=True, gc=False):
    """One session as far as it is known.

    :param last_at: the newest event; an ended session lasted until then
    """

    student_id: bytes
    session_id: bytes
    started_at: Micros
    last_at: Micros
    course_id: str = ""
    lesson_id: str = ""
    video_id: str = ""
    assessment_id: str = ""
    device_type: str = ""
    ended: Ended | None = None


class ClosedSession(msgspec.Struct, frozen=True, gc=False):
    """A session that the server has closed: no event can change that any more."""

    student_id: bytes
    session_id: bytes
    started_at: Micros
    last_at: Micros
    by: ClosedBy


class Said(msgspec.Struct, frozen=True, array_like=True, order=True, omit_defaults=True, gc=False):
    """What an event said, and the place of that event among the others: of several the greatest holds."""

    at: Micros
    rank: int
    event_id: bytes
    course_id: str = ""
    lesson_id: str = ""
    video_id: str = ""
    assessment_id: str = ""
    device_type: str = ""


class SessionRun(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Events without a long silence between them; every 24 hours of a run are a session.

    :param began_at: the first event
    :param last: the newest event
    :param course: the newest event that names a course
    :param spot: the newest event that names a lesson, a video or an assessment
    :param device: the newest event that names a device
    :param spans: first and last moment of sessions, of events that no late one can put into another session
    :param points: moments of events that one still can
    """

    began_at: Micros
    last: Said
    course: Said | None = None
    spot: Said | None = None
    device: Said | None = None
    spans: tuple[tuple[Micros, Micros], ...] = ()
    points: tuple[Micros, ...] = ()

    @property
    def last_at(self) -> Micros:
        """The newest moment."""
        return self.last.at


class SessionRuns(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The runs of one student and session_id, which lie more than :data:`IDLE` apart."""

    student_id: bytes
    session_id: bytes
    runs: tuple[SessionRun, ...]


class _Lap(NamedTuple):
    """One session of a run.

    :param cut_at: when the run has gone on for another 24 hours
    :param newest: the run has no later one
    """

    started_at: Micros
    last_at: Micros
    cut_at: Micros
    newest: bool


class LiveSessions:
    """Keeps sessions as they happen: the ones that ``tests/reference/sessions.py`` finds afterwards.

    The same, but where a session is cut after 24 hours, the events of that minute may all be in one of the two.
    A student who does something within 30 minutes after ``session_end`` is back in the same session.
    """

    name, version = "sessions", 2
    types = frozenset(TYPES)
    state = SessionRuns
    #: What is older cannot keep a session open.
    lateness: Micros = IDLE

    def key(self, event: Event) -> bytes | None:
        if event.session_id == NIL or is_closing(event):
            return None
        return event.student_id + event.session_id

    def on_event(self, state: SessionRuns | None, event: Event) -> SessionRuns:
        runs = () if state is None else state.runs
        if state is not None and len(runs) == 1 and _lasts(runs[0], happened(event)):
            return SessionRuns(state.student_id, state.session_id, (_continue(runs[0], event),))
        return SessionRuns(event.student_id, event.session_id, add_run(runs, _read(event), IDLE, _join))

    def outputs(self, state: SessionRuns, now: Micros) -> list[Output]:
        return [
            output for run in state.runs for lap in _laps(run) for output in self._say(state, run, lap, now)
        ]

    def due(self, state: SessionRuns, now: Micros) -> Micros:
        moments = [moment for run in state.runs for lap in _laps(run) for moment in self._turns(lap)]
        return min([moment for moment in moments if moment > now], default=now + 1)

    def settle(self, state: SessionRuns, horizon: Micros) -> SessionRuns | None:
        open_runs = [run for run in state.runs if run.last_at + IDLE >= horizon]
        if not open_runs:
            return None
        safe = min(horizon, open_runs[0].began_at) + LONGEST
        kept = tuple(_fold(run, safe, horizon) for run in open_runs)
        return state if kept == state.runs else SessionRuns(state.student_id, state.session_id, kept)

    def _turns(self, lap: _Lap) -> tuple[Micros, ...]:
        """When something changes by itself."""
        silent = lap.last_at + IDLE + 1
        return lap.cut_at, silent, silent + self.lateness

    def _say(self, state: SessionRuns, run: SessionRun, lap: _Lap, now: Micros) -> Iterator[Output]:
        ended, until = _ended(run, lap, now), lap.last_at + IDLE
        who = state.student_id, state.session_id
        place = _place(run) if lap.newest else _NOWHERE
        session = LiveSession(*who, lap.started_at, lap.last_at, *place, ended=ended)
        yield Output(_output_id(*who, lap.started_at), SESSION, until, session)
        if ended in (Ended.IDLE, Ended.LONGEST) and now > until + self.lateness:
            closed = ClosedSession(*who, lap.started_at, lap.last_at, ClosedBy(ended))
            yield Output(make_id(CLOSED, *who, lap.started_at), CLOSED, until, closed)


@lru_cache(16_384)
def _output_id(student: bytes, session: bytes, started_at: Micros) -> bytes:
    return make_id(SESSION, student, session, started_at)


def _read(event: Event) -> SessionRun:
    """The run that an event is alone."""
    at, rank, event_id = order(event)
    place = (event.course_id, event.lesson_id, event.video_id, event.assessment_id)
    said = Said(at, rank, event_id, *place)
    return SessionRun(
        at,
        Said(at, rank, event_id),
        said if event.course_id else None,
        said if any(place[1:]) else None,
        Said(at, rank, event_id, device_type=event.device_type) if event.device_type else None,
        points=(at,),
    )


def _lasts(run: SessionRun, at: Micros) -> bool:
    """Whether something newer happened within a run, as most does."""
    return run.last.at < at <= run.last.at + IDLE


def _continue(run: SessionRun, event: Event) -> SessionRun:
    """:func:`_join` with something newer."""
    at, rank, event_id = order(event)
    course, spot, device, place = run.course, run.spot, run.device, (event.lesson_id, event.video_id)
    if event.course_id or place[0] or place[1] or event.assessment_id:
        said = Said(at, rank, event_id, event.course_id, *place, event.assessment_id)
        course = said if event.course_id else course
        spot = said if place[0] or place[1] or event.assessment_id else spot
    if event.device_type:
        device = Said(at, rank, event_id, device_type=event.device_type)
    last, points = Said(at, rank, event_id), _note(run.points, at)
    return SessionRun(run.began_at, last, course, spot, device, run.spans, points)


def _join(one: SessionRun, other: SessionRun) -> SessionRun:
    return SessionRun(
        min(one.began_at, other.began_at),
        max(one.last, other.last),
        _newer(one.course, other.course),
        _newer(one.spot, other.spot),
        _newer(one.device, other.device),
        tuple(sorted({*one.spans, *other.spans})) if other.spans else one.spans,
        reduce(_note, other.points, one.points),
    )


def _newer(one: Said | None, other: Said | None) -> Said | None:
    return other if one is None or (other is not None and one < other) else one


def _note(points: tuple[Micros, ...], at: Micros) -> tuple[Micros, ...]:
    """Points with one more, in order: of each minute the first and the last."""
    if not points:
        return (at,)
    minute = at // _GRAIN
    start, end = bisect_left(points, minute * _GRAIN), bisect_left(points, (minute + 1) * _GRAIN)
    same = points[start:end]
    if same and same[0] <= at <= same[-1]:
        return points
    ends = {min((at, *same)), max((at, *same))}
    return (*points[:start], *sorted(ends), *points[end:])


def _laps(run: SessionRun) -> list[_Lap]:
    if run.last_at < run.began_at + LONGEST:
        return [_Lap(run.began_at, run.last_at, run.began_at + LONGEST, newest=True)]
    found: dict[int, tuple[Micros, Micros]] = {}
    for first, last in (*run.spans, *((at, at) for at in run.points)):
        number = (first - run.began_at) // LONGEST
        start, end = found.get(number, (first, last))
        found[number] = min(start, first), max(end, last)
    newest = max(found)
    return [
        _Lap(*found[number], run.began_at + (number + 1) * LONGEST, number == newest)
        for number in sorted(found)
    ]


def _fold(run: SessionRun, safe: Micros, horizon: Micros) -> SessionRun:
    """A run that keeps fewer points, and of its sessions those that something can still change.

    :param safe: what came before lies in the first 24 hours, wherever the run turns out to begin
    """
    limit = (max(safe, horizon) if run.began_at < horizon else safe) // _GRAIN * _GRAIN
    folded = run.points[: bisect_left(run.points, limit)]
    laps = _laps(msgspec.structs.replace(run, points=folded)) if folded or len(run.spans) > 1 else []
    spans = tuple((lap.started_at, lap.last_at) for lap in laps) or run.spans
    kept = tuple(span for span in spans if span[1] + IDLE >= horizon) or spans[-1:]
    return msgspec.structs.replace(run, spans=kept, points=run.points[len(folded) :])


def _ended(run: SessionRun, lap: _Lap, now: Micros) -> Ended | None:
    if not lap.newest:
        return Ended.LONGEST
    if run.last.rank == _END:
        return Ended.BY_STUDENT
    silent = lap.last_at + IDLE
    if now >= lap.cut_at and lap.cut_at <= silent:
        return Ended.LONGEST
    return Ended.IDLE if now > silent else None


def _place(run: SessionRun) -> tuple[str, str, str, str, str]:
    """Course, lesson, video, assessment and device, as the newest events say that name one.

    One that names nothing but the course leaves the student in place.
    """
    course, device = run.course.course_id if run.course else "", run.device.device_type if run.device else ""
    spot = run.spot
    if spot is None or spot.course_id not in ("", course):
        return course, "", "", "", device
    return course, spot.lesson_id, spot.video_id, spot.assessment_id, device
