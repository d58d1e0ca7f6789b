"""Choices, threads, live classes, exercises and moments of a video, computed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from coursepulse.definitions.items import judge_choice
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.kit.ids import to_bytes
from coursepulse.metrics.evidence.answer import Wanted
from coursepulse.metrics.query import Query
from tests.metrics.test_queries_course import moment, select, world
from tests.support.campus_world import ADMIN, World, pseudonym

__all__ = ["world"]

_numbers = count()
CLASS = [f"pupil-{number}" for number in range(12)]


def act(who: str, kind: str, at: datetime, **said: Any) -> Event:
    return Event(
        to_bytes(f"act {next(_numbers)}", "event"),
        kind,
        to_micros(at),
        pseudonym(who),
        to_bytes(f"{who} acts", "session"),
        "acts",
        **said,
    )


def answer(who: str, question: str, choice: str, *, right: bool, minute: int = 0) -> Event:
    at = moment(3, 10) + timedelta(minutes=minute)
    return act(
        who, "quiz_answer", at, assessment_id="q1", question_id=question, answer_id=choice, correct=right
    )


def sitting(place: int, who: str) -> Iterator[Event]:
    """The first four know both questions, the others know neither; of these every other one falls for `b`."""
    knows = place < 4
    yield answer(who, "1", "a" if knows else "bc"[place % 2], right=knows)
    yield answer(who, "2", "a" if knows else "d", right=knows)


@pytest.fixture
def told(world: World) -> World:
    """The class of this file, asked to the end of the ninth."""
    world.enrol_people(dict.fromkeys(map(pseudonym, CLASS), "UTC"))
    return world


def ask(world: World, metric: str, **wish: Any) -> list[dict[str, Any]]:
    return world.ask(metric, course="acts", **wish)


def test_each_choice_is_counted_in_the_upper_and_the_lower_group(told: World) -> None:
    log = [event for place, who in enumerate(CLASS) for event in sitting(place, who)]
    # A second answer does not count, but shows that there is a choice `z`.
    told.take_in([*log, answer(CLASS[0], "1", "z", right=False, minute=5)])
    rows = [row for row in ask(told, "course_choices") if row["question_id"] == "1"]
    columns = ("answer_id", "right", "answered", "chosen", "upper", "lower")
    assert select(rows, *columns) == [
        ("a", True, 12, 4, 4, 0),
        ("b", False, 12, 4, 0, 4),
        ("c", False, 12, 4, 0, 4),
        ("z", False, 12, 0, 0, 0),
    ]
    assert [rows[1][share] for share in ("upper_pct", "lower_pct")] == [0, 50]


@pytest.mark.parametrize(
    ("right", "shares", "role"),
    [
        (True, (50, 80, 20), "key"),
        (False, (0, 0, 0), "unused"),
        (False, (4.9, 0, 10), "hardly_used"),
        (False, (20, 10, 30), "works"),
        (False, (20, 30, 10), "misleads"),
        (False, (20, None, None), None),
        (False, (None, None, None), None),
    ],
)
def test_what_a_choice_does(
    right: bool, shares: tuple[float | None, float | None, float | None], role: str | None
) -> None:
    chosen, upper, lower = shares
    assert judge_choice(right=right, chosen_pct=chosen, upper_pct=upper, lower_pct=lower) == role


def test_a_thread_waits_until_somebody_else_answers(told: World) -> None:
    asks, helps, reads = CLASS[:3]
    told.take_in(
        [
            act(asks, "forum_post", moment(2, 9), thread_id="t1"),
            act(asks, "forum_reply", moment(2, 10), thread_id="t1"),
            act(reads, "forum_view", moment(2, 11), thread_id="t1"),
            act(asks, "forum_post", moment(3, 9), thread_id="t2"),
            act(helps, "forum_reply", moment(4, 9), thread_id="t2"),
        ]
    )
    rows = ask(told, "course_threads")
    assert select(rows, "thread_id", "answer", "waits", "replies", "readers", "answered_at") == [
        ("t1", "waiting", 7, 1, 1, None),
        ("t2", "answered", None, 1, 0, moment(4, 9)),
    ]
    people = {row["student_id"]: row for row in ask(told, "course_participation")}
    helped = {
        name: (people[told.uuid(pseudonym(name))]["helped"], people[told.uuid(pseudonym(name))]["helped_by"])
        for name in (asks, helps, reads)
    }
    assert helped == {asks: (0, 1), helps: (1, 0), reads: (0, 0)}
    question = Query(metric="course_participation", course="acts")
    for who, column, other in ((helps, "helped", asks), (asks, "helped_by", helps)):
        wanted = Wanted(column, {"student_id": str(told.uuid(pseudonym(who)))})
        explained = told.metrics.explain(question, wanted, ADMIN)
        found = [(item["student_id"], item["replies"]) for item in explained.items]
        assert (explained.total, found) == (1, [(told.uuid(pseudonym(other)), 1)])
    waiting = ask(told, "course_waiting")
    assert select(waiting, "student_id", "thread_id", "waits", "readers") == [
        (told.uuid(pseudonym(asks)), "t1", 7, 1)
    ]
    # Before the answer both wait, and nobody has helped.
    early = ask(told, "course_threads", end=date(2026, 3, 4))
    assert select(early, "thread_id", "answer") == [("t1", "waiting"), ("t2", "waiting")]
    waited = ask(told, "course_waiting", end=date(2026, 3, 4))
    assert select(waited, "thread_id") == [("t1",), ("t2",)]


def test_attendance_of_a_live_class(told: World) -> None:
    stays, leaves, never = CLASS[3:6]
    told.take_in(
        [
            act(stays, "live_session_join", moment(5, 9), live_session_id="c1"),
            act(stays, "interactive_attempt", moment(5, 9, 10), interactive_id="poll", correct=True),
            act(stays, "live_session_leave", moment(5, 9, 30), live_session_id="c1"),
            act(stays, "live_session_join", moment(5, 9, 40), live_session_id="c1"),
            act(stays, "live_session_leave", moment(5, 10), live_session_id="c1"),
            act(leaves, "live_session_join", moment(5, 9, 5), live_session_id="c1"),
            act(leaves, "live_session_leave", moment(5, 9, 15), live_session_id="c1"),
            act(leaves, "interactive_attempt", moment(5, 9, 50), interactive_id="poll", correct=False),
            act(never, "live_session_join", moment(5, 9, 5), live_session_id="c1"),
        ]
    )
    (row,) = ask(told, "course_live")
    assert [row[name] for name in ("attended", "stay", "took_part", "interactions")] == [3, 1800, 1, 1]
    assert row["began_at"] == moment(5, 9)
    (poll,) = ask(told, "course_exercises")
    assert [poll[name] for name in ("learners", "attempts", "first_try_pct", "solved")] == [2, 2, 50, 1]


def test_what_viewers_do_at_each_moment(told: World) -> None:
    slow, fast = CLASS[6:8]

    def video(who: str, kind: str, second: int, place: float, **said: Any) -> Event:
        at = moment(6, 9) + timedelta(seconds=second)
        return act(who, kind, at, video_id="v9", position=place, **said)

    told.take_in(
        [
            video(slow, "video_play", 0, 0),
            video(slow, "video_pause", 7, 7),
            video(fast, "video_play", 0, 0, rate=2.0),
            video(fast, "video_seek", 5, 10, position_to=2),
            video(fast, "video_play", 100, 0),
            # No player is that fast: what it says is not believed.
            video(fast, "video_pause", 101, 300),
        ]
    )
    rows = ask(told, "video_moments", video="v9")
    assert len(rows) == 61
    columns = ("second", "players", "faster", "pausers", "leavers", "arrivals")
    assert select(rows[:4], *columns) == [
        (0, 2, 1, 0, 0, 1),
        (5, 2, 1, 1, 0, 0),
        (10, 0, 0, 0, 1, 0),
        (15, 0, 0, 0, 0, 0),
    ]
    assert (rows[60]["second"], rows[60]["pausers"], rows[30]["players"]) == (300, 1, 0)


def test_a_withdrawn_consent_takes_threads_away(told: World) -> None:
    told.take_in([act(CLASS[9], "forum_post", moment(7, 9), thread_id="t9")])
    assert "t9" in {row["thread_id"] for row in ask(told, "course_threads")}
    told.clickhouse.insert("not_agreed", [(str(told.uuid(pseudonym(CLASS[9]))), 21, 0)])
    assert "t9" not in {row["thread_id"] for row in ask(told, "course_threads")}


def test_the_lesson_after_which_learners_fall_silent(told: World) -> None:
    stops, early, goes_on = "pupil-20", "pupil-21", "pupil-22"
    begun = datetime(2026, 2, 1, 9, tzinfo=UTC)

    def lesson(who: str, kind: str, day: int, name: str, minute: int = 0) -> Event:
        at = begun + timedelta(days=day, minutes=minute)
        return act(who, kind, at, lesson_id=name)

    told.take_in(
        [
            *(lesson(stops, "lesson_complete", 0, "l1"), lesson(stops, "lesson_start", 2, "l2")),
            # One day, two lessons: the later one in the course.
            *(lesson(early, "lesson_start", 1, "l2"), lesson(early, "lesson_start", 1, "l1", 5)),
            *(lesson(goes_on, "lesson_start", 0, "l1"), lesson(goes_on, "lesson_start", 33, "l1")),
        ]
    )
    told_now = {row["lesson_id"]: row["stopped"] for row in ask(told, "course_lessons")}
    assert told_now == {"l1": 0, "l2": 2}
    # A fortnight after the first stopped nobody can say yet.
    before = ask(told, "course_lessons", end=date(2026, 2, 15))
    assert [row["stopped"] for row in before] == [0, 0]
