from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from coursepulse.definitions.coverage import clip_segments, covered_seconds, cut_stretches, merge_segments
from tests.reference.coverage import repeated_seconds

Segments = list[tuple[float, float]]

whole = st.integers(0, 60).map(float)
segments = st.lists(st.tuples(whole, whole)).map(lambda found: clip_segments(found, 50))


@given(segments)
def test_agrees_with_counting_second_by_second(found: Segments) -> None:
    seen = Counter(second for start, end in found for second in range(int(start), int(end)))
    assert covered_seconds(found) == len(seen)
    assert repeated_seconds(found) == sum(times > 1 for times in seen.values())


@given(segments)
def test_stretches_say_how_often_each_second_was_played(found: Segments) -> None:
    seen = Counter(second for start, end in found for second in range(int(start), int(end)))
    cut = cut_stretches(found)
    told = {second: each.times for each in cut for second in range(int(each.start), int(each.end))}
    assert told == seen
    assert sum(each.length for each in cut) == len(seen)
    # Each is as long as can be.
    assert all(a.end < b.start or (a.end == b.start and a.times != b.times) for a, b in pairwise(cut))


@given(segments)
def test_union_is_disjoint_and_in_order(found: Segments) -> None:
    edges = [edge for segment in merge_segments(found) for edge in segment]
    assert edges == sorted(set(edges))


def test_clips_to_the_duration() -> None:
    assert clip_segments([(90, 120), (110, 130), (5, 5), (8, 3)], 100) == [(90, 100)]


def test_nothing_is_cut_off_a_video_of_unknown_length() -> None:
    assert clip_segments([(90, 120)], None) == [(90, 120)]
