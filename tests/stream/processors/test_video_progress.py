"""Watching as it happens, against the definition of what was played."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coursepulse.definitions.coverage import clip_segments, merge_segments
from coursepulse.definitions.sessions import IDLE, LONGEST
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros
from coursepulse.kit.ids import NIL
from coursepulse.stream.processors.video_progress import (
    MOST_MOMENTS,
    MOST_STRETCHES,
    VideoProgress,
    VideoProgressing,
)
from tests.reference.order import in_order
from tests.reference.playback import largest_durations
from tests.reference.segments import best_report, pair_events
from tests.reference.sessions import split_sessions
from tests.stream.processors.replay import replay

NOON = 20_500 * DAY + DAY // 2
ANN, VISIT = b"a" * 16, b"v" * 16


def event(
    number: int, at: Micros, kind: str = "video_play", position: float | None = None, **more: Any
) -> Event:
    made = Event(
        number.to_bytes(16), kind, at, ANN, VISIT, "maths", video_id="v1", received_at=at, position=position,
        duration=100.0,
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


def watch(*events: Event, until: Micros = 0) -> VideoProgress:
    [progress] = replay(VideoProgressing(), [[one] for one in events], until).values()
    assert isinstance(progress, VideoProgress)
    return progress


def test_coverage_grows_with_every_heartbeat() -> None:
    begun = [event(1, NOON, position=0.0), event(2, NOON + 30 * SECOND, "video_progress", 30.0)]
    now = watch(*begun)
    assert (now.playing, now.position, now.segments, now.watched_pct) == (True, 30.0, ((0.0, 30.0),), 30.0)
    assert not now.complete
    later = watch(*begun, event(3, NOON + 91 * SECOND, "video_progress", 91.0))
    assert (later.covered, later.complete) == (91.0, True)


def test_a_pause_is_where_to_go_on() -> None:
    paused = watch(event(1, NOON, position=0.0), event(2, NOON + 20 * SECOND, "video_pause", 20.0))
    assert (paused.playing, paused.resume_at) == (False, 20.0)


def test_who_goes_elsewhere_has_watched_until_then() -> None:
    left = watch(event(1, NOON, position=10.0), event(2, NOON + 8 * SECOND, "lesson_start", video_id=""))
    assert (left.playing, left.segments, left.resume_at) == (False, ((10.0, 18.0),), 18.0)


def test_the_end_is_followed_by_the_beginning() -> None:
    seen = watch(event(1, NOON, position=60.0), event(2, NOON + 37 * SECOND, "video_complete", 97.0))
    assert (seen.position, seen.resume_at) == (97.0, 0.0)


def test_what_was_skipped_is_not_covered() -> None:
    skipped = watch(
        event(1, NOON, position=0.0),
        event(2, NOON + 10 * SECOND, "video_seek", 10.0, position_to=80.0),
        event(3, NOON + 15 * SECOND, "video_pause", 85.0),
    )
    assert skipped.segments == ((0.0, 10.0), (80.0, 85.0))
    assert not skipped.complete


def test_an_event_that_comes_late_falls_into_its_place() -> None:
    ends = [event(1, NOON, position=0.0), event(3, NOON + 2 * MINUTE, "video_pause", 60.0)]
    late = event(2, NOON + MINUTE, "video_pause", 60.0, received_at=NOON + 3 * MINUTE)
    assert watch(*ends).covered == 60.0
    assert watch(*ends, late).segments == watch(ends[0], late, ends[1]).segments


def test_after_a_silence_coverage_begins_again_and_nothing_of_before_changes() -> None:
    seen = [event(1, NOON, position=0.0), event(2, NOON + 30 * SECOND, "video_pause", 30.0)]
    again = event(3, NOON + HOUR, position=30.0)
    first, second = replay(VideoProgressing(), [seen, [again]]).values()
    assert (first.segments, second.segments) == (((0.0, 30.0),), ())
    assert (second.playing, second.position) == (True, 30.0)


def test_nothing_is_played_over_the_cut_after_24_hours() -> None:
    steps = LONGEST // (25 * MINUTE)
    pings = [event(n, NOON + n * 25 * MINUTE, "forum_view", video_id="") for n in range(steps + 1)]
    before, after = LONGEST - 10 * SECOND, LONGEST + 10 * SECOND
    play = event(900, NOON + before, position=0.0)
    pause = event(901, NOON + after, "video_pause", 20.0)
    assert watch(*pings, play, pause).segments == ()
    assert watch(*pings[1:], play, pause).segments == ((0.0, 20.0),)


def test_back_ends_play_no_video() -> None:
    processor = VideoProgressing()
    assert processor.key(event(1, NOON, session_id=NIL)) is None


def test_state_is_let_go_of_when_nothing_can_change_it() -> None:
    over = replay(VideoProgressing(), [[event(1, NOON)]], NOON + IDLE + 11 * MINUTE)
    assert over.states == {}
    assert replay(VideoProgressing(), [[event(1, NOON)]], NOON + IDLE + 9 * MINUTE).states


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_burst_of_events_keeps_the_state_small(shuffled: bool) -> None:
    noise = random.Random(4)
    burst = [
        event(
            n, NOON + n * 10_000, "video_seek", noise.random() * 3600, position_to=noise.random() * 3600,
            video_id=f"v{n}", duration=3600.0,
        )
        for n in range(2_000)
    ]  # fmt: skip
    if shuffled:
        noise.shuffle(burst)
    made = replay(VideoProgressing(), [burst[start : start + 500] for start in range(0, 2_000, 500)])
    [state] = (msgspec.msgpack.decode(each, type=VideoProgressing.state) for each in made.states.values())
    [run] = state.runs
    assert len(run.moments) <= MOST_MOMENTS
    assert len(run.tip.videos) == 40
    assert len(run.names) <= MOST_MOMENTS + 80
    assert all(len(each.stretches) <= MOST_STRETCHES for each in run.tip.videos.values())
    assert len(next(iter(made.states.values()))) < 60_000


KINDS = (
    *("video_play", "video_play", "video_progress", "video_pause", "video_seek", "video_complete"),
    *("video_rate_change", "lesson_start", "quiz_answer", "session_end"),
)
STEP = st.tuples(
    st.sampled_from([0, SECOND, 10 * SECOND, 30 * SECOND, 4 * MINUTE, 6 * MINUTE, IDLE, IDLE + 1]),
    st.sampled_from(KINDS),
    st.sampled_from(["v1", "v1", "v2", ""]),
    st.sampled_from([None, 0.0, 5.0, 30.0, 31.5, 90.0, 99.0]),
    st.sampled_from([None, 0.0, 40.0]),
    st.sampled_from([None, None, 1.0, 2.0]),
    st.booleans(),
)


@st.composite
def viewings(draw: st.DrawFn) -> list[Event]:
    at, made = NOON, list[Event]()
    for gap, kind, video, position, landed, rate, reports in draw(st.lists(STEP, min_size=1, max_size=25)):
        at += gap
        watching = kind.startswith("video")
        more: dict[str, Any] = {"video_id": video if watching else "", "rate": rate if watching else None}
        more["position_to"] = landed if kind == "video_seek" else None
        if reports and kind == "video_pause" and position:
            more["segments"] = ((0.0, position),)
        made.append(event(len(made), at, kind, position if watching else None, **more))
    return made


FEW = settings(
    max_examples=80, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)


def expected(events: list[Event]) -> list[tuple[str, list[tuple[float, float]]]]:
    """What the definition says of each session and video, by the events of a whole session."""
    found = []
    for session in split_sessions(in_order(events)):
        durations = largest_durations(session)
        played = pair_events(session)
        for key in sorted({(e.course_id, e.video_id) for e in session if e.video_id}):
            mine = [each.segment for each in played if (each.event.course_id, each.event.video_id) == key]
            report = best_report(e for e in session if (e.course_id, e.video_id) == key)
            said = report.pieces if report else mine
            clipped = clip_segments(said, durations.get(key))  # type: ignore[call-overload]
            found.append((key[1], rounded(merge_segments(clipped))))
    return sorted(found)


def told(made: list[VideoProgress]) -> list[tuple[str, list[tuple[float, float]]]]:
    return sorted((each.video_id, rounded(each.segments)) for each in made)


def rounded(segments: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(round(start, 6), round(end, 6)) for start, end in segments]


@FEW
@given(viewings())
def test_live_coverage_is_that_of_the_definition(events: list[Event]) -> None:
    made = replay(VideoProgressing(), [[one] for one in events])
    assert told(made.values()) == expected(events)


@FEW
@given(viewings(), st.randoms(use_true_random=False))
def test_any_order_says_the_same(events: list[Event], noise: random.Random) -> None:
    one_by_one = replay(VideoProgressing(), [[one] for one in events])
    keyed = [(one.at + noise.randint(0, 5 * MINUTE), n) for n, one in enumerate(events)]
    shaken = [events[n] for _, n in sorted(keyed)]
    again = replay(VideoProgressing(), [[one, shaken[0]] for one in shaken], events[-1].at)
    assert again.rows == one_by_one.rows
    assert replay(VideoProgressing(), [shaken]).rows == one_by_one.rows
