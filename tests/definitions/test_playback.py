"""Where a playhead is, and how fast it goes, when a player says too little or says it late."""

from __future__ import annotations

import pytest

from coursepulse.definitions.coverage import merge_segments
from tests.definitions.test_video import pairs, video
from tests.reference.playback import follow_players


def positions(*session: object) -> list[float | None]:
    return [state and state.position for state in follow_players(session)]  # type: ignore[arg-type]


def test_a_missing_position_is_worked_out_from_the_last_one_and_the_speed() -> None:
    session = [video("play", 0, 10, rate=2.0), video("progress", 10), video("rate_change", 20, rate=1.0)]
    session += [video("progress", 30), video("pause", 40), video("progress", 50)]
    assert positions(*session) == [10, 30, 50, 60, 70, 70]
    assert pairs(*session) == [(10, 30), (30, 50), (50, 60), (60, 70)]


def test_it_is_not_worked_out_beyond_the_end_or_from_nowhere() -> None:
    assert positions(video("play", 0, 80, duration=90.0), video("progress", 30)) == [80, 90]
    assert positions(video("play", 0), video("progress", 30)) == [None, None]
    assert positions(video("play", 0, 0), video("seek", 10, 10), video("progress", 20)) == [0, None, None]


@pytest.mark.parametrize("kind", ["play", "progress", "rate_change", "pause"])
@pytest.mark.parametrize(("left", "landed"), [(10, 300), (300, 10)])
def test_a_position_from_before_the_seek_is_not_believed(kind: str, left: float, landed: float) -> None:
    session = [video("play", 0, left - 10), video("seek", 10, left, position_to=landed)]
    session += [
        video(kind, 10.5, left + 0.1),
        video("play", 11, landed + 0.5),
        video("pause", 20, landed + 9),
    ]
    covered = [(left - 10, left), (landed, landed + 9)]
    assert merge_segments(pairs(*session)) == merge_segments(covered)


def test_a_paused_player_may_play_late_and_still_say_where_it_was() -> None:
    session = [video("play", 0, 0), video("pause", 10, 10), video("seek", 12, 10, position_to=300)]
    session += [video("play", 90, 10), video("pause", 120, 330)]
    assert pairs(*session) == [(0, 10), (300, 330)]


def test_a_seek_that_was_taken_back_is_not_believed_for_long() -> None:
    session = [video("play", 0, 0), video("seek", 10, 10, position_to=300)]
    session += [video("progress", 30, 12), video("pause", 40, 22)]
    assert (12, 22) in pairs(*session)


def test_a_speed_stays_for_the_next_video_of_the_session() -> None:
    session = [video("play", 0, 0), video("rate_change", 1, 1, rate=2.0), video("pause", 51, 101)]
    session += [video("play", 120, 0, video_id="v2"), video("pause", 220, 200, video_id="v2")]
    assert pairs(*session) == [(0, 1), (0, 200), (1, 101)]


def test_a_speed_chosen_elsewhere_counts_from_the_next_play() -> None:
    session = [video("play", 0, 0, rate=1.0), video("rate_change", 5, 0, rate=2.0, video_id="v2")]
    session += [video("progress", 10, 10), video("play", 20, 20)]
    assert [state.rate for state in follow_players(session) if state] == [1.0, 2.0, 1.0, 2.0]


def test_complete_does_not_stop_a_player_in_the_middle_of_a_video() -> None:
    enough = [video("play", 0, 0, duration=600.0), video("complete", 270, 270), video("pause", 600, 600)]
    assert pairs(*enough) == [(0, 270), (270, 600)]
    over = [video("play", 0, 0, duration=272.0), video("complete", 270, 270), video("pause", 600, 272)]
    assert pairs(*over) == [(0, 270)]
    nobody_knows = [video("play", 0, 0), video("complete", 270, 270), video("pause", 600, 600)]
    assert pairs(*nobody_knows) == [(0, 270)]
