"""Sessions: runs of events of one student and session_id, and the visits inside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from coursepulse.definitions.sessions import IDLE, LONGEST
from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros, utc_date
from coursepulse.kit.ids import NIL
from tests.reference.order import in_order

Session = list[Event]


class Window(NamedTuple):
    """What a day is judged from: the events of one session_id on the day, the day before and the day after.

    :param today: the events of the day itself, in order
    :param sessions: the sessions of all three days; empty for the NIL session id
    """

    student_id: bytes
    session_id: bytes
    day: date
    today: list[Event]
    sessions: list[Session]


class Visit(NamedTuple):
    """The part of one session inside one course."""

    course_id: str
    first_at: Micros
    last_at: Micros


def open_windows(events: Iterable[Event]) -> list[Window]:
    """One window per student, session_id and UTC day with an event.

    Three days bound the work of recomputing a day, however long a client keeps one session_id.
    """
    days: dict[tuple[bytes, bytes], dict[date, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in in_order(events):
        days[event.student_id, event.session_id][utc_date(event.at)].append(event)
    return [
        Window(student_id, session_id, day, today, _sessions_around(session_id, day, of_id))
        for (student_id, session_id), of_id in days.items()
        for day, today in of_id.items()
    ]


def _sessions_around(session_id: bytes, day: date, days: dict[date, list[Event]]) -> list[Session]:
    if session_id == NIL:
        return []
    near = (day + timedelta(days=offset) for offset in (-1, 0, 1))
    return split_sessions([event for each in near for event in days.get(each, ())])


def split_sessions(events: Sequence[Event]) -> list[Session]:
    """Cut the ordered events of one session_id at silences over 30 minutes and every 24 hours of a run."""
    sessions: list[Session] = []
    run_start = last_at = lap = 0
    for event in events:
        idle = not sessions or event.at - last_at > IDLE
        if idle:
            run_start = event.at
        last_lap, lap = lap, (event.at - run_start) // LONGEST
        if idle or lap != last_lap:
            sessions.append([])
        sessions[-1].append(event)
        last_at = event.at
    return sessions


def visits_begun(window: Window) -> list[Visit]:
    """The visits whose first event lies on the window's day."""
    found: list[Visit] = []
    for session in window.sessions:
        moments: dict[str, list[Micros]] = defaultdict(list)
        for event in session:
            moments[event.course_id].append(event.at)
        found += [Visit(course_id, at[0], at[-1]) for course_id, at in moments.items()]
    return [visit for visit in found if utc_date(visit.first_at) == window.day]
