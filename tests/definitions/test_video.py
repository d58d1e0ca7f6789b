from __future__ import annotations

import pytest

from coursepulse.events.event import Event
from tests.reference.playback import VideoKey, follow_players
from tests.reference.segments import best_report, pair_events
from tests.reference.video import Watch, WatchKey, drop_off

V1 = VideoKey("c1", "v1")


def video(kind: str, at: float, position: float | None = None, **more: object) -> Event:
    values = {"position": position, "course_id": "c1", "video_id": "v1"} | more
    ident = f"{at:09.3f}{kind}".encode()[:16].ljust(16)
    return Event(ident, f"video_{kind}", int(at * 1e6), b"s" * 16, b"x" * 16, **values)  # type: ignore[arg-type]


def pairs(*session: Event) -> list[tuple[float, float]]:
    return sorted(played.segment for played in pair_events(session))


@pytest.mark.parametrize(
    ("kinds", "playing"),
    [
        (["pause"], False),
        (["play"], True),
        (["progress"], True),
        (["seek"], False),
        (["rate_change"], False),
        (["play", "seek"], True),
        (["play", "rate_change"], True),
        (["play", "complete"], False),
        (["play", "pause", "seek"], False),
    ],
)
def test_what_plays(kinds: list[str], playing: bool) -> None:
    last = follow_players([video(kind, at) for at, kind in enumerate(kinds)])[-1]
    assert last is not None
    assert last.playing is playing


def test_rate_lasts_until_the_next_is_said() -> None:
    session = [video("play", 0, rate=2.0), video("progress", 1), video("rate_change", 2, rate=0.5)]
    assert [state.rate for state in follow_players(session) if state] == [2.0, 2.0, 0.5]


def test_seek_lands_where_it_says() -> None:
    assert pairs(video("play", 0, 0), video("seek", 10, 10, position_to=100), video("pause", 20, 110)) == [
        (0, 10),
        (100, 110),
    ]


def test_seek_that_does_not_say_where_it_lands_opens_nothing() -> None:
    assert pairs(video("play", 0, 0), video("seek", 10, 10), video("pause", 20, 110)) == [(0, 10)]


def test_position_before_the_start_is_no_end() -> None:
    assert pairs(video("play", 0, 100), video("pause", 10, 50)) == [(100, 110)]


def test_last_event_of_a_session_opens_nothing() -> None:
    assert pairs(video("play", 0, 0)) == []


def test_no_segment_ends_after_the_length_that_the_session_says() -> None:
    session = [
        video("play", 0, 80, duration=90.0),
        video("progress", 30, 110),
        video("pause", 40, duration=100.0),
    ]
    assert pairs(*session) == [(80, 100)]


def test_nameless_video_makes_no_segment() -> None:
    assert pairs(video("play", 0, 0, video_id=""), video("pause", 10, 10, video_id="")) == []


def test_other_video_does_not_end_this_one() -> None:
    session = [video("play", 0, 0), video("play", 5, 0, video_id="v2"), video("pause", 20, 20)]
    assert pairs(*session) == [(0, 15), (0, 20)]


@pytest.mark.parametrize(("wall", "end"), [(0.2, 5.0), (5.0, 0.2)])
def test_short_is_dropped_by_length_and_by_time(wall: float, end: float) -> None:
    assert pairs(video("play", 0, 0), video("pause", wall, end)) == []


def test_longest_report_wins_and_the_later_among_equals() -> None:
    short = video("pause", 3, segments=((0.0, 5.0),))
    early = video("pause", 1, segments=((0.0, 10.0),))
    late = video("pause", 2, segments=((5.0, 10.0), (0.0, 5.0)))
    report = best_report([late, short, early])
    assert report is not None
    assert (report.at, report.pieces) == (late.at, ((0, 5), (5, 10)))


def test_empty_and_backward_pieces_are_no_report() -> None:
    assert best_report([video("pause", 1), video("pause", 2, segments=((9.0, 3.0),))]) is None


def test_drop_off_needs_a_viewer_of_the_beginning() -> None:
    assert drop_off({WatchKey(b"a", V1): Watch(((50.0, 60.0),), 100.0)}, V1) is None
    assert drop_off({}, V1) is None


def test_drop_off_of_unknown_length_ends_with_the_last_viewer() -> None:
    assert drop_off({WatchKey(b"a", V1): Watch(((0.0, 11.0),), None)}, V1) == [1, 1, 1]


def test_nothing_watched_has_no_rewatch() -> None:
    assert Watch((), 100.0).rewatch is None
    assert Watch((), 100.0).percent == 0
