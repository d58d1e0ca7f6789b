from __future__ import annotations

from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY
from coursepulse.kit.ids import to_bytes
from tests.reference.catalog import NO_CATALOG
from tests.reference.risk_inputs import gather_inputs


def happen(day: int, who: str, event_type: str) -> Event:
    event_id = to_bytes(f"{day} {who} {event_type}", "event")
    return Event(event_id, event_type, day * DAY, to_bytes(who, "student"), b"x" * 16, "c1")


def judged(*events: Event) -> set[bytes]:
    return gather_inputs(events, NO_CATALOG, "c1", 10 * DAY, {to_bytes("tutor", "student")}).keys() & {
        to_bytes(name, "student") for name in ("ann", "tutor")
    }


ANN = {to_bytes("ann", "student")}


def test_who_learns_is_in_the_course_without_an_enrolment() -> None:
    assert judged(happen(1, "ann", "forum_view")) == ANN


def test_who_left_is_not_judged_until_coming_back() -> None:
    left = [happen(1, "ann", "course_enroll"), happen(2, "ann", "course_unenroll")]
    assert judged(*left) == set()
    assert judged(*left, happen(3, "ann", "course_enroll")) == ANN


def test_staff_is_not_judged() -> None:
    assert judged(happen(1, "tutor", "course_enroll"), happen(1, "ann", "course_enroll")) == ANN


def test_what_lies_after_now_is_not_known() -> None:
    assert judged(happen(11, "ann", "course_enroll")) == set()
    inputs = gather_inputs(
        [happen(9, "ann", "forum_view"), happen(11, "ann", "forum_view")], NO_CATALOG, "c1", 10 * DAY
    )
    assert [each.days_silent for each in inputs.values()] == [1]
