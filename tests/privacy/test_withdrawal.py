"""Events that are taken back: every number becomes what it would be without them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.server import Platform

WITH, WITHOUT = "taken-back-101", "never-sent-101"
#: Minutes since the beginning, student, type, payload, and whether it is a mistake.
STORY: tuple[tuple[int, str, str, dict[str, Any], bool], ...] = (
    (0, "ann", "course_enroll", {}, False),
    (1, "bob", "course_enroll", {}, False),
    (10, "ann", "lesson_start", {}, False),
    (12, "ann", "video_play", {"current_time": 0, "video_duration": 300}, False),
    (14, "ann", "video_pause", {"current_time": 120}, False),
    (15, "ann", "video_play", {"current_time": 120}, True),
    (17, "ann", "video_pause", {"current_time": 240}, False),
    (20, "ann", "quiz_answer", {"question_id": "q-a", "is_correct": True}, True),
    (21, "ann", "quiz_answer", {"question_id": "q-a", "is_correct": False}, False),
    (22, "ann", "quiz_submit", {"score": 10}, True),
    (23, "bob", "quiz_submit", {"score": 90}, False),
    (24, "ann", "course_unenroll", {}, True),
    (24 * 60 * 3, "ann", "lesson_complete", {}, True),
    (24 * 60 * 4, "cat", "course_complete", {}, True),
)
METRICS = (
    "course_summary",
    "course_daily",
    "course_students",
    "course_assessments",
    "course_lessons",
    "course_videos",
    "question_first_try",
    "events_by_type",
)


def test_numbers_are_as_if_they_had_never_been_sent(running_server: Platform) -> None:
    sender = running_server
    sender.agree(*(f"{course}-{name}" for course in (WITH, WITHOUT) for name in ("ann", "bob", "cat")))
    sender.send(*tell(WITH, mistakes=True), *tell(WITHOUT, mistakes=False))
    sender.settle()
    assert numbers(sender, WITH) != numbers(sender, WITHOUT)
    wrong = [f"{WITH}-{number}" for number, step in enumerate(STORY) if step[4]]
    assert withdraw(sender, *wrong, "nobody-sent-this") == len(wrong)
    assert numbers(sender, WITH) == numbers(sender, WITHOUT)
    assert withdraw(sender, *wrong) == 0
    # They do not come in again, and what follows finds the sessions as they are now.
    later = [event(course, 99, 25, "ann", "lesson_start", {}) for course in (WITH, WITHOUT)]
    sender.send(*tell(WITH, mistakes=True), *later)
    sender.settle()
    assert numbers(sender, WITH) == numbers(sender, WITHOUT)


def test_whose_events_they_were_finds_who_took_them_back(running_server: Platform) -> None:
    sender, course = running_server, "told-101"
    sender.agree(f"{course}-ann", f"{course}-bob")
    sender.send(*(event(course, number, 0, "ann", "lesson_start", {}) for number in range(2)))
    sender.send(event(course, 2, 0, "bob", "lesson_start", {}))
    sender.settle()
    assert withdraw(sender, f"{course}-0", f"{course}-1") == 2
    for name, times in (("ann", 1), ("bob", 0)):
        asked = {"student": f"{course}-{name}", "tag": "events:events:withdrawn"}
        found = sender.http.get("/v1/audit", params=asked).raise_for_status().json()["entries"]
        assert len(found) == times


def test_only_keys_for_history_take_events_back(running_server: Platform) -> None:
    headers = {"Authorization": "Bearer nobody"}
    answer = running_server.http.post("/v1/withdrawals", json=["a"], headers=headers)
    assert answer.status_code == 403
    assert withdraw(running_server) == 0
    assert running_server.http.post("/v1/withdrawals", json=["a"] * 1001).status_code == 413
    assert running_server.http.post("/v1/withdrawals", json=["a\0"]).status_code == 400


def tell(course: str, *, mistakes: bool) -> list[dict[str, Any]]:
    return [event(course, number, *step[:4]) for number, step in enumerate(STORY) if mistakes or not step[4]]


def event(
    course: str, number: int, minute: int, name: str, event_type: str, payload: dict[str, Any]
) -> dict[str, Any]:
    begin = (datetime.now(UTC) - timedelta(days=6)).replace(hour=9, minute=0, second=0, microsecond=0)
    context = {"course_id": course, "lesson_id": "l1"}
    if event_type.startswith("video"):
        context["video_id"] = "v1"
    if event_type.startswith("quiz"):
        context["assessment_id"] = "q1"
    return {
        "event_id": f"{course}-{number}",
        "event_type": event_type,
        "timestamp": (begin + timedelta(minutes=minute)).isoformat(),
        "student_id": f"{course}-{name}",
        "session_id": f"{course}-{name}",
        "context": context,
        "payload": payload,
    }


def withdraw(sender: Platform, *ids: str) -> int:
    answer = sender.http.post("/v1/withdrawals", json=list(ids)).raise_for_status().json()
    return int(answer["withdrawn"])


def numbers(sender: Platform, course: str) -> dict[str, list[dict[str, Any]]]:
    """What the metrics say of a course, without the names by which the two are told apart."""
    return {
        metric: sorted(
            (bare(row) for row in sender.metric(metric, course=course, **period(metric))), key=repr
        )
        for metric in METRICS
    }


def period(metric: str) -> dict[str, str]:
    if metric in ("course_lessons", "course_videos", "course_assessments", "question_first_try"):
        return {}
    today = datetime.now(UTC).date()
    return {"from": str(today - timedelta(days=8)), "to": str(today + timedelta(days=1))}


def bare(row: dict[str, Any]) -> dict[str, Any]:
    named = {"course_id", "student_id", "external_id", "name", "title"}
    return {key: value for key, value in row.items() if key not in named}
