"""The live session, against the definition of a session that numbers are made by."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coursepulse.definitions.sessions import IDLE, LONGEST
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros
from coursepulse.kit.ids import NIL
from coursepulse.stream.processors.sessions import Ended, LiveSession, LiveSessions
from tests.reference.order import in_order
from tests.reference.sessions import split_sessions
from tests.stream.processors.replay import replay

NOON = 20_500 * DAY + DAY // 2
ANN, VISIT = b"a" * 16, b"v" * 16


def event(number: int, at: Micros, kind: str = "video_play", **more: Any) -> Event:
    made = Event(number.to_bytes(16), kind, at, ANN, VISIT, "maths", received_at=at)
    return msgspec.structs.replace(made, **more)


def watch(*events: Event, until: Micros) -> list[LiveSession]:
    found: list[LiveSession] = replay(LiveSessions(), [[one] for one in events], until).values("session")
    return sorted(found, key=lambda session: session.started_at)


def test_a_session_says_since_when_and_where_the_student_is() -> None:
    [live] = watch(
        event(1, NOON, "session_start", device_type="mobile"),
        event(2, NOON + MINUTE, "lesson_start", lesson_id="l1"),
        event(3, NOON + 2 * MINUTE, lesson_id="l1", video_id="v1"),
        event(4, NOON + 3 * MINUTE, "forum_view"),
        until=NOON + 4 * MINUTE,
    )
    assert live == LiveSession(ANN, VISIT, NOON, NOON + 3 * MINUTE, "maths", "l1", "v1", device_type="mobile")


def test_another_course_is_another_place() -> None:
    [live] = watch(
        event(1, NOON, lesson_id="l1", video_id="v1"),
        event(2, NOON + 1, "forum_view", course_id="art"),
        until=NOON + 2,
    )
    assert (live.course_id, live.lesson_id, live.video_id) == ("art", "", "")


def test_session_end_closes_it_and_coming_back_soon_opens_it_again() -> None:
    end = event(2, NOON + MINUTE, "session_end")
    [over] = watch(event(1, NOON), end, until=NOON + 2 * MINUTE)
    assert (over.ended, over.last_at) == (Ended.BY_STUDENT, NOON + MINUTE)
    [back] = watch(event(1, NOON), end, event(3, NOON + 2 * MINUTE), until=NOON + 3 * MINUTE)
    assert (back.ended, back.started_at) == (None, NOON)
    [gone] = watch(event(1, NOON), end, until=NOON + DAY)
    assert gone.ended is Ended.BY_STUDENT


def test_silence_closes_it_after_thirty_minutes_and_no_sooner() -> None:
    assert [live.ended for live in watch(event(1, NOON), until=NOON + IDLE)] == [None]
    [over] = watch(event(1, NOON), until=NOON + IDLE + 1)
    assert (over.ended, over.last_at) == (Ended.IDLE, NOON)


def test_a_day_closes_it_though_the_student_goes_on() -> None:
    steps = LONGEST // (20 * MINUTE)
    events = [event(n, NOON + n * 20 * MINUTE) for n in range(steps + 1)]
    first, second = watch(*events, until=events[-1].at)
    assert (first.ended, first.started_at) == (Ended.LONGEST, NOON)
    assert (second.ended, second.started_at) == (None, NOON + LONGEST)
    [still] = watch(*events[:-1], until=NOON + LONGEST)
    assert still.ended is Ended.LONGEST


def test_a_clock_that_is_ahead_extends_no_session() -> None:
    [over] = watch(event(1, NOON + HOUR, received_at=NOON), until=NOON + IDLE + 1)
    assert (over.last_at, over.ended) == (NOON, Ended.IDLE)


def test_events_without_a_session_open_none() -> None:
    assert watch(event(1, NOON, session_id=NIL), until=NOON) == []


@settings(
    max_examples=60, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, SECOND, 29 * MINUTE, IDLE, IDLE + 1, 3 * HOUR, LONGEST]),
            st.sampled_from(["video_play", "lesson_start", "session_end"]),
            st.integers(1, 60),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_live_sessions_are_those_of_the_definition(steps: list[tuple[Micros, str, int]]) -> None:
    at, events = NOON, list[Event]()
    for gap, kind, repeats in steps:
        for _ in range(repeats if gap == 29 * MINUTE else 1):
            at += gap
            events.append(event(len(events), at, kind))
    expected = [(some[0].at, some[-1].at) for some in split_sessions(in_order(events))]
    found = watch(*events, until=at + DAY)
    assert [(live.started_at, live.last_at) for live in found] == expected
    assert all(live.ended for live in found)
