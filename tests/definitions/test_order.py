from __future__ import annotations

import pytest

from coursepulse.definitions.order import MEANING
from coursepulse.events.event import Event
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.clock import DAY
from tests.reference.order import in_order


def view(name: bytes, at: int, *, event_type: str = "forum_view", received_at: int = 0) -> Event:
    return Event(name.ljust(16), event_type, at, b"s" * 16, b"x" * 16, received_at=received_at)


def test_orders_by_time_then_id() -> None:
    a, b, c = view(b"z", 1), view(b"a", 2), view(b"b", 2)
    assert in_order([c, b, a]) == [a, b, c]


def test_every_type_has_its_place() -> None:
    assert sorted(MEANING) == sorted(TYPES)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("session_start", "lesson_start"),
        ("lesson_start", "session_end"),
        ("course_enroll", "session_start"),
        ("session_start", "session_end"),
        ("lesson_start", "course_unenroll"),
        ("course_enroll", "course_unenroll"),
        ("quiz_start", "quiz_answer"),
        ("quiz_answer", "quiz_submit"),
        ("quiz_submit", "lesson_complete"),
        ("lesson_complete", "course_complete"),
        ("course_complete", "certificate_issued"),
        ("assignment_submit", "assignment_graded"),
        ("payment_completed", "payment_refunded"),
        ("video_progress", "video_pause"),
        ("video_pause", "video_seek"),
        ("video_complete", "video_seek"),
        ("video_seek", "video_rate_change"),
        ("video_seek", "video_play"),
        ("lesson_complete", "video_play"),
    ],
)
def test_one_moment_is_ordered_by_what_its_events_mean(first: str, then: str) -> None:
    for names in ((b"a", b"b"), (b"b", b"a")):
        early, late = view(names[0], 1, event_type=first), view(names[1], 1, event_type=then)
        assert in_order([late, early]) == [early, late]


def test_first_received_wins_where_two_events_claim_one_id() -> None:
    first, second = view(b"a", 9, received_at=1), view(b"a", 5, received_at=2)
    assert in_order([first, second]) == in_order([second, first]) == [first]


def test_two_claims_received_at_once_are_settled_by_content() -> None:
    one, other = view(b"a", 5), view(b"a", 5, event_type="forum_post")
    assert in_order([one, other]) == in_order([other, one])


def test_an_id_that_comes_back_on_the_next_day_is_the_same_event() -> None:
    last, first = view(b"a", DAY - 1, received_at=2), view(b"a", DAY, received_at=1)
    assert in_order([first, last]) == in_order([last, first]) == [first]


def test_an_id_that_comes_back_two_days_later_is_another_event() -> None:
    days = [view(b"a", day * DAY, received_at=day) for day in range(3)]
    assert in_order(days) == in_order(reversed(days)) == [days[0], days[2]]


def test_leaves_out_own_events() -> None:
    assert in_order([view(b"a", 1, event_type="x_ping")]) == []
